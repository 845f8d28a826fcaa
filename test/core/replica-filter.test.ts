import { randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Filter } from '../../src/core/replica/filter.ts'

const MANY = 20_000

/** Words, none of them twice, and others that none of them is. */
const words: readonly number[] = Array.from({ length: 2 * MANY }, (_, index) =>
  Math.imul(index + 1, 0x9e3779b1),
)
const [there, absent] = [words.slice(0, MANY), words.slice(MANY)]

describe('a filter', () => {
  test('excludes no word that was added, at any time while it grows', () => {
    const { filter, add } = filterOf(new Set())
    for (const [index, word] of there.entries()) {
      add(word)
      expect(filter.excludes(word)).toBe(false)
      expect(filter.excludes(there[randomInt(index + 1)] as number)).toBe(false)
    }
    expect(there.filter((word) => filter.excludes(word))).toEqual([])
  })

  test('excludes most of all others', () => {
    const { filter, add } = filterOf(new Set())
    for (const word of there) add(word)
    const excluded = absent.filter((word) => filter.excludes(word)).length
    expect(excluded).toBeGreaterThan(MANY * 0.8)
  })

  test('forgets what went, when it is renewed', () => {
    const kept = new Set<number>()
    const { filter, add } = filterOf(kept)
    for (const word of there) add(word)
    for (const word of there.slice(100)) kept.delete(word)
    filter.renew(kept.size)
    while (filter.step());
    expect([...kept].some((word) => filter.excludes(word))).toBe(false)
    expect(there.slice(100).filter((word) => filter.excludes(word)).length).toBeGreaterThan(MANY * 0.8)
  })

  test('answers by the table where all ids end alike', () => {
    const { filter, add } = filterOf(new Set())
    for (let count = 0; count < MANY; count += 1) add(7)
    expect([filter.excludes(7), filter.excludes(8)]).toEqual([false, true])
  })
})

function filterOf(kept: Set<number>) {
  /** In parts, as a table tells them; what is added to a part that was told already is not in it. */
  function* told(): Generator<Int32Array> {
    const all = [...kept]
    for (let at = 0; at < all.length; at += 100) yield Int32Array.from(all.slice(at, at + 100))
  }
  const filter = new Filter(randomInt(2 ** 31), told)
  const add = (word: number): void => {
    kept.add(word)
    filter.add(word, kept.size)
  }
  return { filter, add }
}
