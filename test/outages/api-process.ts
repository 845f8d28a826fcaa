import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('./node.ts', import.meta.url))
const SKEW = new URL('./skewed-clock.ts', import.meta.url).href

export interface ApiOptions {
  readonly name: string
  readonly storeUrl: string
  readonly secret: string
  /** Whether it follows hints alone: the negative control. */
  readonly hintsOnly: boolean
  /** Whether its wall clock is two minutes ahead. */
  readonly skewed: boolean
}

/** An answer of the API; null where there was none. */
export type Answer = {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly { readonly extensions?: { readonly reason?: string } }[]
} | null

/** One process of the API, which can be paused, killed and started again. */
export class ApiProcess {
  readonly #options: ApiOptions
  #child: ChildProcess | undefined
  #port = 0
  #starts = 0

  constructor(options: ApiOptions) {
    this.#options = options
  }

  /** Another one after each start. */
  get name(): string {
    return `${this.#options.name}.${this.#starts}`
  }

  /** Resolves when it answers requests. On a busy machine a store may take longer than a start waits for it, so that is tried again, as whatever restarts servers does. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#start()
      } catch (error) {
        if (tries === 5) throw error
      }
    }
  }

  async #start(): Promise<void> {
    const { storeUrl, secret, hintsOnly, skewed } = this.#options
    const child = spawn(
      process.execPath,
      [...(skewed ? ['--import', SKEW] : []), SCRIPT, storeUrl, secret, hintsOnly ? 'hints' : ''],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    )
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said += String(chunk)
    })
    child.stdin?.on('error', () => undefined)
    const line = await Promise.race([
      once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line').then(
        ([first]) => first,
      ),
      once(child, 'exit').then(() => undefined),
    ])
    if (line === undefined) throw new Error(`${this.#options.name} did not start: ${said}`)
    this.#child = child
    this.#port = Number(line)
    this.#starts += 1
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
  }

  /** Null where it did not answer, or not within a few seconds. */
  async ask(query: string, token?: string): Promise<Answer> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query }),
        signal: AbortSignal.timeout(6000),
      })
      return (await response.json()) as Answer
    } catch {
      return null
    }
  }
}
