import type { Claims } from '../core/claims.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Verified } from '../core/revocation.ts'
import type { TokenWatch } from '../core/token-watch.ts'
import { AuthError } from './auth-error.ts'

/** Whose lifetime it is. */
export interface LifetimeParts {
  readonly tokenWatch: Pick<TokenWatch, 'onEnd'>
  /** What the callback is handed. */
  readonly context: unknown
  /** The tokens that the operation was granted something by, so far. */
  held(): readonly Verified[]
}

/**
 * How long an operation may go on that outlives its first answer: until a token that it was granted something by has ended, or nobody waits for it any more.
 *
 * It only tells. Who ends what: the source of a subscription, and the stream of answers, each a `BoundedStream` around what was there, which the guard and `Serving.bindAnswer` make; a
 * WebSocket, its `SocketLife`, by the token of the connection alone; what a resolver waits for, that resolver, by {@link signal}.
 */
export class Lifetime {
  readonly #parts: LifetimeParts
  readonly #listeners = new Set<(refusal: Refusal) => void>()
  /** What ends the waiting for each token's end. By its claims: issuers that know nothing of each other may give one `jti` to two. */
  readonly #releases = new Map<Claims, () => void>()
  #abort: AbortController | undefined
  #refusal: Refusal | undefined
  #isTold = false
  #isClosed = false

  constructor(parts: LifetimeParts) {
    this.#parts = parts
  }

  /** Whether the client is told why it is over by others than its source: an event that was refused, or {@link tellByAnswer}. */
  get isTold(): boolean {
    return this.#isTold
  }

  /** The answer as a whole says why it is over: the source below need not, and each error costs its stack. */
  tellByAnswer(): void {
    this.#isTold = true
  }

  /** Aborted when it is over, with the refusal as an error where a token ended. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#refusal !== undefined) this.#abort.abort(new AuthError(this.#refusal))
      else if (this.#isClosed) this.#abort.abort()
      else this.follow()
    }
    return this.#abort.signal
  }

  /** Calls a function once when a token has ended; before this returns, where one has. Answers with what ends the waiting. */
  onEnd(listener: (refusal: Refusal) => void): () => void {
    if (this.#refusal !== undefined) {
      listener(this.#refusal)
      return () => undefined
    }
    this.#listeners.add(listener)
    this.follow()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.close()
    }
  }

  /** Follows what the operation holds by now: an event can be granted something by a token that none before needed. */
  follow(): void {
    if (this.#listeners.size === 0 && (this.#isClosed || this.#abort === undefined)) return
    for (const token of this.#parts.held()) {
      const { claims } = token
      if (this.#refusal !== undefined || this.#releases.has(claims)) continue
      const release = this.#parts.tokenWatch.onEnd(token, this.#parts.context, (refusal) =>
        this.#end(refusal),
      )
      if (this.#refusal === undefined) this.#releases.set(claims, release)
    }
  }

  /** An event was refused, and its answer says so: none after it would pass. */
  endAfter(refusal: Refusal): void {
    if (this.#refusal === undefined) this.#isTold = true
    this.#end(refusal)
  }

  /** Nobody waits any more. */
  close(): void {
    this.#isClosed = true
    for (const release of this.#releases.values()) release()
    this.#releases.clear()
    this.#abort?.abort()
  }

  #end(refusal: Refusal): void {
    if (this.#refusal !== undefined) return
    this.#refusal = refusal
    this.#abort?.abort(new AuthError(refusal))
    for (const listener of [...this.#listeners]) listener(refusal)
    this.#listeners.clear()
    this.close()
  }
}
