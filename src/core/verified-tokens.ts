import { LRUCache } from 'lru-cache'

/** Bytes that one token may take on the average, with its claims. */
const BYTES_PER_TOKEN = 2048

/**
 * Tokens whose signature and claims were found good, by their exact text, so that the next request need not compute it again.
 *
 * What is remembered is what can never change. Whether a token is still good in time is looked at each time, and whether it is revoked is asked elsewhere. Bad ones are not
 * remembered: of those there is no end.
 */
export class VerifiedTokens<Verified extends object> {
  readonly #tokens: LRUCache<string, Verified> | undefined

  /** @param most how many are kept, and 2 KiB for each; 0 for none */
  constructor(most: number) {
    if (most === 0) return
    const maxSize = most * BYTES_PER_TOKEN
    this.#tokens = new LRUCache({ max: most, maxSize, sizeCalculation: (_, token) => weightOf(token) })
  }

  get size(): number {
    return this.#tokens?.size ?? 0
  }

  get bytes(): number {
    return this.#tokens?.calculatedSize ?? 0
  }

  find(token: string): Verified | undefined {
    return this.#tokens?.get(token)
  }

  keep(token: string, verified: Verified): void {
    // A text of its own: what was cut out of a header keeps all of that header in memory.
    this.#tokens?.set(Buffer.from(token, 'latin1').toString('latin1'), verified)
  }

  forget(token: string): void {
    this.#tokens?.delete(token)
  }
}

/** The text, and claims made of some three quarters of it: texts of their own and the objects that hold them. */
function weightOf(token: string): number {
  return 512 + 3 * token.length
}
