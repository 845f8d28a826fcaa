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
import { AN_EXPECTATION, type Outcome, runCopies } from '../../test/faults/copies.ts'
import { plant } from '../../test/faults/planting.ts'
import { FAULTS } from './faults.ts'

const PROJECT = resolve('../..')
const HERE = 'compat/servers'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'authx-server-faults-')))
let outcomes: ReadonlyMap<string, readonly Outcome[]>

/** One run over copies of the project, each with one fault and the test file that has to notice it. */
beforeAll(async () => {
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'))
  for (const [at, fault] of FAULTS.entries()) {
    const folder = join(root, nameOf(at))
    copy(folder, fault.test)
    plant(fault, folder)
  }
  const config = `export default { test: {
    include: ['*/${HERE}/*.test.ts'], experimental: { viteModuleRunner: false }, testTimeout: 60_000,
  } }`
  writeFileSync(join(root, 'vitest.config.mjs'), config)
  outcomes = await runCopies(
    root,
    FAULTS.map(({ test, title }, at) => ({ folder: nameOf(at), test: join(HERE, test), title })),
  )
}, 900_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a planted fault is noticed', () => {
  test.each(FAULTS.map((fault, at) => ({ ...fault, copy: nameOf(at) })))('$name', ({ copy: name, title }) => {
    const named = (outcomes.get(name) ?? []).filter(({ fullName }) => title.test(fullName))
    const failed = named.filter(({ failureMessages }) => AN_EXPECTATION.test(failureMessages.join()))
    expect(failed.map(({ fullName }) => fullName)).not.toEqual([])
  })
})

function nameOf(at: number): string {
  return `fault-${at + 1}`
}

function copy(folder: string, noticing: string): void {
  mkdirSync(join(folder, HERE), { recursive: true })
  for (const one of ['src', 'test/harness', 'docs/servers.md', 'package.json', 'tsconfig.json']) {
    cpSync(join(PROJECT, one), join(folder, one), { recursive: true })
  }
  for (const one of [...globSync('*.ts'), 'package.json'].filter((file) => !file.endsWith('.test.ts'))) {
    cpSync(one, join(folder, HERE, one))
  }
  cpSync(noticing, join(folder, HERE, noticing))
  symlinkSync(resolve('node_modules'), join(folder, HERE, 'node_modules'))
}
