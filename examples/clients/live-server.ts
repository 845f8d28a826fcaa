import { afterAll, beforeAll } from 'vitest'
import {
  PASSWORD,
  type ServerOptions,
  type ServerProcess,
  startServerProcess,
} from '../../test/harness/server.ts'
import { Session, type SessionOptions } from './session.ts'

/** For something that comes at once; retries of a client take a second or two. */
export const SOON = { timeout: 8000, interval: 200 }

/** Every event that is waited for is a login, and many tests wait at once. */
const MANY_LOGINS = {
  AUTHX_MAX_SESSIONS: '1000',
  AUTHX_LOGIN_TRIES: '1000',
  AUTHX_LOGIN_TRIES_SOURCE: '1000',
  AUTHX_LOGIN_TRIES_ACCOUNT: '1000',
}

/** What a client of ours did to get through. */
export interface Attempts {
  /** WebSockets, and requests for server-sent events. */
  connections: number
  refreshes: number
}

interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresIn: number
}

export interface OpenOptions extends Pick<SessionOptions, 'clock'> {
  /** Another one than that of the login. */
  readonly refreshToken?: string
}

export interface Opened {
  /** The endpoint, with a mark of its own. */
  readonly url: string
  readonly session: Session
  readonly pair: Pair
  /** What the app was told: why the login was over. */
  readonly overs: readonly string[]
  readonly attempts: Readonly<Attempts>
  /** So many refreshes get no answer. */
  loseRefreshes(count: number): void
}

/** A server process with its demo user, as a test needs it. */
export interface LiveServer {
  /** Data of an operation of the test's own. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read into answers
  query(document: string, options?: { token?: string; variables?: object }): Promise<any>
  login(): Promise<Pair>
  refresh(token: string): Promise<Pair>
  /** A session of the demo user. */
  open(options?: OpenOptions): Promise<Opened>
  /** Starts it again where it was. */
  restart(signal: NodeJS.Signals): Promise<void>
}

const PAIR = '{ accessToken refreshToken expiresIn }'
const LOGIN = `mutation ($password: String!) { pair: login(username: "demo", password: $password) ${PAIR} }`

/** Starts before the tests of a file, and ends after them. */
export function openServer(env: Record<string, string>, options: ServerOptions = {}): LiveServer {
  let server: ServerProcess
  const counts = new Map<string, Attempts>()
  const lost = new Map<string, number>()
  const { fetch, WebSocket } = globalThis
  const start = (more: Record<string, string> = {}) =>
    startServerProcess({
      ...options,
      env: { ...MANY_LOGINS, AUTHX_DATABASE_URL: 'memory:', ...env, ...more },
    })
  const attemptsOf = (url: string): Attempts =>
    counts.get(new URL(url).search) ?? { connections: 0, refreshes: 0 }

  beforeAll(async () => {
    server = await start()
    globalThis.fetch = async (input, init = {}) => {
      const url = String(input)
      const attempts = attemptsOf(url)
      if (new Headers(init.headers).get('accept') === 'text/event-stream') attempts.connections++
      if (!String(init.body).includes('mutation Refresh')) return fetch(input, init)
      attempts.refreshes++
      const left = lost.get(new URL(url).search) ?? 0
      if (left === 0) return fetch(input, init)
      lost.set(new URL(url).search, left - 1)
      throw new TypeError('fetch failed')
    }
    globalThis.WebSocket = class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols)
        attemptsOf(String(url)).connections++
      }
    }
  })
  afterAll(async () => {
    Object.assign(globalThis, { fetch, WebSocket })
    await server[Symbol.asyncDispose]()
  })

  const query: LiveServer['query'] = async (document, request) => {
    const { body } = await server.query(document, request)
    return body.data ?? body
  }
  const login = async (): Promise<Pair> => (await query(LOGIN, { variables: { password: PASSWORD } })).pair
  return {
    query,
    login,
    refresh: async (token) => (await query(`mutation { pair: refresh ${PAIR} }`, { token })).pair,
    async open({ refreshToken, ...more } = {}) {
      const mark = `?client=${counts.size}`
      const attempts = { connections: 0, refreshes: 0 }
      counts.set(mark, attempts)
      const overs: string[] = []
      const url = `${server.url}/graphql${mark}`
      const pair = await login()
      const onOver = (reason: string): void => void overs.push(reason)
      const session = new Session(refreshToken === undefined ? pair : { ...pair, refreshToken }, {
        url,
        onOver,
        ...more,
      })
      return { url, session, pair, overs, attempts, loseRefreshes: (count) => void lost.set(mark, count) }
    },
    async restart(signal) {
      const { port } = new URL(server.url)
      await server.end(signal)
      server = await start({ PORT: port })
    },
  }
}
