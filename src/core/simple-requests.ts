import type { Carrier } from './carrier.ts'

/** Why a request is turned away before it is read. */
export interface OddRequest {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/** What tells an honest page from a foreign one. */
export interface OddityOptions {
  /** Origins of other pages that may ask. */
  readonly origins: readonly string[]
  /** Headers beside the usual ones that a page cannot send to another origin without asking first, in lower case. */
  readonly headers?: readonly string[]
}

/** Headers that a page cannot send to another origin without asking it first (a CORS preflight). */
const ASKED_FIRST = [
  'authorization',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'x-graphql-yoga-csrf',
]

/**
 * What is wrong with a request that any page could make a browser send, with the cookies of this server and without asking it; undefined where nothing is.
 *
 * A POST has to be JSON, which no form can send. A GET cannot change anything, but its answer can be measured from outside (XS-Leaks), so where the browser
 * says that another site is behind it (Fetch Metadata), one of the headers has to be there that make it ask.
 */
export function oddity(carrier: Carrier, { origins, headers = [] }: OddityOptions): OddRequest | undefined {
  const { method } = carrier
  const contentTypes = carrier.headerValues('content-type')
  const isJson = contentTypes.length === 1 && /^application\/json\s*(;|$)/i.test(contentTypes[0] ?? '')
  if (method === 'POST' && !isJson) {
    return { status: 415, message: 'A POST must have the header Content-Type: application/json.' }
  }
  if (method !== 'GET') return undefined
  if (contentTypes.length > 0 && !isJson) {
    return { status: 415, message: 'A GET has no content, or the header Content-Type: application/json.' }
  }
  const [site] = carrier.headerValues('sec-fetch-site')
  const isForeign = site === 'cross-site' || site === 'same-site'
  const asksFirst = [...ASKED_FIRST, ...headers]
  if (!isForeign || isJson || asksFirst.some((name) => carrier.headerValues(name).length > 0))
    return undefined
  const [origin] = carrier.headerValues('origin')
  if (origin !== undefined && origins.includes(origin)) return undefined
  return {
    status: 403,
    message: `A GET from another site needs one of the headers ${asksFirst.join(', ')}.`,
  }
}
