/** Bytes at first. A power of two. */
const SMALLEST = 1024
/** Bits for each key at least; for one key in so many that is not there it cannot say so. */
const BITS_PER_KEY = 8

/**
 * Says of most keys that they are not in a table, by one word of them: a Bloom filter of one hash, so that a check of a token that is not revoked seldom has to read more.
 *
 * Keys that share the word are answered by the table, which is slower and no less exact.
 */
export class Filter {
  readonly #seed: number
  readonly #words: () => Iterator<Int32Array>
  #bits: Uint8Array = new Uint8Array(SMALLEST)
  /** What is filled to take its place: what is added meanwhile goes into both. */
  #next: { readonly bits: Uint8Array; readonly words: Iterator<Int32Array> } | undefined

  /**
   * @param seed of the hash
   * @param words those of the keys that are in the table, a part at each step
   */
  constructor(seed: number, words: () => Iterator<Int32Array>) {
    this.#seed = seed
    this.#words = words
  }

  /** Whether no key with this word is in the table. */
  excludes(word: number): boolean {
    const at = this.#hash(word)
    return ((this.#bits[(at >>> 3) & (this.#bits.length - 1)] as number) & (1 << (at & 7))) === 0
  }

  /** @param size how many keys there are now */
  add(word: number, size: number): void {
    this.#mark(this.#bits, word)
    if (this.#next !== undefined) {
      this.#mark(this.#next.bits, word)
      this.step()
    } else if (size * BITS_PER_KEY > this.#bits.length * 8) this.renew(size)
  }

  /** Begins to make room for twice as many keys, without those that are gone. */
  renew(size: number): void {
    let length = SMALLEST
    while (length * 4 < size * BITS_PER_KEY) length *= 2
    this.#next = { bits: new Uint8Array(length), words: this.#words() }
  }

  /** Goes on with that; false where there is nothing to do. */
  step(): boolean {
    if (this.#next === undefined) return false
    const { bits, words } = this.#next
    const part = words.next()
    if (part.done === true) {
      this.#bits = bits
      this.#next = undefined
      return false
    }
    for (const word of part.value) this.#mark(bits, word)
    return true
  }

  #mark(bits: Uint8Array, word: number): void {
    const at = this.#hash(word)
    const byte = (at >>> 3) & (bits.length - 1)
    bits[byte] = (bits[byte] as number) | (1 << (at & 7))
  }

  #hash(word: number): number {
    let hash = Math.imul(word ^ this.#seed, 0x85ebca6b)
    hash ^= hash >>> 15
    hash = Math.imul(hash, 0xc2b2ae35)
    return hash ^ (hash >>> 16)
  }
}
