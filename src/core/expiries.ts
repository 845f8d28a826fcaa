/** The longest that a timer of Node's waits, milliseconds; a longer one would fire at once. */
const LONGEST_WAIT = 2 ** 31 - 1

/** By which clock things expire, and who is told. */
export interface ExpiriesParts<Item> {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Is told of each item once its second has come. */
  expired(item: Item): void
}

/** Tells when things are over: with one timer, however many there are and however far away. It keeps no process alive. */
export class Expiries<Item> {
  readonly #parts: ExpiriesParts<Item>
  readonly #bySecond = new Map<number, Set<Item>>()
  /** The second that the timer waits for. */
  #next = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(parts: ExpiriesParts<Item>) {
    this.#parts = parts
  }

  /** @param second since the epoch */
  add(item: Item, second: number): void {
    const items = this.#bySecond.get(second) ?? new Set()
    this.#bySecond.set(second, items.add(item))
    if (second < this.#next) this.#waitFor(second)
  }

  remove(item: Item, second: number): void {
    const items = this.#bySecond.get(second)
    if (items?.delete(item) !== true || items.size > 0) return
    this.#bySecond.delete(second)
    if (this.#bySecond.size === 0) this.stop()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#next = Number.POSITIVE_INFINITY
  }

  #waitFor(second: number): void {
    clearTimeout(this.#timer)
    this.#next = second
    const wait = Math.max(0, second * 1000 - this.#parts.clock())
    this.#timer = setTimeout(() => this.#ring(), Math.min(wait, LONGEST_WAIT)).unref()
  }

  #ring(): void {
    const now = this.#parts.clock()
    let next = Number.POSITIVE_INFINITY
    for (const [second, items] of this.#bySecond) {
      if (second * 1000 > now) {
        next = Math.min(next, second)
        continue
      }
      this.#bySecond.delete(second)
      for (const item of items) this.#parts.expired(item)
    }
    if (next < Number.POSITIVE_INFINITY) this.#waitFor(next)
    else this.stop()
  }
}
