import type { Refusal, RefusalReason } from '../../core/refusal.ts'

/** How a WebSocket is closed: a code, and words of at most 123 bytes. */
export type Closing = readonly [code: number, reason: string]

/** Why we close one. */
export type ClosingName = 'REFUSED' | 'TURNED_AWAY' | 'ID_TAKEN' | 'UNJUDGED' | 'FAILED' | 'STOPPED'

/** One row of {@link CLOSINGS}. */
interface ClosingRow {
  /** Of graphql-transport-ws, whose clients log in and connect again at 4403, or of RFC 6455 section 7.4.1. */
  readonly code: number
  /** What stands in angle brackets is filled in. */
  readonly reason: string
  readonly when: string
}

/** Every way in which we close a WebSocket. The table in docs/subscriptions.md says the same. */
export const CLOSINGS: Readonly<Record<ClosingName, ClosingRow>> = {
  REFUSED: {
    code: 4403,
    reason: 'Forbidden: <reason>',
    when: 'its token is not good, when it begins or later, after what ran by it was told',
  },
  TURNED_AWAY: {
    code: 4403,
    reason: 'Forbidden: ORIGIN',
    when: 'a page of another origin opened it, where tokens travel in cookies; the log says which',
  },
  ID_TAKEN: {
    code: 4409,
    reason: 'Subscriber for <id> already exists',
    when: 'an operation is asked for under the id of one that has not ended',
  },
  UNJUDGED: {
    code: 1013,
    reason: 'Try again later',
    when: 'nobody can say at its beginning whether its token is revoked',
  },
  FAILED: {
    code: 1011,
    reason: 'Internal error',
    when: 'the app failed: its `onConnect` threw (Mercurius), or does not say which request opened the socket; the log says more',
  },
  STOPPED: {
    code: 1001,
    reason: 'Going away',
    when: 'the server stops: ours, Mercurius, and yours where it calls `dispose()` of what `useServer` gave; its clients connect again',
  },
}

/** Bytes that the protocol has room for. */
const LONGEST = 123

/** @param detail what takes the place of the angle brackets, unless it is too long (clients choose their ids) */
export function closing(name: ClosingName, detail = ''): Closing {
  const { code, reason } = CLOSINGS[name]
  const whole = reason.replace(/<\w+>/, () => detail)
  return [code, Buffer.byteLength(whole) > LONGEST ? reason : whole]
}

/** Where it is not the token that is to blame. */
const BY_REASON: Partial<Readonly<Record<RefusalReason, ClosingName>>> = {
  REVOCATION_UNAVAILABLE: 'UNJUDGED',
}

/** How a connection is closed for a refusal of its token, when it begins or later. */
export function closingFor({ reason }: Refusal): Closing {
  return closing(BY_REASON[reason] ?? 'REFUSED', reason)
}
