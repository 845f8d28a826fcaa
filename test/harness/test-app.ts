import type { ExecutionResult } from 'graphql'
import { pino } from 'pino'
import type { Store } from '../../src/core/store.ts'
import { addAccount } from '../../src/server/accounts.ts'
import { type App, type AppParts, createApp } from '../../src/server/app.ts'
import { readEnvironment } from '../../src/server/environment.ts'
import { memoryAttempts } from '../../src/stores/memory/attempts.ts'
import { memory } from '../../src/stores/memory.ts'
import { type Answer, eventsOf, read, type Stream, streamOf } from './graphql.ts'
import { SECRET } from './keys.ts'
import { PASSWORD } from './server.ts'

/** The server's app without a socket, with the accounts `anna` and `bert`, over a store that a test can make misbehave. */
export interface TestApp extends App, AsyncDisposable {
  readonly store: Store
  /** What it logged, line by line. */
  readonly lines: readonly string[]
  query(document: string, request?: { token?: string; variables?: object }): Promise<Answer>
  subscribe(document: string, token: string): Promise<Stream>
  login(username?: string): Promise<{ accessToken: string; refreshToken: string }>
}

export async function openApp(
  differing: (store: Store) => Partial<Store> = () => ({}),
  parts: Partial<AppParts> = {},
): Promise<TestApp> {
  const right = memory()
  const different = differing(right)
  const store = new Proxy(right, {
    get: (target, name) => {
      const member = Reflect.get(different, name) ?? Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  for (const username of ['anna', 'bert']) await addAccount(right, username, PASSWORD)
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
  const settings = readEnvironment({ NODE_ENV: 'test' })
  const keys = [{ alg: 'HS256', key: SECRET }] as const
  const app = await createApp({
    settings,
    keys,
    store,
    attempts: memoryAttempts(),
    log,
    isDraining: () => false,
    ...parts,
  })
  const send = async (query: string, accept: string, token?: string, variables?: object) =>
    app.yoga.fetch('http://app/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
    })
  return {
    ...app,
    store,
    lines,
    async query(document, { token, variables } = {}) {
      const response = await send(document, 'application/json', token, variables)
      return read((await response.json()) as ExecutionResult)
    },
    async subscribe(document, token) {
      return streamOf(eventsOf(await send(document, 'text/event-stream', token)))
    },
    async login(username = 'anna') {
      const document =
        'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken refreshToken } }'
      const response = await send(document, 'application/json', undefined, { u: username, p: PASSWORD })
      return ((await response.json()) as { data: { login: never } }).data.login
    },
    async [Symbol.asyncDispose]() {
      await app.yoga.dispose()
      await app.authx.close()
    },
  }
}
