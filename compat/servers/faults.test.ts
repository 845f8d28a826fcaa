import { spawn } from 'node:child_process'
import {
  cpSync,
  globSync,
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
import { FAULTS } from './faults.ts'

const PROJECT = resolve('../..')
const HERE = 'compat/servers'
const NAMED = FAULTS.map(({ title }) => title.source.replace('^', '')).join('|')

interface Outcome {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

const root = realpathSync(mkdtempSync(join(tmpdir(), 'authx-server-faults-')))
let outcomes: ReadonlyMap<string, readonly Outcome[]>

/** One run over copies of the project, each with one fault and the test file that has to notice it. */
beforeAll(async () => {
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'node_modules'))
  for (const [at, { file, find, replace, test: noticing }] of FAULTS.entries()) {
    const folder = join(root, nameOf(at))
    copy(folder, noticing)
    const [before, after, ...more] = readFileSync(join(folder, file), 'utf8').split(find)
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`${file}: this must be in it exactly once: ${find}`)
    }
    writeFileSync(join(folder, file), before + replace + after)
  }
  outcomes = await run()
}, 900_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a planted fault is noticed', () => {
  test.each(FAULTS.map((fault, at) => ({ ...fault, copy: nameOf(at) })))('$name', ({ copy: name, title }) => {
    const named = (outcomes.get(name) ?? []).filter(({ fullName }) => title.test(fullName))
    const failed = named.filter(({ failureMessages }) => /AssertionError/.test(failureMessages.join()))
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

async function run(): Promise<Map<string, Outcome[]>> {
  const config = `export default { test: {
    include: ['*/${HERE}/*.test.ts'], experimental: { viteModuleRunner: false }, maxWorkers: 2, testTimeout: 60_000,
  } }`
  writeFileSync(join(root, 'vitest.config.mjs'), config)
  const report = join(root, 'report.json')
  const options = [
    '--root',
    root,
    '--reporter=json',
    '--no-isolate',
    `--outputFile=${report}`,
    `--testNamePattern=${NAMED}`,
  ]
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|VITE_|NODE_ENV$|TEST$)/.test(name)),
  )
  const cli = join(PROJECT, 'node_modules/vitest/vitest.mjs')
  await new Promise((done) => {
    spawn(process.execPath, [cli, 'run', ...options], { cwd: root, env, stdio: 'ignore' }).on('close', done)
  })
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: readonly { readonly name: string; readonly assertionResults: readonly Outcome[] }[]
  }
  return new Map(
    testResults.map(({ name, assertionResults }) => [
      name.slice(root.length + 1).split('/')[0] ?? '',
      [...assertionResults],
    ]),
  )
}
