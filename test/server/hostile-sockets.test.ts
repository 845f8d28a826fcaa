import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket as Tcp } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { type App, RIGHT, startApp } from '../harness/app.ts'
import { gate } from '../harness/graphql.ts'
import { type ServerProcess, startServerProcess } from '../harness/server.ts'
import { openSocket } from '../harness/socket.ts'

const EVENTS = 'subscription { sessionEvents { kind } }'
const LOGIN = `mutation { login(username: "ada", password: "${RIGHT}") { accessToken } }`

async function login(app: App): Promise<string> {
  return (await (await app.send({ query: LOGIN })).json()).data.login.accessToken
}

/** Asks for an upgrade where there is none, and keeps its own half of the connection open. */
async function upgradeElsewhere(url: string): Promise<Tcp> {
  const { port, hostname } = new URL(url)
  const tcp = connect({ port: Number(port), host: hostname, allowHalfOpen: true })
  tcp.on('error', () => undefined)
  await once(tcp, 'connect')
  tcp.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  return tcp
}

describe('an upgrade on another path', () => {
  test('that its client breaks off does not end the process', async () => {
    await using server = await startServerProcess()
    for (let tried = 0; tried < 50; tried++) (await upgradeElsewhere(server.url)).resetAndDestroy()
    await server.login()
    expect(server.process.exitCode).toBe(null)
  })

  test('is over with its answer, also for a client that does not leave', async () => {
    await using server = await startServerProcess({ env: { AUTHX_DRAIN_TIMEOUT: '1' } })
    const tcp = await upgradeElsewhere(server.url)
    expect(String(await once(tcp, 'data'))).toContain('404 Not Found')
    expect(await Promise.race([server.end('SIGTERM'), setTimeout(5000, 'still there')])).toBe(0)
    tcp.destroy()
  })
})

test('what clients say wrong is nothing for stderr, and no fault of the server', async () => {
  await using server = await startServerProcess()
  const before = server.output()
  for (const [wrong, code] of [
    ['x'.repeat(1_000_000), 1009],
    [{ type: 'connection_ack' }, 4400],
  ] as const) {
    await using socket = await openSocket(`${server.url}/graphql`)
    socket.send(wrong)
    expect((await socket.rest()).code).toBe(code)
  }
  await using socket = await openSocket(`${server.url}/graphql`)
  socket.send(`{"type":"ping","payload":{"deep":${'['.repeat(45_000)}${']'.repeat(45_000)}}}`)
  expect(await socket.next()).toEqual({ type: 'pong' })
  expect(server.output()).toBe(before)
})

/** Megabytes of memory that a process has. */
function memoryOf({ process: { pid } }: ServerProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** What is answered with as much as was sent: an error has its operation's id. */
const longId = (index: number): string => `${index}`.padEnd(90_000, 'x')

test('who says much and reads nothing is not listened to any more', async () => {
  await using server = await startServerProcess()
  await using socket = await openSocket(`${server.url}/graphql`)
  await socket.init()
  socket.pause()
  const before = memoryOf(server)
  for (let sent = 0; sent < 3000; sent++) {
    socket.subscribe(longId(sent), '{')
    if (sent % 50 === 0) await setTimeout(5)
  }
  await setTimeout(2000)
  expect(memoryOf(server) - before).toBeLessThan(120)
})

test('who reads again is answered again', async () => {
  await using app = await startApp()
  await using socket = await openSocket(app.url)
  await socket.init()
  socket.pause()
  for (let sent = 0; sent < 300; sent++) socket.subscribe(longId(sent), '{')
  socket.subscribe('last', '{ tokenOptional }')
  await setTimeout(500)
  socket.resume()
  for (let sent = 0; sent < 300; sent++) expect((await socket.next()).type).toBe('error')
  expect(await socket.next()).toMatchObject({ id: 'last', type: 'next' })
})

describe('operations that are completed before they are answered', () => {
  test('count until they have ended', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init({ Authorization: `Bearer ${await login(app)}` })
    const { opened, open } = gate()
    const { listSessions } = app.store
    let begun = 0
    app.store.listSessions = async (...of) => {
      begun += 1
      await opened
      return listSessions.apply(app.store, of)
    }
    for (let id = 0; id < 100; id++) socket.subscribe(`${id}`, '{ sessions { id } }')
    await vi.waitFor(() => expect(begun).toBe(100), { timeout: 10_000 })
    for (let id = 0; id < 100; id++) socket.send({ type: 'complete', id: `${id}` })
    // Completed ones say nothing.
    socket.subscribe('last', '{ tokenOptional }')
    expect((await socket.next()).payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
    open()
  })

  test('do not go on where their id is taken again: the connection is closed, and leaves nothing', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init({ Authorization: `Bearer ${await login(app)}` })
    for (let tried = 0; tried < 300; tried++) {
      socket.subscribe('1', EVENTS)
      socket.send({ type: 'complete', id: '1' })
    }
    expect((await socket.rest()).code).toBe(4409)
    await vi.waitFor(() => expect(app.events.size).toBe(0))
  })

  test('leave nothing when the connection closes', async () => {
    await using app = await startApp()
    const socket = await openSocket(app.url)
    await socket.init({ Authorization: `Bearer ${await login(app)}` })
    for (let id = 0; id < 50; id++) {
      socket.subscribe(`${id}`, EVENTS)
      socket.send({ type: 'complete', id: `${id}` })
    }
    socket.subscribe('last', '{ profile }')
    while ((await socket.next()).id !== 'last');
    await vi.waitFor(() => expect(app.events.size).toBeLessThan(2))
    await socket[Symbol.asyncDispose]()
    await vi.waitFor(() => expect(app.events.size).toBe(0))
  })
})

