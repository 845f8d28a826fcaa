/** Why a request is turned away before it is read. */
export interface OddRequest {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
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
export function oddity(request: Request, corsOrigins: readonly string[]): OddRequest | undefined {
  const { headers, method } = request
  const contentType = headers.get('content-type')
  const isJson = contentType !== null && /^application\/json\s*(;|$)/i.test(contentType)
  if (method === 'POST' && !isJson) {
    return { status: 415, message: 'A POST must have the header Content-Type: application/json.' }
  }
  if (method !== 'GET') return undefined
  if (contentType !== null && !isJson) {
    return { status: 415, message: 'A GET has no content, or the header Content-Type: application/json.' }
  }
  const site = headers.get('sec-fetch-site')
  const isForeign = site === 'cross-site' || site === 'same-site'
  const origin = headers.get('origin')
  if (!isForeign || isJson || ASKED_FIRST.some((name) => headers.has(name))) return undefined
  if (origin !== null && corsOrigins.includes(origin)) return undefined
  return {
    status: 403,
    message: `A GET from another site needs one of the headers ${ASKED_FIRST.join(', ')}.`,
  }
}
