import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect as connectTo } from 'node:net'
import { useServer } from 'graphql-ws/use/ws'
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { TokenWatch } from '../../src/core/token-watch.ts'
import { withAuthX } from '../../src/graphql/adapters/graphql-ws.ts'
import { guarded, inProcess, type Resolvers, serve } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { openSocket } from '../harness/socket.ts'

const TYPES = `
  type Query { open: String }
  type Subscription { ticks: Int @auth  flood: String @auth  deaf: Int @auth }
`
const LARGE = 'x'.repeat(64 * 1024)

let following: MockInstance<TokenWatch['onEnd']>
beforeEach(() => {
  following = vi.spyOn(TokenWatch.prototype, 'onEnd')
})
afterEach(() => following.mockRestore())

/** How many wait for the end of a token. */
const waiting = (): number => (following.mock.contexts.at(-1) as TokenWatch | undefined)?.size ?? 0

const settled = (condition: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000, interval: 20 })

function stage() {
  const instance = openAuthX()
  const count = { opened: 0, returned: 0, sent: 0 }
  const idle = (): AsyncIterableIterator<number> => {
    count.opened += 1
    return {
      next: () => new Promise(() => undefined),
      async return() {
        count.returned += 1
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
  const flood = async function* () {
    count.opened += 1
    try {
      for (;;) {
        count.sent += 1
        yield { flood: LARGE }
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      count.returned += 1
    }
  }
  const resolvers: Resolvers = {
    Subscription: {
      ticks: { subscribe: idle, resolve: Number },
      flood: { subscribe: flood },
      deaf: {
        subscribe: async function* () {
          count.opened += 1
          yield { deaf: 1 }
          yield { deaf: 2 }
        },
        // Never answers, whatever the signal says.
        resolve: ({ deaf }: { deaf: number }) => (deaf === 1 ? 1 : new Promise(() => undefined)),
      },
    },
  }
  return { ...instance, count, schema: guarded(instance.authx, TYPES, resolvers) }
}

async function serveSockets({ authx, schema }: ReturnType<typeof stage>, keepAlive?: number) {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http })
  const server = useServer(withAuthX(authx, { schema }), sockets, keepAlive)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    sockets,
    async [Symbol.asyncDispose]() {
      await server.dispose()
      await new Promise((resolve) => http.close(resolve))
      await authx.close()
    },
  }
}

describe('what streams leave behind (GQL-08)', () => {
  test('500 of one session, opened and revoked five times over: no source, no follower, no timer', async () => {
    const { authx, schema, count } = stage()
    const api = await inProcess(authx, schema)
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    let before: number | undefined
    for (let round = 1; round <= 5; round++) {
      const sid = `s${round}`
      const token = await authx.createAccessToken({ sub: 'ada', sid })
      const streams = await Promise.all(
        Array.from({ length: 500 }, () => api.subscribe('subscription { ticks }', { token })),
      )
      expect(waiting()).toBe(500)
      const ends = streams.map((stream) => stream.next())
      await authx.revoke({ sid })
      for (const end of await Promise.all(ends)) expect(end?.refused[0]).toContain('TOKEN_REVOKED')
      for (const end of await Promise.all(streams.map((stream) => stream.next()))) expect(end).toBeUndefined()
      expect(waiting()).toBe(0)
      expect(count).toMatchObject({ opened: 500 * round, returned: 500 * round })
      before ??= timers()
      expect(timers()).toBeLessThanOrEqual(before)
    }
    await authx.close()
  })

  test('1,000 WebSockets that subscribe and are dropped: none', async () => {
    const staged = stage()
    await using server = await serveSockets(staged)
    const token = await staged.authx.createAccessToken({ sub: 'ada' })
    for (let round = 0; round < 10; round++) {
      await Promise.all(
        Array.from({ length: 100 }, async (_, at) => {
          await using socket = await openSocket(server.url)
          // Some go before they were welcome, some before they were subscribed, some later.
          if (at % 3 === 0)
            return socket.send({ type: 'connection_init', payload: { authorization: `bearer ${token}` } })
          await socket.init({ authorization: `bearer ${token}` })
          socket.subscribe('1', 'subscription { ticks }')
          if (at % 3 === 1) await settled(() => staged.count.opened > 0)
        }),
      )
    }
    await settled(() => server.sockets.clients.size === 0 && waiting() === 0)
    expect(staged.count.opened).toBeGreaterThan(0)
    await settled(() => staged.count.returned === staged.count.opened)
  }, 60_000)
})

describe('a client that never reads', () => {
  test('over a WebSocket is waited for, and cut by the keep-alive', async () => {
    const staged = stage()
    await using server = await serveSockets(staged, 500)
    await using socket = await openSocket(server.url)
    await socket.init({ authorization: `bearer ${await staged.authx.createAccessToken({ sub: 'ada' })}` })
    socket.subscribe('1', 'subscription { flood }')
    await socket.next()
    socket.pause()
    await settled(() => server.sockets.clients.size === 0)
    // What fits into the buffers of two sockets, and no more.
    expect(staged.count.sent * LARGE.length).toBeLessThan(64 * 1024 * 1024)
    await settled(() => staged.count.returned === 1 && waiting() === 0)
  })

  test('over server-sent events is waited for, and its source returns with its token', async () => {
    const { authx, schema, count } = stage()
    await using server = await serve(authx, schema)
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    const { hostname, port } = new URL(server.url)
    const socket = connectTo(Number(port), hostname)
    await once(socket, 'connect')
    socket.pause()
    const body = JSON.stringify({ query: 'subscription { flood }' })
    const head = [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      'Accept: text/event-stream',
      'Content-Type: application/json',
      `Authorization: Bearer ${token}`,
      `Content-Length: ${body.length}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
    await settled(() => count.sent > 0)
    let seen = -1
    while (seen !== count.sent) {
      seen = count.sent
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(count.sent * LARGE.length).toBeLessThan(64 * 1024 * 1024)
    }
    await authx.revoke({ sid: 's1' })
    await settled(() => count.returned === 1 && waiting() === 0)
    socket.destroy()
  })
})

describe('a resolver that ignores the signal', () => {
  test('holds up nobody: its stream ends with its token', async () => {
    const { authx, schema } = stage()
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    await using server = await serve(authx, schema)
    const stream = await server.subscribe('subscription { deaf }', { token })
    expect((await stream.next())?.data).toEqual({ deaf: 1 })
    const last = stream.next()
    await authx.revoke({ sid: 's1' })
    expect((await last)?.refused).toEqual([expect.stringContaining('TOKEN_REVOKED')])
    expect(await stream.next()).toBeUndefined()
    expect(waiting()).toBe(0)
  })
})
