import type { Line } from './line.ts'

/** Into how many maps a table is cut: a map that grows moves all that is in it at once. A power of two. */
const SHARDS = 256

/** Texts of any kind, and what is known of them. */
export class TextTable {
  readonly #shards: (Map<string, Line> | undefined)[] = new Array<undefined>(SHARDS).fill(undefined)
  readonly #seed: number
  #size = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  get size(): number {
    return this.#size
  }

  has(text: string): boolean {
    return this.#size > 0 && this.#shards[this.#shardOf(text)]?.has(text) === true
  }

  find(text: string): Line | undefined {
    return this.#size === 0 ? undefined : this.#shards[this.#shardOf(text)]?.get(text)
  }

  /** Writes the line in place of what was known. */
  put(text: string, line: Line): void {
    const index = this.#shardOf(text)
    let shard = this.#shards[index]
    if (shard === undefined) {
      shard = new Map()
      this.#shards[index] = shard
    }
    this.#size -= shard.size
    shard.set(text, line)
    this.#size += shard.size
  }

  /** Removes the lines that expired at a time or before, seconds since the epoch, one map at a step. */
  *sweep(time: number): Generator<void> {
    for (const [index, shard] of this.#shards.entries()) {
      if (shard === undefined) continue
      this.#size -= shard.size
      for (const [text, { until }] of shard) if (until <= time) shard.delete(text)
      this.#size += shard.size
      if (shard.size === 0) this.#shards[index] = undefined
      yield
    }
  }

  /** Every line. What is written meanwhile may be left out. */
  *lines(): Generator<Line & { readonly key: string }> {
    for (const shard of this.#shards) {
      for (const [key, line] of shard ?? []) yield { key, ...line }
    }
  }

  #shardOf(text: string): number {
    let hash = this.#seed
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    }
    return ((hash ^ (hash >>> 16)) >>> 0) % SHARDS
  }
}
