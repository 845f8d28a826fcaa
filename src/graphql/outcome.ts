import { REASONS, type RefusalCode, type RefusalDetails, type RefusalReason } from '../core/refusal.ts'

/** The HTTP side of a GraphQL result. */
export interface HttpOutcome {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/** A result as servers hand it over, its errors as objects or already formatted. */
export interface ResultLike {
  readonly data?: unknown
  readonly errors?: readonly { readonly extensions?: unknown }[] | undefined
}

/** What an `AuthError` says in its extensions. */
interface RefusalExtensions extends RefusalDetails {
  readonly code: RefusalCode
  readonly reason: RefusalReason
}

/** In the order of precedence, when a result holds refusals of several kinds. */
const STATUS: readonly (readonly [RefusalCode, number])[] = [
  ['SERVICE_UNAVAILABLE', 503],
  ['UNAUTHENTICATED', 401],
  ['FORBIDDEN', 403],
  ['BAD_REQUEST', 400],
  ['RATE_LIMITED', 429],
]

/** Seconds after which a client may ask again when the store could not answer. */
const RETRY_UNAVAILABLE = 1

/** Nobody presented a token, so there is none to call invalid (RFC 6750 section 3.1). */
const WITHOUT_TOKEN: ReadonlySet<RefusalReason> = new Set(['TOKEN_MISSING', 'CREDENTIALS_WRONG'])

/**
 * The status and headers of a result that refuses everything; undefined where the server's own stand.
 *
 * A result with data is a 200, also when some fields were refused: Apollo Client and others drop the body of anything else. So this
 * needs the whole result, and no single error can decide it.
 */
export function outcomeOf(result: ResultLike): HttpOutcome | undefined {
  if (result.data !== null && result.data !== undefined) return undefined
  const errors = result.errors ?? []
  const refusals = errors.map((error) => readRefusal(error.extensions))
  if (refusals.length === 0 || !refusals.every((refusal) => refusal !== undefined)) return undefined
  for (const [code, status] of STATUS) {
    const decisive = refusals.filter((refusal) => refusal.code === code)
    const [first] = decisive
    if (first !== undefined) return { status, headers: headersFor(first) }
  }
  return undefined
}

/** The status that an error which is no refusal carries for the server it meets. */
export function carriedOutcome(
  errors: readonly { readonly extensions?: unknown }[],
): HttpOutcome | undefined {
  for (const { extensions } of errors) {
    const { http } = (extensions ?? {}) as { readonly http?: { readonly status?: unknown } }
    if (typeof http?.status === 'number') return { status: http.status, headers: {} }
  }
  return undefined
}

function readRefusal(extensions: unknown): RefusalExtensions | undefined {
  if (typeof extensions !== 'object' || extensions === null) return undefined
  const refusal = extensions as RefusalExtensions
  const isOurs = typeof refusal.reason === 'string' && Object.hasOwn(REASONS, refusal.reason)
  return isOurs && REASONS[refusal.reason] === refusal.code ? refusal : undefined
}

function headersFor({ code, reason, scopes, retryAfter }: RefusalExtensions): Record<string, string> {
  switch (code) {
    case 'UNAUTHENTICATED':
      return challenge(WITHOUT_TOKEN.has(reason) ? '' : 'error="invalid_token"')
    case 'FORBIDDEN':
      return scopes?.[0] === undefined
        ? {}
        : challenge(`error="insufficient_scope", scope="${scopes[0].join(' ')}"`)
    case 'BAD_REQUEST':
      return challenge('error="invalid_request"')
    case 'RATE_LIMITED':
      return { 'Retry-After': String(retryAfter ?? RETRY_UNAVAILABLE) }
    case 'SERVICE_UNAVAILABLE':
      return { 'Retry-After': String(retryAfter ?? RETRY_UNAVAILABLE) }
  }
}

/** RFC 6750 section 3. Nothing of the request goes in: the scopes are the schema's, and were checked when it was built. */
function challenge(parameters: string): Record<string, string> {
  return { 'WWW-Authenticate': parameters === '' ? 'Bearer' : `Bearer ${parameters}` }
}
