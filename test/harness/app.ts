import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AuthX } from '../../src/authx.ts'
import type { Store } from '../../src/core/store.ts'
import { addAccount } from '../../src/server/accounts.ts'
import { createApp } from '../../src/server/app.ts'
import { configuredKeys } from '../../src/server/configured-keys.ts'
import { openDatabase } from '../../src/server/database.ts'
import { readEnvironment } from '../../src/server/environment.ts'
import { listen } from '../../src/server/listen.ts'
import { createLogger } from '../../src/server/logging.ts'
import type { SessionEvents } from '../../src/server/session-events.ts'
import { serveSockets } from '../../src/server/sockets.ts'
import { temporaryFolder } from './server.ts'

export const RIGHT = 'correct horse battery staple'

/** The server's app on a socket, in this process, so that a test can count what it does. */
export interface App extends AsyncDisposable {
  readonly url: string
  readonly store: Store
  readonly authx: AuthX
  readonly events: SessionEvents
  /** One POST of JSON. */
  send(body: unknown, headers?: Record<string, string>): Promise<Response>
  /** One login, from an address that a trusted proxy names. */
  login(username: string, password: string, from?: string): Promise<Login>
}

export interface Login {
  readonly status: number
  readonly retryAfter: number | undefined
  /** Why it was refused. */
  readonly reason: string | undefined
  readonly headers: Headers
  readonly text: string
}

export interface AppOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A database that others open too; default: one in memory. */
  readonly database?: string
}

const LOGIN = 'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken } }'

/** Starts the app with the users ada, who can log in, and bob, who is disabled; both have the password {@link RIGHT}. */
export async function startApp({ env = {}, database = 'memory:' }: AppOptions = {}): Promise<App> {
  const settings = readEnvironment({
    AUTHX_DATABASE_URL: database,
    // Tests of production are no production.
    AUTHX_ALLOW_MEMORY: 'true',
    AUTHX_SECRET: 'k7Qm2Zs9Xv4Bn8Lp1Rt6Yw3Hd5Gf0Jc2',
    LOG_LEVEL: 'silent',
    ...env,
  })
  const log = createLogger(settings)
  const { store, attempts } = await openDatabase(settings.databaseUrl)
  if (await addAccount(store, 'ada', RIGHT)) await addDisabled(store, 'bob')
  const keys = configuredKeys(settings, log)
  const app = await createApp({ settings, keys, store, attempts, log, isDraining: () => false })
  const { authx, yoga } = app
  const listening = await listen(yoga, 0, '127.0.0.1')
  const sockets = serveSockets(listening.server, app, settings, log)
  const url = `${listening.url}/graphql`
  const send: App['send'] = (body, headers = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return {
    url,
    store,
    authx,
    events: app.events,
    send,
    async login(u, p, from) {
      const headers = from === undefined ? {} : { 'x-forwarded-for': from }
      return readLogin(await send({ query: LOGIN, variables: { u, p } }, headers))
    },
    async [Symbol.asyncDispose]() {
      app.streams.cut()
      await Promise.all([listening.drain(1), sockets.drain(1)])
      app.events.close()
      await yoga.dispose()
      await attempts.close()
      await authx.close()
    },
  }
}

async function addDisabled(store: Store, username: string): Promise<void> {
  await addAccount(store, username, RIGHT)
  const account = await store.findByUsername(username)
  if (account !== undefined) await store.changeAccount(account.id, { disabled: true })
}

async function readLogin(response: Response): Promise<Login> {
  const { status, headers } = response
  const text = await response.text()
  const retryAfter = headers.get('retry-after')
  return {
    status,
    headers,
    text,
    retryAfter: retryAfter === null ? undefined : Number(retryAfter),
    reason: JSON.parse(text).errors?.[0]?.extensions?.reason,
  }
}

/** A file for a database that several apps open. */
export function databaseFile(): Disposable & { readonly url: string } {
  const folder = temporaryFolder()
  return {
    url: `sqlite:${join(folder, 'authx.db')}`,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
