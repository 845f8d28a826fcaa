import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REASONS } from '../src/core/refusal.ts'
import { directiveTypeDefs } from '../src/graphql/directives.ts'
import { SETTINGS } from '../src/server/settings.ts'

const PAGES = [...globSync('*.md'), ...globSync('docs/*.md')]
/** Inside the project, so that imports resolve as they do for a reader who has it installed. */
const FOLDER = 'test/.docs'

beforeAll(() => mkdirSync(FOLDER, { recursive: true }))
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }))

it('compiles every ts fence of every page', () => {
  const fences = PAGES.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code], at) => {
      const file = join(FOLDER, `${page.replaceAll(/\W/g, '-')}-${at}.ts`)
      // A fence without an export is a module all the same.
      writeFileSync(file, `${code}\nexport {}\n`)
      return file
    }),
  )
  expect(fences.length).toBeGreaterThan(4)
  const options = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      isolatedDeclarations: false,
      declaration: false,
    },
    include: ['*.ts'],
  }
  writeFileSync(join(FOLDER, 'tsconfig.json'), JSON.stringify(options))
  const compiled = spawnSync('npx', ['tsc', '-p', FOLDER], { encoding: 'utf8' })
  expect(compiled.stdout).toBe('')
})

describe('links', () => {
  it.each(PAGES)('%s points at files that are there', (page) => {
    const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      ([, path]) => path ?? '',
    )
    expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([])
  })
})

describe('what the pages promise', () => {
  it('docs/errors.md names every reason', () => {
    const page = readFileSync('docs/errors.md', 'utf8')
    expect(Object.keys(REASONS).filter((reason) => !page.includes(`\`${reason}\``))).toEqual([])
  })

  it('schema/directives.graphql is the SDL that authx.typeDefs gives', () => {
    expect(directiveTypeDefs).toBe(readFileSync('schema/directives.graphql', 'utf8'))
  })

  it('the README is no longer than a newcomer reads, and the others stay short', () => {
    const lines = (page: string) => readFileSync(page, 'utf8').split('\n').length
    expect(lines('README.md')).toBeLessThanOrEqual(150)
    expect(lines('ARCHITECTURE.md')).toBeLessThanOrEqual(120)
    expect(lines('CONTRIBUTING.md')).toBeLessThanOrEqual(60)
  })

  it('every setting is read, and every one that is read is listed', () => {
    const source = readFileSync('src/server/environment.ts', 'utf8')
    const read = new Set([...source.matchAll(/(?:get\('|environment\.)([A-Z_]+)/g)].map(([, name]) => name))
    expect([...read].sort()).toEqual(SETTINGS.map(({ name }) => name).sort())
  })
})
