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
    this.#closeWhenDue()
  }

  /** Its client has left. */
  end(): void {
    this.#isOver = true
    this.#release?.()
    clearTimeout(this.#timer)
  }

  #lapse(refusal: Refusal): void {
    this.#refusal = refusal
    this.#closeWhenDue()
  }

  #closeWhenDue(): void {
    const refusal = this.#refusal
    if (refusal === undefined || this.#isOver) return
    // A server forgets an operation only after it told of its end.
    setImmediate(() => !this.#isOver && this.#parts.isIdle() && this.#parts.close(refusal))
    const force = (): void => {
      this.#timer = undefined
      if (this.#independent.size === 0) this.#parts.close(refusal)
    }
    this.#timer ??= setTimeout(force, GRACE).unref()
  }
}
