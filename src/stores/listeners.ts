/** Who wants to hear that something was written. */
export class Listeners {
  readonly #listeners = new Set<{ readonly wake: () => void }>()

  get size(): number {
    return this.#listeners.size
  }

  /** Answers with what takes it away; the same function can be added more than once. */
  add(wake: () => void): () => void {
    const listener = { wake }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  call(): void {
    for (const { wake } of this.#listeners) wake()
  }
}
