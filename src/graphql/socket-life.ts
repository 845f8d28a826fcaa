import type { Refusal } from '../core/refusal.ts'
import type { ServedSocket } from './served-socket.ts'

/** Milliseconds that what runs by a connection's token gets to tell its client that it has ended. */
const GRACE = 5000

/** What the server can do with a connection. */
export interface SocketLifeParts {
  /** Whether no operation runs over it. */
  isIdle(): boolean
  close(refusal: Refusal): void
}

/** A connection that was admitted: it is closed when its token has ended, once what ran by it has told its client so. Operations with tokens of their own keep it open. */
export class SocketLife {
  readonly #socket: Pick<ServedSocket, 'onEnd' | 'bringsToken'>
  readonly #parts: SocketLifeParts
  /** The operations that go by tokens of their own. */
  readonly #independent = new Set<string>()
  #refusal: Refusal | undefined
  #release: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  constructor(socket: Pick<ServedSocket, 'onEnd' | 'bringsToken'>, parts: SocketLifeParts) {
    this.#socket = socket
    this.#parts = parts
  }

  begin(): void {
    // Its client may have left while it was admitted.
    if (!this.#isOver) this.#release = this.#socket.onEnd((refusal) => this.#lapse(refusal))
  }

  started(id: string, extensions: unknown): void {
    if (this.#socket.bringsToken(extensions)) this.#independent.add(id)
  }

  completed(id: string): void {
    this.#independent.delete(id)
    this.#closeWhenIdle()
  }

  /** Its client has left. */
  end(): void {
    this.#isOver = true
    this.#release?.()
    clearTimeout(this.#timer)
  }

  #lapse(refusal: Refusal): void {
    this.#refusal = refusal
    this.#closeWhenIdle()
    const force = (): void => {
      if (this.#independent.size === 0) this.#parts.close(refusal)
    }
    this.#timer = setTimeout(force, GRACE).unref()
  }

  /** A server forgets an operation only after it told of its end. */
  #closeWhenIdle(): void {
    if (this.#refusal === undefined) return
    setImmediate(
      (refusal) => !this.#isOver && this.#parts.isIdle() && this.#parts.close(refusal),
      this.#refusal,
    )
  }
}
