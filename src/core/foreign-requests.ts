import type { Carrier } from './carrier.ts'
import { withoutTokens } from './logger.ts'

/** Why a request is turned away before it is read. */
export interface TurnedAway {
  readonly status: number
  readonly message: string
  /** Where a page of another origin sent it: which, as far as its browser says. */
  readonly foreign?: { readonly origin?: string }
}

/** Headers that a page cannot send to another origin without asking it first (a CORS preflight). */
export const ASKED_FIRST: readonly string[] = [
  'authorization',
  'x-csrf-token',
  'apollo-require-preflight',
  'x-apollo-operation-name',
  'x-graphql-yoga-csrf',
]

/**
 * Turns away what a form on any page can make a browser send: everything but a GET has to be JSON, which no form can send. Undefined where nothing is wrong.
 *
 * A method that is not known counts as one that changes something.
 */
export function refuseForm(carrier: Carrier): TurnedAway | undefined {
  const contentTypes = carrier.headerValues('content-type')
  const isJson = contentTypes.length === 1 && /^application\/json\s*(;|$)/i.test(contentTypes[0] ?? '')
  if (isJson || carrier.method === 'OPTIONS' || carrier.method === 'HEAD') return undefined
  if (carrier.method !== 'GET') {
    return {
      status: 415,
      message: `A ${carrier.method ?? 'request'} must have the header Content-Type: application/json.`,
    }
  }
  if (contentTypes.length === 0) return undefined
  return { status: 415, message: 'A GET has no content, or the header Content-Type: application/json.' }
}

/**
 * Turns away whatever a page of an origin that is not named sends, by the browser's own word (Fetch Metadata, else Origin beside Host). A preflight is no
 * excuse: whether it passes is up to the server's CORS, which may let everybody in.
 *
 * For servers whose users are recognised by cookies, or get some.
 */
export function refuseForeign(carrier: Carrier, origins: readonly string[]): TurnedAway | undefined {
  const [origin] = carrier.headerValues('origin')
  if (origin !== undefined && origins.includes(origin)) return undefined
  const [site] = carrier.headerValues('sec-fetch-site')
  const isForeign =
    site === undefined
      ? origin !== undefined && !isOwn(origin, carrier)
      : site === 'cross-site' || site === 'same-site'
  if (!isForeign) return undefined
  return {
    status: 403,
    message: 'A page of this origin may not ask.',
    foreign: origin !== undefined && isOrigin(origin) ? { origin: withoutTokens(origin) } : {},
  }
}

/**
 * Turns away a GET from another site that its browser did not have to ask for: it changes nothing, but its answer can be measured from outside (XS-Leaks).
 *
 * For servers whose users are recognised by headers.
 */
export function refuseUnasked(carrier: Carrier, origins: readonly string[]): TurnedAway | undefined {
  const [site] = carrier.headerValues('sec-fetch-site')
  const isForeign = site === 'cross-site' || site === 'same-site'
  const isAsked = ASKED_FIRST.some((name) => carrier.headerValues(name).length > 0)
  if (carrier.method !== 'GET' || !isForeign || isAsked) return undefined
  const [origin] = carrier.headerValues('origin')
  if (carrier.headerValues('content-type').length > 0) return undefined
  if (origin !== undefined && origins.includes(origin)) return undefined
  return {
    status: 403,
    message: `A GET from another site needs one of the headers ${ASKED_FIRST.join(', ')}.`,
  }
}

/** As browsers write it; anybody else may write anything. */
function isOrigin(origin: string): boolean {
  return origin.length < 300 && URL.canParse(origin) && new URL(origin).origin === origin
}

function isOwn(origin: string, carrier: Carrier): boolean {
  const [host] = carrier.headerValues('host')
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host
}
