import Fastify from 'fastify'
import jwt from 'jsonwebtoken'
import mercurius from 'mercurius'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { mercuriusAuthX } from '../../src/graphql/adapters/mercurius.ts'
import type { AuthX, AuthXOptions } from '../../src/index.ts'
import { gate, guarded, type Resolvers } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { type MercuriusParts, serve } from './mercurius.ts'

const TYPES = `
  type Query { open: String secret: String @auth slow: String @auth }
  type Mutation { change: String @auth }
  type Subscription { ticks: Int secrets: Int @auth logs: Line }
  type Line { text: String @auth }
`

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** How often `slow` was asked for. */
let slow = 0

/** Three events; the last two wait until a test lets them. */
function streams(): { readonly resolvers: Resolvers; readonly release: () => void } {
  const { opened, open } = gate()
  const count = (name: string) =>
    async function* () {
      yield { [name]: 1 }
      await opened
      yield { [name]: 2 }
      yield { [name]: 3 }
    }
  const logs = async function* () {
    yield { logs: { text: 'line' } }
  }
  const Subscription = {
    ticks: { subscribe: count('ticks') },
    secrets: { subscribe: count('secrets') },
    logs: { subscribe: logs },
  }
  const Query = {
    open: () => 'open',
    secret: () => 'secret',
    slow: () => ++slow && opened.then(() => 'slow'),
  }
  return { resolvers: { Query, Mutation: { change: () => 'change' }, Subscription }, release: open }
}

interface Message {
  readonly type: string
  readonly id?: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  readonly payload?: any
}

interface Socket {
  send(message: Message): void
  subscribe(query: string, id?: string): void
  leave(): void
  /** The next message, or the code that the socket was closed with. */
  next(): Promise<Message | number>
}

async function start(options: AuthXOptions = {}, parts: MercuriusParts = {}) {
  const { authx, log } = openAuthX(options)
  const { resolvers, release } = streams()
  const served = await serve(authx, guarded(authx, TYPES, resolvers), {
    ...parts,
    mercurius: { subscription: true, ...parts.mercurius },
  })
  closing.push(served.close, release)
  return {
    authx,
    log,
    release,
    app: served.app,
    url: served.url,
    token: () => authx.createAccessToken({ sub: 'ada' }),
  }
}

function connect(url: string, headers: Record<string, string> = {}): Promise<Socket> {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
  const arrived: (Message | number)[] = []
  let waiting: ((value: Message | number) => void) | undefined
  const arrive = (value: Message | number): void => {
    if (waiting === undefined) arrived.push(value)
    else waiting(value)
    waiting = undefined
  }
  socket.on('message', (text) => arrive(JSON.parse(String(text))))
  socket.on('close', (code) => arrive(code))
  closing.push(() => socket.terminate())
  const send = (message: Message): void => socket.send(JSON.stringify(message))
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () =>
      resolve({
        send,
        subscribe: (query, id = '1') => send({ type: 'subscribe', id, payload: { query } }),
        leave: () => socket.terminate(),
        async next() {
          const [first] = arrived.splice(0, 1)
          return (
            first ??
            new Promise<Message | number>((found) => {
              waiting = found
            })
          )
        },
      }),
    )
  })
}

async function connected(url: string, payload?: object, headers?: Record<string, string>): Promise<Socket> {
  const socket = await connect(url, headers)
  socket.send({ type: 'connection_init', payload })
  expect(await socket.next()).toMatchObject({ type: 'connection_ack' })
  return socket
}

const bearerOf = (token: string) => ({ Authorization: `Bearer ${token}` })

