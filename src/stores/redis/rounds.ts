/** What a round is about: how long, in milliseconds, and what asks how many replicas have all that was written before. */
export interface RoundParts {
  readonly replicas: number
  /** Resolves with the number of replicas that have what was written over this connection; it must not take for ever. */
  wait(): Promise<number>
}

/**
 * Writes in rounds: all that came during one are written together in the next, and then waited for once. `WAIT` holds up its connection, and counts what
 * was written over that one; so writes are made over it too, and none behind another's wait for longer than a round.
 */
export class Rounds {
  readonly #parts: RoundParts
  #last: Promise<unknown> = Promise.resolve()
  #coming: Round | undefined

  constructor(parts: RoundParts) {
    this.#parts = parts
  }

  /**
   * Resolves when enough replicas have the write.
   *
   * @throws Error where they have not, although the server has it
   */
  async add<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    this.#coming ??= this.#begin()
    const { begun, writes, have } = this.#coming
    const written = begun.then(write)
    writes.push(written)
    const answer = await written
    const { replicas } = this.#parts
    const count = await have
    if (count >= replicas) return answer
    throw new Error(`${count} of ${replicas} replicas have the write, so it is not acknowledged`)
  }

  #begin(): Round {
    const writes: Promise<unknown>[] = []
    const begun = this.#last.then(() => {
      this.#coming = undefined
    })
    const have = begun.then(async () => {
      const settled = await Promise.allSettled(writes)
      return settled.some(({ status }) => status === 'fulfilled') ? this.#parts.wait() : 0
    })
    this.#last = have.catch(() => undefined)
    return { begun, writes, have }
  }
}

interface Round {
  readonly begun: Promise<void>
  readonly writes: Promise<unknown>[]
  /** How many replicas have them, when they are written. */
  readonly have: Promise<number>
}
