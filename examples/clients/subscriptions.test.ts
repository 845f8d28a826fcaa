import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { PASSWORD, type ServerProcess, startServerProcess } from '../../test/harness/server.ts'
import { Session, type SessionOptions } from './session.ts'
import { SUBSCRIBERS, type Told } from './subscribers.ts'

/** Seconds that an access token lives. */
const TTL = 2
/** Milliseconds in which something that comes at once has come. */
const SOON = { timeout: 3000, interval: 20 }
const PAIR = '{ accessToken refreshToken expiresIn }'

let server: ServerProcess
beforeAll(async () => {
  server = await startServerProcess({
    env: {
      AUTHX_ACCESS_TOKEN_TTL: String(TTL),
      AUTHX_DATABASE_URL: 'memory:',
      // Every event that is waited for is a login.
      AUTHX_MAX_SESSIONS: '1000',
    },
  })
})
afterAll(() => server[Symbol.asyncDispose]())

/** Connections and requests of the clients since the last look; the test itself speaks to the server by `server.query`, which is counted apart. */
let attempts = { sockets: 0, streams: 0, refreshes: 0 }
beforeEach(() => {
  attempts = { sockets: 0, streams: 0, refreshes: 0 }
  const { fetch, WebSocket } = globalThis
  vi.stubGlobal('fetch', (input: string, init: RequestInit = {}) => {
    if (new Headers(init.headers).get('accept') === 'text/event-stream') attempts.streams++
    if (String(init.body).includes('mutation Refresh')) attempts.refreshes++
    return fetch(input, init)
  })
  vi.stubGlobal(
    'WebSocket',
    class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols)
        attempts.sockets++
      }
    },
  )
})
afterEach(() => vi.unstubAllGlobals())

const log = `mutation ($password: String!) { login(username: "demo", password: $password) ${PAIR} }`

async function login() {
  const { body } = await server.query(log, { variables: { password: PASSWORD } })
  return body.data.login
}

async function open(options: Partial<SessionOptions> = {}) {
  const overs: string[] = []
  const url = `${server.url}/graphql`
  const pair = await login()
  const session = new Session(pair, { url, onOver: (reason) => overs.push(reason), ...options })
  return { session, overs, url, pair }
}

describe.each(Object.entries(SUBSCRIBERS))('%s', (name, subscribe) => {
  const connections = () => (name.includes('server-sent') ? attempts.streams : attempts.sockets)
  /** Subscribes, and waits until the subscriber hears of a login. */
  const listening = async (options?: Partial<SessionOptions>) => {
    const opened = await open(options)
    const told: Told = []
    const leave = subscribe(opened.url, opened.session, told)
    const hear = async () => {
      const before = told.length
      await vi.waitFor(async () => {
        await login()
        expect(told.slice(before)).toContain('STARTED')
      }, SOON)
    }
    await hear()
    const news = () => told.filter((one) => !['STARTED', 'REFRESHED'].includes(one))
    return { ...opened, told, news, leave, hear, [Symbol.dispose]: leave }
  }

  it('outlives its access tokens', async () => {
    using subscriber = await listening()
    const { hear, news, overs } = subscriber
    for (let lives = 0; lives < 2; lives++) {
      const before = connections()
      await vi.waitFor(() => expect(connections()).toBe(before + 1), { timeout: 12_000 })
      await hear()
    }
    expect({ news: news(), overs, ...attempts }).toMatchObject({ news: [], overs: [], refreshes: 2 })
  })

  it.each([
    ['logoutEverywhere', async (token: string) => server.query('mutation { logoutEverywhere }', { token })],
    [
      'revokeSession',
      async (token: string, id: string) =>
        server.query('mutation ($id: ID!) { revokeSession(id: $id) }', { token, variables: { id } }),
    ],
  ])('is told that it was logged out by %s elsewhere, and sends nothing more', async (_, end) => {
    using subscriber = await listening()
    const { told, overs, session, pair } = subscriber
    const { sid } = JSON.parse(Buffer.from(pair.accessToken.split('.')[1], 'base64url').toString())
    const elsewhere = await login()
    expect((await end(elsewhere.accessToken, sid)).body.errors).toBeUndefined()
    await vi.waitFor(() => expect(told).toContain('refused TOKEN_REVOKED'), SOON)
    expect(overs).toEqual(['TOKEN_REVOKED'])
    expect(session.accessToken).toBeUndefined()
    await setTimeout(500)
    expect(attempts).toEqual({ sockets: attempts.sockets, streams: attempts.streams, refreshes: 0 })
    expect(connections()).toBe(1)
  })
})
