import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A server of some database, started for tests in a folder of its own. */
export interface Service extends AsyncDisposable {
  /** Where its files are. */
  readonly data: string
  /** The URL of a database of its own, which is made; the server's end is its end too. */
  database(): Promise<string>
  /** What `kill -STOP` and `kill -CONT` do, to every process of the server. */
  freeze(): void
  thaw(): void
  /** Ends it without a chance to tidy up. */
  kill(): Promise<void>
  /** Starts it again, over the same files. */
  restart(): Promise<void>
}

/** The server that a URL names; it is not ours, so that nothing of it can be stopped. */
export type SharedService = Pick<Service, 'database' | keyof AsyncDisposable>

/** A command of a server. Root may not run one, so it gets a user: the one that the package made. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly user: string
}

/** A folder that a user can write to, for as long as the server is there. */
export function folderFor(user: string): string {
  const folder = mkdtempSync(join(tmpdir(), `authx-${user}-`))
  if (process.getuid?.() === 0) chownSync(folder, idOf(user, '-u'), idOf(user, '-g'))
  return folder
}

function idOf(user: string, which: '-u' | '-g'): number {
  return Number(spawnSync('id', [which, user], { encoding: 'utf8' }).stdout)
}

/** Whom a command runs as. Its own session, so that its processes can be told apart from everybody else's. */
function identityOf(user: string): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: idOf(user, '-u'), gid: idOf(user, '-g') } : {}
}

/** Runs a command to its end. */
export function runAs({ program, args, user }: Command): void {
  const done = spawnSync(program, args, { encoding: 'utf8', cwd: tmpdir(), ...identityOf(user) })
  if (done.status !== 0)
    throw new Error(`${program} failed: ${done.error ?? ''}\n${done.stdout}${done.stderr}`)
}

/** A server's process, and those that it starts. */
class ServiceProcess {
  readonly #command: Command
  #child: ChildProcess | undefined
  #said = ''
  readonly #end = () => this.signal('SIGKILL')

  constructor(command: Command) {
    this.#command = command
  }

  /** @param isUp resolves true when it answers */
  async start(isUp: () => Promise<boolean>): Promise<void> {
    const { program, args, user } = this.#command
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: tmpdir(),
      ...identityOf(user),
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#said += String(chunk)
      })
    }
    // However the tests end, short of being killed themselves.
    process.once('exit', this.#end)
    const deadline = Date.now() + 30_000
    while (!(await isUp())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        this.#end()
        throw new Error(`${program} did not start:\n${this.#said}`)
      }
      await new Promise((done) => setTimeout(done, 20))
    }
  }

  /** To the process and all that it started: they are a group. */
  signal(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child ?? {}
    if (pid === undefined || exitCode !== null || signalCode !== null) return
    for (const one of [pid, ...descendantsOf(pid)]) {
      try {
        process.kill(one, signal)
      } catch {
        // It has just ended.
      }
    }
  }

  async kill(): Promise<void> {
    const child = this.#child
    process.removeListener('exit', this.#end)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    this.signal('SIGKILL')
    await exit
  }
}

/** What is known of a server of our own before it runs. */
export interface ServiceParts {
  readonly command: Command
  /** What goes with the server. */
  readonly folder: string
  /** Where its files are. */
  readonly data: string
  database(): Promise<string>
  /** Asks the server something. Rejects while it does not answer. */
  ask(): Promise<unknown>
}

/** Starts a server of our own, and resolves when it answers. */
export async function startService({ command, folder, data, database, ask }: ServiceParts): Promise<Service> {
  const server = new ServiceProcess(command)
  const start = () =>
    server.start(() =>
      ask().then(
        () => true,
        () => false,
      ),
    )
  await start()
  return {
    data,
    database,
    freeze: () => server.signal('SIGSTOP'),
    thaw: () => server.signal('SIGCONT'),
    kill: () => server.kill(),
    restart: start,
    async [Symbol.asyncDispose]() {
      await server.kill()
      removeFolder(folder)
    },
  }
}

/** A server that somebody else started. */
export function sharedService(database: () => Promise<string>): SharedService {
  return { database, async [Symbol.asyncDispose]() {} }
}

function descendantsOf(pid: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  const children = (stdout ?? '').split('\n').map(Number).filter(Boolean)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
