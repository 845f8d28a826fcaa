import type { Refusal } from '../../core/refusal.ts'
import { type Closing, closingFor } from './closing.ts'

/** Milliseconds that what runs by a connection's token gets to tell its client that it has ended. */
const GRACE = 5000

/** The tokens of a connection and of its operations. */
interface TokensOfSocket {
  onEnd(ended: (refusal: Refusal) => void): () => void
  bringsToken(extensions: unknown): boolean
}

/** What the server can do with a connection. */
export interface SocketLifeParts {
  /** Whether no operation runs over it, and all have told their client how they ended. */
  isIdle(): boolean
  close(closing: Closing): void
}

/**
 * How long a connection that was welcome stays open: until its token has ended, and what ran by it has told its client so, or had 5 s for that. Operations with tokens of their own keep
 * it open.
 */
export class SocketLife {
  readonly #tokens: TokensOfSocket
  readonly #parts: SocketLifeParts
  /** The operations that go by tokens of their own. */
  readonly #independent = new Set<string>()
  #refusal: Refusal | undefined
  #release: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(tokens: TokensOfSocket, parts: SocketLifeParts) {
    this.#tokens = tokens
    this.#parts = parts
  }

  /** It is welcome. */
  begin(): void {
    // Its client may have left while it was judged.
    if (!this.#isOver) this.#release = this.#tokens.onEnd((refusal) => this.#lapse(refusal))
  }

  /** Before anything of an operation runs, however soon it ends. */
  started(id: string, extensions: unknown): void {
    if (this.#tokens.bringsToken(extensions)) this.#independent.add(id)
  }

  /** However an operation ended; where its client has still to be told, before that is sent. */
  completed(id: string): void {
    this.#independent.delete(id)
    this.#closeWhenDue()
  }

  /** Its client has left, or it was closed. */
  end(): void {
    this.#isOver = true
    this.#release?.()
    clearTimeout(this.#timer)
  }

  #lapse(refusal: Refusal): void {
    this.#refusal = refusal
    this.#closeWhenDue()
  }

  /** Asked whenever an operation has ended: what was left when the grace was over may be gone by then. */
  #closeWhenDue(): void {
    const refusal = this.#refusal
    if (refusal === undefined || this.#isOver) return
    // A server forgets an operation only after it told of its end.
    setImmediate(() => !this.#isOver && this.#parts.isIdle() && this.#parts.close(closingFor(refusal)))
    const force = (): void => {
      this.#timer = undefined
      if (this.#independent.size === 0) this.#parts.close(closingFor(refusal))
    }
    this.#timer ??= setTimeout(force, GRACE).unref()
  }
}