describe('a socket', () => {
  test.each<[string, (token: string) => [object | undefined, Record<string, string> | undefined]]>([
    ['in the payload', (token) => [bearerOf(token), undefined]],
    ['in the headers of the payload', (token) => [{ headers: bearerOf(token) }, undefined]],
    ['in the headers of the upgrade', (token) => [undefined, bearerOf(token)]],
  ])('has its token %s', async (_, where) => {
    const { url, token } = await start()
    const socket = await connected(url, ...where(await token()))
    socket.subscribe('subscription { secrets }')
    expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { secrets: 1 } } })
  })

  test('says in the log that an operation cannot bring a token of its own', async () => {
    const { url, token, log } = await start()
    const socket = await connected(url)
    const extensions = { headers: bearerOf(await token()) }
    socket.send({ type: 'subscribe', id: 'own', payload: { query: 'subscription { secrets }', extensions } })
    expect(JSON.stringify(await socket.next())).toContain('TOKEN_MISSING')
    expect(log.lines.join()).toContain('which is not read there')
  })

  test('without a token has what anybody may have, and no more', async () => {
    const { url } = await start()
    const socket = await connected(url)
    socket.subscribe('subscription { ticks }')
    expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { ticks: 1 } } })
    socket.subscribe('subscription { secrets }', '2')
    expect(await socket.next()).toMatchObject({
      type: 'error',
      id: '2',
      payload: [{ extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' } }],
    })
    socket.subscribe('subscription { logs { text } }', '3')
    expect(await socket.next()).toMatchObject({
      payload: { data: { logs: { text: null } }, errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] },
    })
  })

  test('with a bad token is closed with 4403, whatever it would ask for', async () => {
    const { url, token, authx } = await start()
    const revoked = await token()
    await authx.revoke({ token: revoked })
    const { refreshToken } = await authx.createTokenPair({ sub: 'ada' })
    for (const bad of [revoked, 'garbage', refreshToken]) {
      const socket = await connect(url)
      socket.send({ type: 'connection_init', payload: bearerOf(bad) })
      expect(await socket.next()).toBe(4403)
    }
  })

  test('goes by what its client introduced itself with, before what its request brought', async () => {
    const { url, token } = await start()
    const socket = await connected(url, bearerOf(await token()), bearerOf('garbage'))
    socket.subscribe('subscription { secrets }')
    expect(await socket.next()).toMatchObject({ payload: { data: { secrets: 1 } } })
    const bad = await connect(url, bearerOf(await token()))
    bad.send({ type: 'connection_init', payload: bearerOf('garbage') })
    expect(await bad.next()).toBe(4403)
  })

  test('with two tokens under one name is closed', async () => {
    const { url, token } = await start()
    const socket = await connect(url)
    const payload = { ...bearerOf(await token()), authorization: `Bearer ${await token()}` }
    socket.send({ type: 'connection_init', payload })
    expect(await socket.next()).toBe(4403)
  })

  test('has one token for all that it starts, however its client spells the name', async () => {
    const { url, token, release } = await start()
    const socket = await connected(url, { authorization: `Bearer ${await token()}` })
    release()
    for (const id of ['1', '2']) {
      socket.subscribe('subscription { logs { text } }', id)
      expect(await socket.next()).toEqual({ type: 'next', id, payload: { data: { logs: { text: 'line' } } } })
      expect(await socket.next()).toMatchObject({ type: 'complete', id })
    }
  })

  test('is nobody where its client introduces itself anew as nobody', async () => {
    const { url, token, release } = await start(
      {},
      { mercurius: { subscription: { fullWsTransport: true } } },
    )
    const socket = await connected(url, { authorization: `Bearer ${await token()}` })
    release()
    socket.subscribe('subscription { logs { text } }')
    expect(await socket.next()).toMatchObject({ payload: { data: { logs: { text: 'line' } } } })
    expect(await socket.next()).toMatchObject({ type: 'complete' })
    socket.send({ type: 'connection_init', payload: {} })
    expect(await socket.next()).toMatchObject({ type: 'connection_ack' })
    socket.subscribe('subscription { logs { text } }', '2')
    expect(await socket.next()).toMatchObject({
      payload: { data: { logs: { text: null } }, errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] },
    })
  })

  test('ends what runs by its token, idle or not, with the error, and is closed', async () => {
    const { url, token, authx } = await start()
    const text = await token()
    const socket = await connected(url, bearerOf(text))
    socket.subscribe('subscription { secrets }')
    expect(await socket.next()).toMatchObject({ payload: { data: { secrets: 1 } } })
    await authx.revoke({ token: text })
    expect(await socket.next()).toMatchObject({
      id: '1',
      payload: { data: { secrets: null }, errors: [{ extensions: { reason: 'TOKEN_REVOKED' } }] },
    })
    expect(await socket.next()).toEqual({ type: 'complete', id: '1', payload: null })
    expect(await socket.next()).toBe(4403)
  })

  test('that is idle is closed with its token, and one whose client has left holds nothing', async () => {
    const { url, token, authx } = await start()
    const texts = [await token(), await token()]
    const [idle, left] = await Promise.all(texts.map((text) => connected(url, bearerOf(text))))
    left?.leave()
    for (const text of texts) await authx.revoke({ token: text })
    expect(await idle?.next()).toBe(4403)
  })

  test('asks once for each event', async () => {
    const { url, token, authx, release } = await start()
    let asked = 0
    authx.setTokenBlocklistCallback(() => {
      asked++
      return false
    })
    const socket = await connected(url, bearerOf(await token()))
    socket.subscribe('subscription { secrets }')
    await socket.next()
    const before = asked
    release()
    await socket.next()
    await socket.next()
    expect(asked - before).toBe(2)
  })

  test('that another page opens is closed where tokens travel in cookies', async () => {
    const options = { locations: { access: ['cookies'] } } as const
    const { url, authx, log } = await start(options, { origins: ['https://app.example.com'] })
    const headers = { cookie: `__Host-access_token=${await authx.createAccessToken({ sub: 'ada' })}` }
    const foreign = await connect(url, { ...headers, origin: 'https://evil.example.com' })
    foreign.send({ type: 'connection_init', payload: { origin: 'https://app.example.com' } })
    expect(await foreign.next()).toBe(4403)
    expect(log.lines.join()).toContain('a page of another origin was turned away')
    const own = await connect(url, { ...headers, origin: 'https://app.example.com' })
    own.send({ type: 'connection_init', payload: {} })
    expect(await own.next()).toBe(4403)
    const { accessToken, csrfToken } = await authx.createTokenPair({ sub: 'ada' })
    const cookie = `__Host-access_token=${accessToken}; __Host-csrf_token=${csrfToken}`
    const shown = { cookie, origin: 'https://app.example.com' }
    const socket = await connected(url, { 'X-CSRF-TOKEN': csrfToken }, shown)
    socket.subscribe('subscription { secrets }')
    expect(await socket.next()).toMatchObject({ payload: { data: { secrets: 1 } } })
  })

  test('shows where it comes from also for queries, where tokens travel in cookies', async () => {
    const options = { locations: { access: ['cookies'] } } as const
    const { url, authx } = await start(options, { mercurius: { subscription: { fullWsTransport: true } } })
    const { accessToken, csrfToken } = await authx.createTokenPair({ sub: 'ada' })
    const cookie = `__Host-access_token=${accessToken}; __Host-csrf_token=${csrfToken}`
    const without = await connect(url, { cookie })
    without.send({ type: 'connection_init', payload: {} })
    expect(await without.next()).toBe(4403)
    const socket = await connected(url, { 'X-CSRF-TOKEN': csrfToken }, { cookie })
    socket.subscribe('{ secret }')
    expect(await socket.next()).toMatchObject({ payload: { data: { secret: 'secret' } } })
  })

  test('answers queries and mutations under the same rules', async () => {
    const { url, token } = await start({}, { mercurius: { subscription: { fullWsTransport: true } } })
    const nobody = await connected(url)
    nobody.subscribe('{ open secret }')
    expect(await nobody.next()).toMatchObject({
      payload: {
        data: { open: 'open', secret: null },
        errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
      },
    })
    const socket = await connected(url, bearerOf(await token()))
    socket.subscribe('mutation { change }')
    expect(await socket.next()).toMatchObject({ payload: { data: { change: 'change' } } })
  })

  test('is the onConnect of the app to decide about as well', async () => {
    const asked: unknown[] = []
    const onConnect = (data: { payload: unknown }) => {
      asked.push(data.payload)
      return false
    }
    const { url, token } = await start({}, { mercurius: { subscription: { onConnect } } })
    const payload = bearerOf(await token())
    const socket = await connect(url)
    socket.send({ type: 'connection_init', payload: bearerOf('garbage') })
    expect(await socket.next()).toBe(4403)
    const other = await connect(url)
    other.send({ type: 'connection_init', payload })
    expect(await other.next()).toMatchObject({ type: 'connection_error' })
    expect(asked).toEqual([payload])
  })
})

