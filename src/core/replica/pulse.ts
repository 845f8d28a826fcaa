/** What beats, and how often. */
export interface PulseParts {
  /** Resolves when it is over; it must not reject. */
  beat(): Promise<void>
  /** Milliseconds from the beginning of one beat to that of the next, where it is over by then. */
  readonly interval: number
  /** Milliseconds that are left between two at least, however often somebody hurries. */
  readonly least: number
  readonly monotonic: () => number
}

/** Does something again and again, sooner when it is told to. It keeps no process alive. */
export class Pulse {
  readonly #parts: PulseParts
  #timer: NodeJS.Timeout | undefined
  #isBeating = false
  #isHurried = false
  #isStopped = false
  #began = Number.NEGATIVE_INFINITY

  constructor(parts: PulseParts) {
    this.#parts = parts
  }

  /** Beats as soon as the least distance to the last beat allows. Any number of calls are one. */
  hurry(): void {
    if (this.#isHurried || this.#isStopped) return
    this.#isHurried = true
    // The beat under way may have begun too early to notice what there is.
    if (!this.#isBeating) this.#schedule()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#isStopped) return
    const { interval, least, monotonic } = this.#parts
    const next = this.#began + (this.#isHurried ? least : interval)
    this.#timer = setTimeout(() => void this.#beat(), Math.max(0, next - monotonic())).unref()
  }

  async #beat(): Promise<void> {
    this.#isBeating = true
    this.#isHurried = false
    this.#began = this.#parts.monotonic()
    await this.#parts.beat()
    this.#isBeating = false
    this.#schedule()
  }
}
