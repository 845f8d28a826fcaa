import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('./child.ts', import.meta.url))

/** A process beside the test; see `child.ts` for its verbs. */
export class Neighbour {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>

  /** @param user whom it runs as; the test itself may be root, who can write everywhere */
  constructor(
    verb: 'open' | 'revoke' | 'crowd' | 'rotate' | 'lock' | 'killOnNewPassword',
    path: string,
    user?: number,
  ) {
    const identity = user === undefined ? {} : { uid: user, gid: user }
    this.#process = spawn(process.execPath, [SCRIPT, verb, path], {
      stdio: ['pipe', 'pipe', 'inherit'],
      ...identity,
    })
    const { stdout } = this.#process
    if (stdout === null) throw new Error('the child has no output')
    this.#lines = createInterface(stdout)[Symbol.asyncIterator]()
  }

  /** The next line it prints. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done === true) throw new Error('the child ended without an answer')
    return value
  }

  /** What it printed until it ended. */
  async rest(): Promise<readonly string[]> {
    const lines: string[] = []
    for (let next = await this.#lines.next(); next.done !== true; next = await this.#lines.next()) {
      lines.push(next.value)
    }
    return lines
  }

  send(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  /** Stops it where it is. */
  freeze(): void {
    this.#process.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process.kill('SIGCONT')
  }

  /** Ends it without a chance to tidy up. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exit
  }
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): Disposable & { readonly path: string; file(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'authx-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]() {
      chmodSync(path, 0o700)
      rmSync(path, { recursive: true })
    },
  }
}
