import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism, platform } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('..', import.meta.url))

/** Whether what is measured has a core of its own, beside that of what measures it. */
export const isPinned: boolean =
  platform() === 'linux' && availableParallelism() >= 2 && spawnSync('taskset', ['--version']).status === 0

/** A process of ours: what is measured on the first core, what makes the load on the second. */
export interface Started {
  readonly pid: number
  /** Gives it a line of JSON to read. */
  tell(order: object): void
  /** The next line it prints, read as JSON. Rejects with what it said where it ends before. */
  line<Answer>(): Promise<Answer>
  stop(): Promise<void>
}

export interface StartOptions {
  readonly core?: 0 | 1
  readonly environment?: Readonly<Record<string, string>>
  readonly flags?: readonly string[]
}

/**
 * Starts a module of `samples/` in a fresh process.
 *
 * @param args as the module reads them in `process.argv`
 */
export function start(module: string, args: readonly string[], options: StartOptions = {}): Started {
  const { core = 0, environment = {}, flags = [] } = options
  const node = [process.execPath, ...flags, '--import', './resolve.ts', `samples/${module}.ts`, ...args]
  const [command = '', ...rest] = isPinned ? ['taskset', '-c', String(core), ...node] : node
  const child = spawn(command, rest, {
    cwd: HERE,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  // That it has ended, and what it said, is told by whoever waits for its line.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid ?? 0,
    tell: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    async line<Answer>() {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${[module, ...args].join(' ')} ended without an answer:\n${said}`)
      return JSON.parse(value) as Answer
    },
    stop: () => stop(child),
  }
}

/** Runs a module of `samples/` to its end. */
export async function run<Answer>(
  module: string,
  args: readonly string[],
  options?: StartOptions,
): Promise<Answer> {
  const started = start(module, args, options)
  try {
    return await started.line<Answer>()
  } finally {
    await started.stop()
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
