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
  /** What the session runs on, as its client says: at most 255 characters. Null where nothing is known. */
  readonly device: string | null
  /** Where the login came from: at most 255 characters. Null where nothing is known. */
  readonly address: string | null
  /** How many live sessions the subject may have, this one included. @default any number */
  readonly limit?: SessionLimit
}

/** How many live sessions a subject may have. */
export interface SessionLimit {
  readonly most: number
  /** Seconds that the entry of a session ended by the limit is kept. */
  readonly retention: number
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
  /** As they were given at creation. */
  readonly device: string | null
  readonly address: string | null
}

/** A session, with what minting its tokens needs. */
export interface OpenSession extends EpochReading {
  readonly session: SessionRecord
}

/** A session that was just opened, and the `sid` of those that the limit ended for it. */
export interface CreatedSession extends OpenSession {
  readonly ended: readonly string[]
}

/** One session to end, if it is the subject's. */
export interface SessionEnding {
  readonly issuer: string
  readonly sub: string
  readonly sid: string
  /** Seconds that its entry is kept. */
  readonly retention: number
}

/** All sessions of a subject to end, or all but one. */
export interface SessionsEnding {
  readonly issuer: string
  readonly sub: string
  /** The `sid` that goes on. Without it the subject's epoch is raised too, as by a revocation of kind `subject`. */
  readonly except?: string
  /** Seconds that the entries are kept. */
  readonly retention: number
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
  /**
   * Opens a session. Where that exceeds the limit the subject's oldest are ended and logged in the same transaction, so that it holds through
   * racing logins.
   */
  createSession(session: NewSession): Promise<CreatedSession>
  /** Atomic, over all processes that share the store: of any number of racing callers exactly one rotates. */
  rotateSession(request: RotationRequest): Promise<Rotation>
  /** The sessions of a subject that can be refreshed, the one that was used last first. */
  listSessions(issuer: string, sub: string): Promise<readonly SessionRecord[]>
  /** Every issuer under which the subject has a live session or an epoch above 0, each once: where there may be something to end. */
  listIssuers(sub: string): Promise<readonly string[]>
  /** Ends a live session of the subject and logs it. False, and nothing is changed, for any other: another's answers as an unknown one. */
  endSession(ending: SessionEnding): Promise<boolean>
  /** Ends live sessions of the subject and logs that, in one transaction; answers with their `sid`. */
  endSessions(ending: SessionsEnding): Promise<readonly string[]>
}
