import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const ID = /\b(?:TOK|CLM|REV|REF|SES|BRR|COOK|LOG|GQL|OPS)-\d\d\b/g

/** The rows of docs/requirements.md: an id and what is said of its tests. */
function rows(page: string): Map<string, string> {
  const found = page.matchAll(/^\| ([A-Z]+-\d\d) \| .* \| ([^|]+) \|$/gm)
  return new Map([...found].map(([, id, state]) => [id ?? '', state?.trim() ?? '']))
}

/** The ids in the titles of tests and in the clauses of the contract. */
function tested(): Set<string> {
  const files = [...globSync('test/**/*.test.ts'), ...globSync('src/testing/*.ts')]
  const own = files.filter((file) => !file.endsWith('requirements.test.ts'))
  return new Set(own.flatMap((file) => readFileSync(file, 'utf8').match(ID) ?? []))
}

/** The ids that the page calls tested and no test bears, and those that tests bear and the page does not have. */
function differences(page: string, ids: ReadonlySet<string>): { untested: string[]; unlisted: string[] } {
  const listed = rows(page)
  return {
    untested: [...listed].filter(([id, state]) => state === 'tested' && !ids.has(id)).map(([id]) => id),
    unlisted: [...ids].filter((id) => !listed.has(id)),
  }
}

describe('docs/requirements.md', () => {
  const page = readFileSync('docs/requirements.md', 'utf8')

  test('lists every requirement, and each that is called tested has a test that bears its id', () => {
    expect(rows(page).size).toBeGreaterThan(100)
    expect(differences(page, tested())).toEqual({ untested: [], unlisted: [] })
  })

  test('says why not of every one that has none', () => {
    const states = [...rows(page).values()].filter((state) => state !== 'tested')
    expect(states.filter((state) => !/^(later|no|elsewhere): ./.test(state))).toEqual([])
  })

  test('would say so if a test went missing, or an id were made up', () => {
    const ids = tested()
    ids.delete('TOK-07')
    ids.add('TOK-99')
    expect(differences(page, ids)).toEqual({ untested: ['TOK-07'], unlisted: ['TOK-99'] })
  })
})
