/** Milliseconds between two looks. */
const TICK = 100
/** Milliseconds by which a look is late where more than a busy moment held it up. */
const LATE = 50

/** Notices that this process stood still: computed for long at a stretch, or was stopped. */
export class Standstill {
  readonly #monotonic: () => number
  #due = 0
  #timer: NodeJS.Timeout | undefined
  #happened = false

  /** Looks from now on, until it is stopped. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
    this.#wait()
  }

  get happened(): boolean {
    return this.#happened || this.#monotonic() - this.#due > LATE
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #wait(): void {
    this.#due = this.#monotonic() + TICK
    this.#timer = setTimeout(() => {
      this.#happened = this.happened
      this.#wait()
    }, TICK).unref()
  }
}
