import type { Refusal, RefusalReason } from '../core/refusal.ts'

/** How a WebSocket is closed: a code, and words of at most 123 bytes. */
export type Closing = readonly [code: number, why: string]

/** The codes: of graphql-transport-ws, whose clients log in and connect again at 4403, and of RFC 6455 section 7.4.1. */
const FORBIDDEN = 4403
const GOING_AWAY = 1001
const TRY_AGAIN_LATER = 1013

/** A page of another origin opened it. */
export const TURNED_AWAY: Closing = [FORBIDDEN, 'Forbidden: ORIGIN']

/** Nobody can say who opened it. */
export const UNJUDGED: Closing = [FORBIDDEN, 'Forbidden']

/** The server stops; its clients connect again, elsewhere where there is one. */
export const STOPPED: Closing = [GOING_AWAY, 'Going away']

/** Where it is not the token that is to blame. */
const BY_REASON: Partial<Readonly<Record<RefusalReason, Closing>>> = {
  REVOCATION_UNAVAILABLE: [TRY_AGAIN_LATER, 'Try again later'],
}

/** How a connection is closed for a refusal of its token, when it begins or later. */
export function closingFor({ reason }: Refusal): Closing {
  return BY_REASON[reason] ?? [FORBIDDEN, `Forbidden: ${reason}`]
}
