import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))

/** How an expectation fails, other than a test that broke: snapshots, promises and polls have errors of their own. */
export const AN_EXPECTATION: RegExp =
  /AssertionError|Snapshot .* mismatched|promise (resolved|rejected) .* instead of|Error: expected /

/** A text to change, by what stands there. */
export interface Change {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Puts a fault into a copy of the project. */
export function plant({ file, find, replace }: Change, folder: string): void {
  const path = join(folder, file)
  const [before, after, ...more] = readFileSync(path, 'utf8').split(find)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file}: this must be in it exactly once: ${find}`)
  }
  writeFileSync(path, before + replace + after)
}

/** What vitest's JSON reporter says of a test. */
export interface Outcome {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

/**
 * Runs vitest over a folder of copies, whose configuration is there, and answers with what became of each copy's tests, by its name.
 *
 * @param named a pattern of the titles of tests that run; the others would cost time and say nothing
 */
export async function runCopies(root: string, named: string): Promise<Map<string, Outcome[]>> {
  const report = join(root, 'report.json')
  const options = ['--reporter=json', `--outputFile=${report}`, '--no-isolate', `--testNamePattern=${named}`]
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|VITE_|NODE_ENV$|TEST$)/.test(name)),
  )
  const said: string[] = []
  await new Promise<void>((done, failed) => {
    const child = spawn(process.execPath, [CLI, 'run', '--root', root, ...options], { cwd: root, env })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)))
    child.on('error', failed)
    child.on('close', () => done())
  })
  return read(root, report, said)
}

interface TestFile {
  readonly name: string
  readonly assertionResults: readonly Outcome[]
}

function read(root: string, report: string, said: readonly string[]): Map<string, Outcome[]> {
  let files: readonly TestFile[]
  try {
    files = (JSON.parse(readFileSync(report, 'utf8')) as { testResults: TestFile[] }).testResults
  } catch (error) {
    throw new Error(`vitest left no report: ${said.join('')}`, { cause: error })
  }
  if (files.length === 0) throw new Error(`vitest ran no tests: ${said.join('')}`)
  const found = new Map<string, Outcome[]>()
  for (const { name, assertionResults } of files) {
    const copy = name.slice(root.length + 1).split('/')[0] ?? ''
    found.set(copy, [...(found.get(copy) ?? []), ...assertionResults])
  }
  return found
}
