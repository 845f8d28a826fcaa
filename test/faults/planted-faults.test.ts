import { spawn } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FAULTS, type Fault } from './faults.ts'

/** What became of one test of a copy. */
interface Outcome {
  readonly title: string
  readonly status: string
  readonly messages: readonly string[]
}

/** The copy without a fault. */
const SOUND = 'sound'

/** The alias is that of the project's own vitest.config.ts, which says why. */
const CONFIG = `
  import { fileURLToPath } from 'node:url'
  import { defineConfig } from 'vitest/config'
  const replacement = fileURLToPath(import.meta.resolve('graphql'))
  export default defineConfig({
    cacheDir: '.cache',
    resolve: { alias: [{ find: /^graphql$/, replacement }] },
    test: { include: ['*/test/{core,graphql,stores}/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
  })
`

/** How an expectation fails, other than a test that broke: snapshots, promises and polls have errors of their own. */
const AN_EXPECTATION =
  /AssertionError|Snapshot .* mismatched|promise (resolved|rejected) .* instead of|Error: expected /

/** Only the tests that some fault names; the others would cost time and say nothing. */
const NAMED = FAULTS.map(({ title }) => title.source).join('|')

const root = realpathSync(mkdtempSync(join(tmpdir(), 'authx-faults-')))
let outcomes: ReadonlyMap<string, readonly Outcome[]>

/** One run of vitest over a folder of copies: each has one fault, and the tests that have to notice it. */
beforeAll(async () => {
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  copy(SOUND, [...new Set(FAULTS.map((fault) => fault.test))])
  for (const [index, fault] of FAULTS.entries()) {
    copy(nameOf(index), [fault.test])
    plant(fault, join(root, nameOf(index)))
  }
  writeFileSync(join(root, 'vitest.config.mjs'), CONFIG)
  outcomes = await run()
}, 900_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a copy without a fault', () => {
  test('passes every test that is named here', () => {
    const all = outcomes.get(SOUND) ?? []
    expect(all.filter(({ status }) => status === 'failed')).toEqual([])
    for (const { title, name } of FAULTS) {
      const named = all.filter((one) => title.test(one.title) && one.status === 'passed')
      expect(named.length, name).toBeGreaterThan(0)
    }
  })
})

describe('a planted fault is noticed', () => {
  test.each(FAULTS.map((fault, index) => ({ ...fault, copy: nameOf(index) })))('$name', ({ copy, title }) => {
    const named = (outcomes.get(copy) ?? []).filter((one) => title.test(one.title))
    const noticed = named.filter(
      ({ status, messages }) => status === 'failed' && AN_EXPECTATION.test(messages.join()),
    )
    expect(noticed.map((one) => one.title)).not.toEqual([])
  })
})

describe('planting', () => {
  test.each([
    ['that is not there', 'no such text'],
    ['that is there twice', 'import'],
  ])('refuses a text %s', (_, find) => {
    const [fault] = FAULTS as [Fault]
    expect(() => plant({ ...fault, find }, join(root, SOUND))).toThrow(/exactly once/)
  })
})

function nameOf(index: number): string {
  return `fault-${index + 1}`
}

function copy(name: string, tests: readonly string[]): void {
  const to = join(root, name)
  mkdirSync(to)
  for (const one of [
    'src',
    'schema',
    'test/harness',
    'test/stores/child.ts',
    'test/stores/contract.ts',
    'test/stores/postgres-steps.ts',
    'test/stores/processes.ts',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    ...tests,
  ]) {
    cpSync(one, join(to, one), { recursive: true })
  }
}

function plant({ file, find, replace }: Fault, folder: string): void {
  const path = join(folder, file)
  const [before, after, ...more] = readFileSync(path, 'utf8').split(find)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file}: this must be in it exactly once: ${find}`)
  }
  writeFileSync(path, before + replace + after)
}

async function run(): Promise<Map<string, Outcome[]>> {
  const report = join(root, 'report.json')
  const cli = resolve('node_modules/vitest/vitest.mjs')
  const options = ['--reporter=json', `--outputFile=${report}`, '--no-isolate', `--testNamePattern=${NAMED}`]
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|VITE_|NODE_ENV$|TEST$)/.test(name)),
  )
  const said: string[] = []
  await new Promise<void>((done, failed) => {
    const child = spawn(process.execPath, [cli, 'run', '--root', root, ...options], { cwd: root, env })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)))
    child.on('error', failed)
    child.on('close', () => done())
  })
  return read(report, said)
}

function read(report: string, said: readonly string[]): Map<string, Outcome[]> {
  let files: readonly VitestFile[]
  try {
    files = (JSON.parse(readFileSync(report, 'utf8')) as { testResults: VitestFile[] }).testResults
  } catch (error) {
    throw new Error(`vitest left no report: ${said.join('')}`, { cause: error })
  }
  if (files.length === 0) throw new Error(`vitest ran no tests: ${said.join('')}`)
  const found = new Map<string, Outcome[]>()
  for (const { name, assertionResults } of files) {
    const copy = name.slice(root.length + 1).split('/')[0] ?? ''
    const results = assertionResults.map(({ fullName: title, status, failureMessages: messages }) => ({
      title,
      status,
      messages,
    }))
    found.set(copy, [...(found.get(copy) ?? []), ...results])
  }
  return found
}

/** What vitest's JSON reporter says of a file. */
interface VitestFile {
  readonly name: string
  readonly assertionResults: readonly {
    readonly fullName: string
    readonly status: string
    readonly failureMessages: readonly string[]
  }[]
}
