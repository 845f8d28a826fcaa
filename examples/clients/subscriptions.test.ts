import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { type OpenOptions, openServer, SOON } from './live-server.ts'
import { createSocketClient } from './socket.ts'
import { newsOf, SUBSCRIBERS, subscribeWith, type Told } from './subscribers.ts'

/** Seconds that an access token lives, and the five for which it is good after that. */
const TTL = 2
const LIFE = (TTL + 5) * 1000
const ONE_LIFE = { timeout: LIFE + 3000, interval: 50 }
/** A client that does not know how the time passes, and has to hear from the server that its token has expired. */
const STANDING = { clock: () => 0 }

const server = openServer({ AUTHX_ACCESS_TOKEN_TTL: String(TTL) })

describe.concurrent.each(Object.entries(SUBSCRIBERS))('%s', (_name, subscribe) => {
  const start = async (options?: OpenOptions) => {
    const opened = await server.open(options)
    const told: Told = []
    const leave = subscribe(opened.url, opened.session, told)
    /** Waits until the subscriber hears of a login. */
    const hear = async () => {
      const before = told.length
      await vi.waitFor(async () => {
        await server.login()
        expect(told.slice(before)).toContain('STARTED')
      }, SOON)
    }
    return { ...opened, told, news: () => newsOf(told), leave, hear, [Symbol.dispose]: leave }
  }

  it('outlives its access tokens', async () => {
    using subscriber = await start()
    const { attempts, hear, news, overs } = subscriber
    await hear()
    for (let lives = 1; lives <= 2; lives++) {
      await vi.waitFor(() => expect(attempts.connections).toBe(1 + lives), ONE_LIFE)
      await hear()
    }
    expect({ news: news(), overs, attempts }).toEqual({
      news: [],
      overs: [],
      attempts: { connections: 3, refreshes: 2 },
    })
  })

  it('gets a fresh token when it comes with one that is too old, and goes on', async () => {
    const opened = await server.open(STANDING)
    await setTimeout(LIFE + 500)
    const told: Told = []
    const leave = subscribe(opened.url, opened.session, told)
    await vi.waitFor(async () => {
      await server.login()
      expect(told).toContain('STARTED')
    }, SOON)
    leave()
    expect(opened.attempts).toEqual({ connections: 2, refreshes: 1 })
    expect({ news: newsOf(told), overs: opened.overs }).toEqual({ news: [], overs: [] })
  })

  it('tries again when the refresh gets no verdict', async () => {
    using subscriber = await start()
    const { attempts, hear, news, overs, loseRefreshes } = subscriber
    await hear()
    loseRefreshes(1)
    await vi.waitFor(() => expect(attempts.refreshes).toBe(2), ONE_LIFE)
    await hear()
    expect({ news: news(), overs }).toEqual({ news: [], overs: [] })
  })

  it('ends, and says so, when its refresh token is dead at the end of its access token', async () => {
    const { refreshToken } = await server.login()
    await server.query('mutation ($token: String!) { revoke(token: $token) }', {
      variables: { token: refreshToken },
    })
    using subscriber = await start({ refreshToken })
    const { attempts, hear, news, overs, session } = subscriber
    await hear()
    await vi.waitFor(() => expect(news()).toEqual(['failed TOKEN_REVOKED']), ONE_LIFE)
    await setTimeout(2500)
    expect(news()).toEqual(['failed TOKEN_REVOKED'])
    expect(overs).toEqual(['TOKEN_REVOKED'])
    expect(session.accessToken).toBeUndefined()
    expect(attempts.refreshes).toBe(1)
    expect(attempts.connections).toBeLessThanOrEqual(2)
  })

  it('ends, and says so, when a thief has spent its refresh token before', async () => {
    let now = 0
    const opened = await server.open({ clock: () => now })
    const thiefs = await server.refresh(opened.pair.refreshToken)
    await server.refresh(thiefs.refreshToken)
    now = TTL * 1000
    const told: Told = []
    subscribe(opened.url, opened.session, told)
    await vi.waitFor(() => expect(told).toEqual(['failed TOKEN_REUSED']), SOON)
    await setTimeout(2500)
    expect({ told, overs: opened.overs }).toEqual({ told: ['failed TOKEN_REUSED'], overs: ['TOKEN_REUSED'] })
    expect(opened.attempts.refreshes).toBe(1)
  })

  it('leaves when it is told to, and does not come back', async () => {
    using subscriber = await start()
    const { attempts, hear, leave, told } = subscriber
    await hear()
    leave()
    const before = told.length
    await server.login()
    await setTimeout(LIFE + 500)
    expect(told.slice(before).filter((one) => one !== 'complete')).toEqual([])
    expect(attempts).toEqual({ connections: 1, refreshes: 0 })
  })

  it('is told that revokeSession ended its session elsewhere, and sends nothing more', async () => {
    using subscriber = await start()
    const { attempts, hear, news, overs, session, pair } = subscriber
    await hear()
    const { sid } = JSON.parse(String(Buffer.from(pair.accessToken.split('.')[1] ?? '', 'base64url')))
    const { accessToken: token } = await server.login()
    const end = 'mutation ($id: ID!) { revokeSession(id: $id) }'
    expect(await server.query(end, { token, variables: { id: sid } })).toEqual({ revokeSession: true })
    await vi.waitFor(() => expect(news()).toContain('refused TOKEN_REVOKED'), SOON)
    expect(overs).toEqual(['TOKEN_REVOKED'])
    expect(session.accessToken).toBeUndefined()
    await setTimeout(2500)
    expect(attempts).toEqual({ connections: 1, refreshes: 0 })
  })
})

describe.concurrent('the client of graphql-ws', () => {
  it('renews one connection for all that runs over it', async () => {
    const { url, session, attempts, overs } = await server.open()
    const client = createSocketClient(url, session)
    const told: Told[] = [[], [], []]
    const leaves = told.map((one) => subscribeWith(client, one))
    await vi.waitFor(() => expect(attempts.connections).toBe(2), ONE_LIFE)
    await setTimeout(500)
    const before = told.map(({ length }) => length)
    await vi.waitFor(async () => {
      await server.login()
      for (const [at, one] of told.entries()) expect(one.slice(before[at])).toContain('STARTED')
    }, SOON)
    for (const leave of leaves) leave()
    expect({ news: told.map(newsOf), overs, attempts }).toEqual({
      news: [[], [], []],
      overs: [],
      attempts: { connections: 2, refreshes: 1 },
    })
  })
})
