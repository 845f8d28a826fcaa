/**
 * What identifies a token for revocation, all of it from verified claims, never from its text.
 */
export interface TokenIdentity {
  /** The issuer of this instance's tokens; an empty string where none is configured. */
  readonly issuer: string
  readonly jti: string
  readonly sid: string
  readonly sub: string
  /** The subject's epoch that the token carries. */
  readonly ue: number
}

/**
 * One revocation to record.
 *
 * `token` lasts until a moment (`expiresAt`, seconds since the epoch: the token's own `exp` plus what a verifier tolerates); `session` for a
 * duration from the store's own now (`retention`, seconds: the longest that a token of the session can still live). `subject` raises the subject's
 * epoch by one; the epoch is kept for ever, its log entry for `retention`.
 */
export type Revocation =
  | { readonly kind: 'token'; readonly issuer: string; readonly jti: string; readonly expiresAt: number }
  | {
      readonly kind: 'session'
      readonly issuer: string
      readonly sid: string
      readonly retention: number
      /** Seconds that do where the store keeps the session itself, and so refuses its refresh tokens as long as they live. @default `retention` */
      readonly retentionWithSession?: number
    }
  | {
      readonly kind: 'subject'
      readonly issuer: string
      readonly sub: string
      readonly retention: number
      /** Raises the epoch until it is this, and not by one; where it is, nothing ends, and the log gets its line if it has none. For what a store has lost. */
      readonly epoch?: number
    }

/** One line of the log. A key that is revoked again for longer, or raised again, moves to a new position at the end. */
export interface LogEntry {
  /** Grows with every append, in commit order; a number is never used twice. */
  readonly position: number
  readonly kind: Revocation['kind']
  readonly issuer: string
  /** The `jti`, `sid` or `sub`. */
  readonly key: string
  /** For `subject`: the epoch that tokens must carry at least. Otherwise 0. */
  readonly epoch: number
  /** Milliseconds since the epoch by the store's clock. */
  readonly expiresAt: number
}

/** A stretch of the log, and where the log ends. */
export interface LogPage {
  /** Ascending, live entries after the cursor, at most `limit`. */
  readonly entries: readonly LogEntry[]
  /** The last position that was ever given out. Smaller than a cursor that was read before: the store went back in time. */
  readonly head: number
  /** The store's clock, milliseconds since the epoch. */
  readonly now: number
}

/** A subject's epoch and the store's clock, read together: what minting needs. */
export interface EpochReading {
  readonly epoch: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Where revocations are kept. `graphql-authx/testing` has the contract that every store passes; run it on your own.
 *
 * A method that cannot do its work rejects; it never answers "not revoked" for want of knowledge.
 */
export interface BlocklistStore {
  /** Whether an answer crosses a network, so that each process had better follow the log and ask its own copy. */
  readonly remote: boolean
  /** Resolves when the revocation is durable. Recording one that is there already succeeds and changes nothing. */
  revoke(revocation: Revocation): Promise<void>
  /** Whether the token, its session or its subject's epoch is revoked, as of now. */
  isRevoked(identity: TokenIdentity): boolean | Promise<boolean>
  readEpoch(issuer: string, sub: string): Promise<EpochReading>
  /** The log after a position (0: from the start), so that a process can keep a copy and follow it. */
  readSince(position: number, limit: number): Promise<LogPage>
  /**
   * Calls `wake` when the log may have grown, through this process or another. A hint, no promise: it may come late, twice or never.
   * Answers with what ends it.
   */
  onAppend(wake: () => void): () => void
  /** Removes at most `limit` expired entries, oldest first, and says how many. Epochs are never removed. */
  purge(limit: number): Promise<number>
  /** Resolves if the store can answer. */
  ping(): Promise<void>
  close(): Promise<void>
}
