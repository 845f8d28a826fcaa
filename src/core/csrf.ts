import { createHash, timingSafeEqual } from 'node:crypto'
import type { Carrier } from './carrier.ts'
import type { Claims, TokenType } from './claims.ts'
import { type Refusal, refuse } from './refusal.ts'

/** What a GraphQL operation can do. */
export type OperationKind = 'query' | 'mutation' | 'subscription'

/** In which header a page shows that it can read what belongs to its own origin, by the type of the token. Lower case. */
export type CsrfSettings = Readonly<Record<TokenType, string>>

/**
 * Whether a request needs no proof of where it comes from: a query by GET changes nothing, and no page of another origin can read its answer.
 *
 * A kind that is not known counts as one that changes something.
 */
export function isHarmless({ method }: Carrier, kind: OperationKind | undefined): boolean {
  return method === 'GET' && kind === 'query'
}

/** The double-submit value that a request shows, or a refusal where it shows none. */
export function csrfValueOf(carrier: Carrier, header: string): string | Refusal {
  const values = carrier.headerValues(header)
  if (values.length === 0 || values[0] === '') return refuse('CSRF_MISSING')
  return values.length === 1 ? (values[0] as string) : refuse('CSRF_MISMATCH')
}

/**
 * Whether the value is the one that was signed into the token, in constant time: signed double submit, so a cookie that somebody planted beside the
 * token proves nothing. A token that has none matches nothing.
 */
export function isCsrfValueOf({ csrf }: Claims, value: string): boolean {
  return typeof csrf === 'string' && csrf !== '' && timingSafeEqual(digest(csrf), digest(value))
}

/** Of one length, whatever was sent. */
function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}
