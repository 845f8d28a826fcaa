import { globSync, readFileSync } from 'node:fs'

/** A page of rows `| id | … | state |` and what its ids look like in the titles of tests. */
export interface Page {
  readonly path: string
  readonly id: RegExp
}

export const PAGES: readonly Page[] = [
  { path: 'docs/requirements.md', id: /\b(?:TOK|CLM|REV|REF|SES|BRR|COOK|LOG|GQL|OPS)-\d\d\b/g },
  // Three digits begin with a 1, so that the S256 of PKCE is none of them.
  { path: 'docs/scenarios.md', id: /\bS1?\d\d\b/g },
]

/** The tests that talk about ids rather than bear them. */
const ABOUT_IDS = 'test/requirements.test.ts'

/** The rows of a page: an id and what is said of its tests. */
export function rowsOf({ path }: Page): Map<string, string> {
  const found = [...readFileSync(path, 'utf8').matchAll(/^\| ([A-Z]+-?\d+) \| .* \| ([^|]+) \|$/gm)]
  const rows = new Map(found.map(([, id, state]) => [id ?? '', state?.trim() ?? '']))
  if (rows.size < found.length) throw new Error(`${path}: an id has two rows`)
  return rows
}

/** The ids in the titles of tests and in the clauses of the store contract. */
export function idsInTests({ id }: Page): Set<string> {
  const files = [...globSync('test/**/*.test.ts'), ...globSync('src/testing/*.ts')]
  const own = files.filter((file) => file.replaceAll('\\', '/') !== ABOUT_IDS)
  return new Set(own.flatMap((file) => idsInTitles(readFileSync(file, 'utf8'), id)))
}

/** The ids in the texts of a source: titles, tables of titles and clauses are texts, comments and code are not. */
export function idsInTitles(source: string, id: RegExp): string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '')
  const texts = code.match(/(['"`])(?:\\.|(?!\1).)*\1/g) ?? []
  return texts.flatMap((text) => text.match(id) ?? [])
}

/** Where a page and the tests disagree. */
export interface Differences {
  /** Called tested, and no test bears it. */
  readonly untested: readonly string[]
  /** In the title of a test, and on no row. */
  readonly unlisted: readonly string[]
  /** Said to be without a test, and one bears it. */
  readonly outdated: readonly string[]
  /** Not called tested, and no reason given. */
  readonly unexplained: readonly string[]
}

export function differences(rows: ReadonlyMap<string, string>, ids: ReadonlySet<string>): Differences {
  const listed = [...rows]
  const named = (list: readonly (readonly [string, string])[]) => list.map(([id]) => id)
  return {
    untested: named(listed.filter(([id, state]) => state === 'tested' && !ids.has(id))),
    unlisted: [...ids].filter((id) => !rows.has(id)),
    outdated: named(listed.filter(([id, state]) => state !== 'tested' && ids.has(id))),
    unexplained: named(listed.filter(([, state]) => !/^(?:tested$|(?:later|no|elsewhere): .)/.test(state))),
  }
}

// `npm run untested`: what has no test yet, and why.
if (import.meta.main) {
  for (const page of PAGES) {
    const rows = rowsOf(page)
    const { untested } = differences(rows, idsInTests(page))
    console.log(page.path)
    for (const [id, state] of rows) {
      if (state !== 'tested') console.log(`  ${id}  ${state}`)
    }
    for (const id of untested) console.error(`  ${id}  is called tested, and no test bears it`)
    if (untested.length > 0) process.exitCode = 1
  }
}