describe('a socket whose token has ended', () => {
  const fullWsTransport = { mercurius: { subscription: { fullWsTransport: true } } }

  test('answers what it was asked before it is closed', async () => {
    slow = 0
    const { url, token, authx, release } = await start({}, fullWsTransport)
    const text = await token()
    const socket = await connected(url, bearerOf(text))
    socket.subscribe('{ slow }')
    await vi.waitFor(() => expect(slow).toBe(1))
    const idle = await connected(url, bearerOf(text))
    await authx.revoke({ token: text })
    expect(await idle.next()).toBe(4403)
    release()
    expect(await socket.next()).toMatchObject({ payload: { data: { slow: 'slow' } } })
    expect(await socket.next()).toMatchObject({ type: 'complete', id: '1' })
    expect(await socket.next()).toBe(4403)
  })

  test('is closed as soon as what ran by it has told its client', async () => {
    const { url, token, authx } = await start()
    const text = await token()
    const socket = await connected(url, bearerOf(text))
    socket.subscribe('subscription { secrets }')
    await socket.next()
    await authx.revoke({ token: text })
    const began = performance.now()
    while (typeof (await socket.next()) !== 'number');
    // Far below the time that it would be given.
    expect(performance.now() - began).toBeLessThan(2500)
  })
})

test('a token is verified once for a socket and all its operations that no field guards', async () => {
  const { url, token } = await start()
  const verified = vi.spyOn(jwt, 'verify')
  closing.push(() => verified.mockRestore())
  const socket = await connected(url, bearerOf(await token()))
  for (const id of ['1', '2']) {
    socket.subscribe('subscription { ticks }', id)
    expect(await socket.next()).toMatchObject({ id, payload: { data: { ticks: 1 } } })
  }
  expect(verified).toHaveBeenCalledTimes(1)
})

