import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const LAUNCHER = fileURLToPath(new URL('../../bin/graphql-authx.js', import.meta.url))

/** A GraphQL answer over HTTP. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests read into answers
  readonly body: any
}

/** The server, as `npm start` runs it: a process of its own, in an empty folder, on a free port. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string
  readonly folder: string
  readonly process: ChildProcess
  /** All that it printed so far. */
  output(): string
  /** The password that was printed for the demo user. */
  readonly password: string
  query(
    document: string,
    options?: { token?: string; variables?: object; headers?: Record<string, string> },
  ): Promise<Answer>
  /** Logs the demo user in. */
  login(): Promise<{ accessToken: string; refreshToken: string }>
  /** Sends a signal and waits for the end; the exit code, or the signal. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
}

export interface ServerOptions {
  /** A folder to run in, which stays; default: a new one that goes. */
  readonly folder?: string
  readonly env?: Record<string, string>
}

export const PASSWORD = 'correct horse battery staple'

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'graphql-authx-'))
}

/** Some hundred processes are started, and most of what a start takes is compiling the same sources. */
export const COMPILE_CACHE: string = join(tmpdir(), 'graphql-authx-compile-cache')

/** The environment without anything that would configure the server. */
export function bareEnvironment(extra: Record<string, string> = {}): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR']
  const base = Object.fromEntries(kept.map((name) => [name, process.env[name] ?? '']))
  return { ...base, NODE_COMPILE_CACHE: COMPILE_CACHE, PORT: '0', AUTHX_DEMO_PASSWORD: PASSWORD, ...extra }
}

export async function startServerProcess(options: ServerOptions = {}): Promise<ServerProcess> {
  const folder = options.folder ?? temporaryFolder()
  const child = spawn(process.execPath, [LAUNCHER, 'serve'], {
    cwd: folder,
    env: bareEnvironment(options.env),
  })
  let printed = ''
  const ended = once(child, 'exit')
  const url = await new Promise<string>((started, failed) => {
    const read = (chunk: Buffer): void => {
      printed += chunk
      const found = /(http:\/\/[^\s/"]+)\/graphql/.exec(printed)?.[1]
      if (found !== undefined) started(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', () => failed(new Error(`the server did not start:\n${printed}`)))
  })
  const end = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
    return child.exitCode ?? child.signalCode
  }
  const query: ServerProcess['query'] = (document, request = {}) => post(`${url}/graphql`, document, request)
  return {
    url,
    folder,
    process: child,
    output: () => printed,
    password: PASSWORD,
    query,
    async login() {
      const document =
        'mutation ($password: String!) { login(username: "demo", password: $password) { accessToken refreshToken } }'
      const { body } = await query(document, { variables: { password: PASSWORD } })
      return body.data.login
    },
    end,
    async [Symbol.asyncDispose]() {
      await end('SIGKILL')
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function post(
  url: string,
  query: string,
  { token, variables, headers }: { token?: string; variables?: object; headers?: Record<string, string> },
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ query, ...(variables === undefined ? {} : { variables }) }),
  })
  return { status: response.status, headers: response.headers, body: await response.json() }
}
