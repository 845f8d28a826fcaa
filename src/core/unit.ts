/**
 * Answers that hold for one unit each: a query, a root field of a mutation, an event of a subscription.
 *
 * Most requests have one unit, and that one needs no WeakMap, which costs more than all else that is asked about a token. A unit that nobody else holds is
 * forgotten once another was told.
 */
export class ByUnit<Answer> {
  #unit: object | undefined
  #answer: Answer | undefined
  /** Those before the last. */
  #others: WeakMap<object, Answer> | undefined

  get(unit: object): Answer | undefined {
    return unit === this.#unit ? this.#answer : this.#others?.get(unit)
  }

  set(unit: object, answer: Answer): void {
    if (this.#unit !== undefined && this.#unit !== unit) {
      this.#others ??= new WeakMap()
      this.#others.set(this.#unit, this.#answer as Answer)
    }
    this.#unit = unit
    this.#answer = answer
  }
}
