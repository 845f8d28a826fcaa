import { LRUCache } from 'lru-cache'

/** Bytes that one token may take on the average, with its claims. */
const BYTES_PER_TOKEN = 2048

/**
 * Tokens whose signature and claims were found good, by their exact text, so that the next request need not compute it again.
 *
 * Only what comes a second time: a token that comes once leaves no more than a word here, and pushes nothing out. Remembering it would cost half of what verifying it does.
 *
 * What is remembered is what can never change. Whether a token is still good in time is looked at each time, and whether it is revoked is asked elsewhere. Bad ones are not
 * remembered: of those there is no end.
 */
export class VerifiedTokens<Verified extends object> {
  /** By a word of their texts, which is found sooner than a text is; of two that have it in common only the later is kept. */
  readonly #tokens: LRUCache<number, Remembered<Verified>> | undefined
  readonly #once: SeenOnce

  /** @param most how many are kept, and 2 KiB for each; 0 for none */
  constructor(most: number) {
    this.#once = new SeenOnce(most)
    if (most === 0) return
    const maxSize = most * BYTES_PER_TOKEN
    this.#tokens = new LRUCache({ max: most, maxSize, sizeCalculation: ({ token }) => weightOf(token) })
  }

  get size(): number {
    return this.#tokens?.size ?? 0
  }

  get bytes(): number {
    return this.#tokens?.calculatedSize ?? 0
  }

  find(token: string): Verified | undefined {
    const found = this.#tokens?.get(wordOf(token))
    return found?.token === token ? found.verified : undefined
  }

  /** Keeps it, if it came before. */
  keep(token: string, verified: Verified): void {
    if (this.#tokens === undefined) return
    const word = wordOf(token)
    if (!this.#once.sawBefore(word)) return
    // A text of its own: what was cut out of a header keeps all of that header in memory.
    this.#tokens.set(word, { token: Buffer.from(token, 'latin1').toString('latin1'), verified })
  }

  /** For one that {@link find} gave. */
  forget(token: string): void {
    this.#tokens?.delete(wordOf(token))
  }
}

interface Remembered<Verified> {
  readonly token: string
  readonly verified: Verified
}

/** Which tokens came lately, as far as a few bytes can tell: a word for each, at a place that the next one of the same place takes. What it gets wrong costs a little time or memory, no more. */
class SeenOnce {
  readonly #words: Int32Array

  /** @param most about how many it can tell */
  constructor(most: number) {
    this.#words = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(most, 1) * 2)))
  }

  /** Whether it came before; from now on it did. */
  sawBefore(word: number): boolean {
    const place = (word ^ (word >>> 16)) & (this.#words.length - 1)
    if (this.#words[place] === word) return true
    this.#words[place] = word
    return false
  }
}

/** Of a token's signature, which is as good as random. */
function wordOf(token: string): number {
  let word = 0
  for (let at = token.length - 12; at < token.length; at += 1) {
    word = (Math.imul(word, 0x9e3779b1) + token.charCodeAt(at)) | 0
  }
  return word
}

/** The text, and claims made of some three quarters of it: texts of their own and the objects that hold them. */
function weightOf(token: string): number {
  return 512 + 3 * token.length
}
