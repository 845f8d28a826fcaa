import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('./run-copies.ts', import.meta.url))

/** How an expectation fails, other than a test that broke: snapshots, promises and polls have errors of their own. */
export const AN_EXPECTATION: RegExp =
  /AssertionError|Snapshot .* mismatched|promise (resolved|rejected) .* instead of|Error: expected /

/** A test file in a copy of the project, and which of its tests run: the others would cost time and say nothing. */
export interface Copy {
  /** The copy's folder, from the root of all copies. */
  readonly folder: string
  /** The test file, from that folder. */
  readonly test: string
  readonly title: RegExp
}

/** What became of a test. */
export interface Outcome {
  /** Its title after those of its suites, joined by " > ". */
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

/** What `run-copies.ts` reads in the folder of all copies, and what it leaves there: outcomes by the copy's folder. */
export const ORDER = 'order.json'
export const OUTCOMES = 'outcomes.json'

/**
 * Runs tests of copies that lie in one folder, whose configuration is there: in one run of vitest, a process of its own, since most
 * of what a run takes is its start. Answers with what became of each copy's tests.
 */
export async function runCopies(
  root: string,
  copies: readonly Copy[],
): Promise<ReadonlyMap<string, readonly Outcome[]>> {
  writeFileSync(
    join(root, ORDER),
    JSON.stringify(copies.map((copy) => ({ ...copy, title: copy.title.source }))),
  )
  // Nothing of the vitest that runs this; NODE_ENV is what its command line would set.
  const outer = Object.entries(process.env).filter(([name]) => !/^(VITEST|VITE_|TEST$)/.test(name))
  const env = { ...Object.fromEntries(outer), NODE_ENV: 'test' }
  const said: string[] = []
  await new Promise<void>((done, failed) => {
    const child = spawn(process.execPath, [SCRIPT, root], { cwd: root, env })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => said.push(String(chunk)))
    child.on('error', failed)
    child.on('close', () => done())
  })
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(join(root, OUTCOMES), 'utf8'))))
  } catch (error) {
    throw new Error(`the run of the copies left no outcomes: ${said.join('')}`, { cause: error })
  }
}