test('what the onConnect of the app throws is an error of the server, in its log', async () => {
  const onConnect = () => {
    throw new Error('the database is away')
  }
  const { url, app, token } = await start({}, { mercurius: { subscription: { onConnect } } })
  const logged = vi.spyOn(app.log, 'error')
  closing.push(() => logged.mockRestore())
  const socket = await connect(url)
  socket.send({ type: 'connection_init', payload: bearerOf(await token()) })
  expect(await socket.next()).toBe(1011)
  expect(logged.mock.calls.flat().map(String)).toEqual(['Error: the database is away'])
})

describe('whole operations', () => {
  test('of a socket are refused before they start', async () => {
    const { url } = await start({ enforcement: 'operation' })
    const socket = await connected(url)
    socket.subscribe('subscription { logs { text } }')
    expect(await socket.next()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    })
    // Mercurius validates no subscription.
    socket.subscribe(
      'subscription { logs { ...A } } fragment A on Line { ...B } fragment B on Line { ...A text }',
      '2',
    )
    expect(await socket.next()).toMatchObject({
      type: 'error',
      id: '2',
      payload: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    })
  })
})

test('without mercuriusOptions a bad token is refused with the first operation', async () => {
  const { authx }: { authx: AuthX } = openAuthX()
  const { resolvers, release } = streams()
  const app = Fastify({ forceCloseConnections: true })
  await app.register(mercurius, { schema: guarded(authx, TYPES, resolvers), subscription: true })
  await app.register(mercuriusAuthX(authx))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  closing.push(() => app.close(), release)
  const socket = await connected(`${url}/graphql`, bearerOf('garbage'))
  socket.subscribe('subscription { ticks }')
  expect(await socket.next()).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  })
})
