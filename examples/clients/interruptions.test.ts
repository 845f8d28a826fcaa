import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { openStage } from './harness.ts'
import { openServer, SOON } from './live-server.ts'
import { createSocketClient } from './socket.ts'
import { newsOf, SUBSCRIBERS, type Told } from './subscribers.ts'

const folder = mkdtempSync(join(tmpdir(), 'graphql-authx-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const server = openServer({ AUTHX_DATABASE_URL: 'sqlite:authx.db' }, { folder })

const hear = (told: Told, timeout = SOON.timeout) => {
  const before = told.length
  return vi.waitFor(
    async () => {
      await server.login()
      expect(told.slice(before)).toContain('STARTED')
    },
    { ...SOON, timeout },
  )
}

describe.each(Object.entries(SUBSCRIBERS))('%s', (_name, subscribe) => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('goes on after the server was ended by %s', async (signal) => {
    const { url, session, overs } = await server.open()
    const told: Told = []
    const leave = subscribe(url, session, told)
    await hear(told)
    await server.restart(signal)
    await hear(told, 20_000)
    leave()
    expect({ news: newsOf(told), overs }).toEqual({ news: [], overs: [] })
  })

  it('goes on when the store was out of reach as it began', async () => {
    await using stage = await openStage()
    const { session, overs } = await stage.login()
    const told: Told = []
    stage.breakDown(true)
    const leave = subscribe(`${stage.app.url}?outage`, session, told)
    await setTimeout(500)
    stage.breakDown(false)
    await vi.waitFor(async () => {
      await stage.login()
      expect(told).toContain('STARTED')
    }, SOON)
    leave()
    expect({ news: newsOf(told), overs }).toEqual({ news: [], overs: [] })
  })

  it('gives up when the next token is refused too', async () => {
    const { url, session, attempts, pair, overs } = await server.open()
    session.token = async () => pair.refreshToken
    session.refused = () => true
    const told: Told = []
    subscribe(url, session, told)
    await vi.waitFor(() => expect(newsOf(told)[0]).toMatch(/ACCESS_TOKEN_REQUIRED/), SOON)
    await setTimeout(2500)
    expect({ attempts, overs }).toEqual({ attempts: { connections: 2, refreshes: 0 }, overs: [] })
  })

  it('is told that logoutEverywhere ended its session elsewhere, and sends nothing more', async () => {
    const { url, session, overs, attempts } = await server.open()
    const told: Told = []
    subscribe(url, session, told)
    await hear(told)
    const { accessToken: token } = await server.login()
    expect(await server.query('mutation { logoutEverywhere }', { token })).toHaveProperty('logoutEverywhere')
    await vi.waitFor(() => expect(newsOf(told)).toContain('refused TOKEN_REVOKED'), SOON)
    expect(overs).toEqual(['TOKEN_REVOKED'])
    expect(session.accessToken).toBeUndefined()
    await setTimeout(2500)
    expect(attempts).toEqual({ connections: 1, refreshes: 0 })
  })
})

describe('the client of graphql-ws', () => {
  it('gives up at once when it is closed with 4401', async () => {
    const { url, session, attempts } = await server.open()
    const { WebSocket } = globalThis
    // One that asks before it was welcomed, which no client does.
    globalThis.WebSocket = class extends WebSocket {
      constructor(to: string | URL, protocols?: string | string[]) {
        super(to, protocols)
        const early = { id: 'early', type: 'subscribe', payload: { query: '{ profile }' } }
        this.addEventListener('open', () => this.send(JSON.stringify(early)), { once: true })
      }
    }
    const failure = await new Promise((error) =>
      createSocketClient(url, session).subscribe(
        { query: '{ profile }' },
        { next() {}, error, complete() {} },
      ),
    ).finally(() => {
      globalThis.WebSocket = WebSocket
    })
    expect(failure).toMatchObject({ code: 4401 })
    await setTimeout(2500)
    expect(attempts).toEqual({ connections: 1, refreshes: 0 })
  })

  it('is out of the way when its session is over: no connection at all is made again', async () => {
    const { url, session, pair, overs, attempts } = await server.open()
    await server.query('mutation ($token: String!) { revoke(token: $token) }', {
      variables: { token: pair.refreshToken },
    })
    const failure = await new Promise((error) =>
      createSocketClient(url, session).subscribe(
        { query: '{ profile }' },
        { next() {}, error, complete() {} },
      ),
    )
    expect(failure).toMatchObject({ code: 4403, reason: 'Forbidden: TOKEN_REVOKED' })
    expect({ attempts, overs }).toEqual({
      attempts: { connections: 1, refreshes: 0 },
      overs: ['TOKEN_REVOKED'],
    })
  })
})
