import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AN_EXPECTATION, type Outcome, runCopies } from './copies.ts'
import { FAULTS, type Fault } from './faults.ts'
import { plant } from './planting.ts'

/** The copy without a fault. */
const SOUND = 'sound'

/** Node loads the copies as they are: in one process, Vite would transform all of them for the workers. */
const CONFIG = `export default { test: {
  include: ['*/test/{core,graphql,stores,testing}/*.test.ts'],
  experimental: { viteModuleRunner: false },
  testTimeout: 30_000,
  hookTimeout: 60_000,
} }`

/** What tests of stores share. */
const HELPERS = globSync('test/stores/*.ts', { exclude: ['**/*.test.ts'] })

const root = realpathSync(mkdtempSync(join(tmpdir(), 'authx-faults-')))
let outcomes: ReadonlyMap<string, readonly Outcome[]>

/** One run of vitest over a folder of copies: each has one fault, and the tests that have to notice it. */
beforeAll(async () => {
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  writeFileSync(join(root, 'vitest.config.mjs'), CONFIG)
  const tests = Object.entries(Object.groupBy(FAULTS, (fault) => fault.test))
  copy(
    SOUND,
    tests.map(([test]) => test),
  )
  for (const [index, fault] of FAULTS.entries()) {
    copy(nameOf(index), [fault.test])
    plant(fault, join(root, nameOf(index)))
  }
  outcomes = await runCopies(root, [
    ...tests.map(([test, faults = []]) => ({ folder: SOUND, test, title: anyOf(faults) })),
    ...FAULTS.map(({ test, title }, index) => ({ folder: nameOf(index), test, title })),
  ])
}, 1_500_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a copy without a fault', () => {
  test('passes every test that is named here', () => {
    const all = outcomes.get(SOUND) ?? []
    const failed = all.filter(({ status }) => status === 'failed')
    const why = failed.map(({ fullName, failureMessages }) => `${fullName}\n${failureMessages.join('\n')}`)
    expect(failed.length, why.join('\n\n')).toBe(0)
    for (const { title, name } of FAULTS) {
      const named = all.filter((one) => title.test(one.fullName) && one.status === 'passed')
      expect(named.length, name).toBeGreaterThan(0)
    }
  })
})

describe('a planted fault is noticed', () => {
  test.each(FAULTS.map((fault, index) => ({ ...fault, copy: nameOf(index) })))('$name', ({ copy, title }) => {
    const named = (outcomes.get(copy) ?? []).filter((one) => title.test(one.fullName))
    const noticed = named.filter(
      ({ status, failureMessages }) => status === 'failed' && AN_EXPECTATION.test(failureMessages.join()),
    )
    expect(noticed.map((one) => one.fullName)).not.toEqual([])
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

function anyOf(faults: readonly Fault[]): RegExp {
  return new RegExp(faults.map(({ title }) => title.source).join('|'))
}

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
    ...HELPERS,
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
    ...tests,
  ]) {
    cpSync(one, join(to, one), { recursive: true })
  }
}