describe('the number of WebSockets', () => {
  const upgrade = (from?: string): Record<string, string> =>
    from === undefined ? {} : { 'x-forwarded-for': from }
  const refusal = (app: App, from?: string): Promise<unknown> =>
    openSocket(app.url, upgrade(from)).then(
      (socket) => socket[Symbol.asyncDispose]().then(() => undefined),
      ({ message }: Error) => message,
    )

  test('of one address is bounded, until one is closed; others are not held up', async () => {
    await using app = await startApp({ env: { AUTHX_MAX_SOCKETS_SOURCE: '2', AUTHX_TRUST_PROXY: '1' } })
    const first = await openSocket(app.url, upgrade('192.0.2.1'))
    await using _second = await openSocket(app.url, upgrade('192.0.2.1'))
    expect(await refusal(app, '192.0.2.1')).toBe('Unexpected server response: 429')
    expect(await refusal(app, '192.0.2.2')).toBe(undefined)
    await first[Symbol.asyncDispose]()
    await vi.waitFor(async () => expect(await refusal(app, '192.0.2.1')).toBe(undefined))
  })

  test('of one /64 of IPv6 counts as that of one address', async () => {
    await using app = await startApp({ env: { AUTHX_MAX_SOCKETS_SOURCE: '1', AUTHX_TRUST_PROXY: '1' } })
    await using _first = await openSocket(app.url, upgrade('2001:db8::1'))
    expect(await refusal(app, '2001:db8::2')).toBe('Unexpected server response: 429')
  })

  test('is bounded altogether', async () => {
    await using app = await startApp({ env: { AUTHX_MAX_SOCKETS: '2', AUTHX_TRUST_PROXY: '1' } })
    await using _first = await openSocket(app.url, upgrade('192.0.2.1'))
    await using _second = await openSocket(app.url, upgrade('192.0.2.2'))
    expect(await refusal(app, '192.0.2.3')).toBe('Unexpected server response: 503')
  })

  test('does not grow by those that were opened and dropped, in whatever way', async () => {
    await using app = await startApp({ env: { AUTHX_MAX_SOCKETS_SOURCE: '3' } })
    const { port, hostname } = new URL(app.url)
    const key = Buffer.alloc(16).toString('base64')
    for (let tried = 0; tried < 300; tried++) {
      const tcp = connect({ port: Number(port), host: hostname })
      tcp.on('error', () => undefined)
      await once(tcp, 'connect')
      // Every third breaks the handshake, every other third leaves before it is answered.
      const version = tried % 3 === 0 ? 'x' : '13'
      tcp.write(
        `GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: ${version}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      )
      if (tried % 3 === 2) await Promise.race([once(tcp, 'data'), once(tcp, 'close')])
      tcp.resetAndDestroy()
    }
    await vi.waitFor(async () => expect(await refusal(app)).toBe(undefined))
    await using _open = await openSocket(app.url)
    await using _open2 = await openSocket(app.url)
    await using _open3 = await openSocket(app.url)
    expect(await refusal(app)).toBe('Unexpected server response: 429')
  })
})
