import { describe, expect, test } from 'vitest'
import { differences, idsInTests, idsInTitles, PAGES, rowsOf } from './harness/untested.ts'

describe.each(PAGES)('$path', (page) => {
  const rows = rowsOf(page)
  const ids = idsInTests(page)

  test('lists what it is about, and says of each what is so: a test that bears it, or why there is none', () => {
    expect(rows.size).toBeGreaterThan(100)
    expect(differences(rows, ids)).toEqual({ untested: [], unlisted: [], outdated: [], unexplained: [] })
  })

  test('would not agree if a test went missing, an id were made up, or a reason were left out or stayed too long', () => {
    const [one = '', two = '', three = ''] = [...rows.keys()].filter((id) => rows.get(id) === 'tested')
    const mistaken = new Map([...rows, [two, 'later: cookies'], [three, 'later:']])
    const found = new Set([...ids, 'X-99'])
    for (const id of [one, three]) found.delete(id)
    expect(differences(mistaken, found)).toEqual({
      untested: [one],
      unlisted: ['X-99'],
      outdated: [two],
      unexplained: [three],
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
