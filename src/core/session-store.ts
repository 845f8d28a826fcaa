import type { BlocklistStore, EpochReading, TokenIdentity } from './blocklist.ts'

/** A session to be opened. */
export interface NewSession {
  readonly issuer: string
  readonly sid: string
  readonly sub: string
  /** Seconds that the session lives unless it is refreshed. */
  readonly idleTtl: number
  /** Seconds that it lives at most. */
  readonly absoluteTtl: number
}

/** A session as the store has it. Times are milliseconds since the epoch by the store's clock. */
export interface SessionRecord {
  readonly sid: string
  readonly sub: string
  /** How many times it was refreshed. */
  readonly generation: number
  readonly createdAt: number
  /** When the current generation was made: at creation, then at each refresh. */
  readonly rotatedAt: number
  /** When it ends unless it is refreshed; never after `createdAt` plus its absolute life. */
  readonly expiresAt: number
}

/** A session, with what minting its tokens needs. */
export interface OpenSession extends EpochReading {
  readonly session: SessionRecord
}

/** A refresh token that was presented, and the rules to judge it by. */
export interface RotationRequest {
  readonly identity: TokenIdentity
  /** The generation that the presented refresh token carries. */
  readonly generation: number
  /** Milliseconds within which the immediate predecessor gets the same successor again. */
  readonly grace: number
  /** Seconds, as in {@link NewSession}. */
  readonly idleTtl: number
  /** Seconds that the entry of a session ended by reuse is kept. */
  readonly retention: number
}

/**
 * What became of a refresh token.
 *
 * - `rotated`: it was current; the session is one generation further.
 * - `repeated`: it was current until a moment ago; here is the same successor again.
 * - `reused`: it had been spent. The session is ended, and that is in the log, in the same transaction.
 * - `revoked`: the token, its session or its subject's epoch is revoked.
 * - `expired`: the session's time is over.
 * - `unknown`: no such session, or a generation it has not reached.
 */
export type Rotation =
  | ({ readonly status: 'rotated' | 'repeated' } & OpenSession)
  | { readonly status: 'reused' | 'revoked' | 'expired' | 'unknown' }

/**
 * A store that keeps sessions beside the blocklist, because ending a session and recording that it ended is one write.
 * Its {@link BlocklistStore.revoke} of kind `session` also ends the session, of kind `subject` also all that the subject has.
 */
export interface SessionStore extends BlocklistStore {
  createSession(session: NewSession): Promise<OpenSession>
  /** Atomic, over all processes that share the store: of any number of racing callers exactly one rotates. */
  rotateSession(request: RotationRequest): Promise<Rotation>
}
