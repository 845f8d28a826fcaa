import { describe, expect, test } from 'vitest'
import { differences, idsInTests, idsInTitles, PAGES, rowsOf } from './harness/untested.ts'

describe.each(PAGES)('$path', (page) => {
  const rows = rowsOf(page)
  const ids = idsInTests(page)

  test('lists what it is about, and agrees with the tests: none is missing, made up or left without a reason', () => {
    expect(rows.size).toBeGreaterThan(100)
    expect(differences(rows, ids)).toEqual({ untested: [], unlisted: [], unexplained: [] })
  })

  test('would not agree if a test went missing, an id were made up or a reason left out', () => {
    const [one = '', ...others] = [...rows].filter(([, state]) => state === 'tested').map(([id]) => id)
    const [silent = ''] = others
    const mistaken = new Set([...ids, 'X-99'])
    mistaken.delete(one)
    const vague = new Map([...rows, [silent, 'later:']])
    expect(differences(vague, mistaken)).toEqual({
      untested: [one],
      unlisted: ['X-99'],
      unexplained: [silent],
    })
  })
})

test('docs/scenarios.md leaves out none of the 102 scenarios', () => {
  const all = Array.from({ length: 102 }, (_, index) => `S${String(index + 1).padStart(2, '0')}`)
  const page = PAGES.find(({ path }) => path === 'docs/scenarios.md')
  expect(page && [...rowsOf(page).keys()].toSorted()).toEqual(all.toSorted())
})

test('an id counts in a title, in a table of titles and in a clause, and nowhere else', () => {
  const source = [
    "test('TOK-01, S17: refuses', () => {})",
    "  ])('%s of a table (S102)', () => {})",
    '    ["S61: it\'s so", 1],',
    "  covers: ['REV-10'],",
    '  // as in S90 and "S91"',
    ' * S92, or `S93`',
    "  const S94 = challenge('S256', 'PS256')",
    '  expect(S95 / 2)',
  ].join('\n')
  const found = PAGES.map(({ id }) => idsInTitles(source, id))
  expect(found).toEqual([
    ['TOK-01', 'REV-10'],
    ['S17', 'S102', 'S61'],
  ])
})
