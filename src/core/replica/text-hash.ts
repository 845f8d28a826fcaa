import type { Text } from './text.ts'

/**
 * A keyed hash: nobody who does not know the key can make texts that meet, and users may choose theirs. The rounds are those of HalfSipHash-1-3 (Aumasson and
 * Bernstein, "SipHash: a fast short-input PRF"); the length is a word of its own.
 *
 * @param key two words that are not the same in any two processes
 */
export function hashText({ words, length }: Text, key: readonly [number, number]): number {
  let v0 = key[0]
  let v1 = key[1]
  let v2 = 0x6c796765 ^ key[0]
  let v3 = 0x74656462 ^ key[1]
  const count = (length + 3) >>> 2
  // The words, then the length, which tells the zeros at the end from those that are the text's; then three rounds over nothing.
  for (let round = 0; round < count + 4; round += 1) {
    const word = round < count ? (words[round] as number) : round === count ? length : 0
    if (round === count + 1) v2 ^= 0xff
    v3 ^= word
    v0 = (v0 + v1) | 0
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
    v0 = (v0 << 16) | (v0 >>> 16)
    v2 = (v2 + v3) | 0
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
    v0 = (v0 + v3) | 0
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
    v2 = (v2 + v1) | 0
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
    v2 = (v2 << 16) | (v2 >>> 16)
    v0 ^= word
  }
  return v1 ^ v3
}
