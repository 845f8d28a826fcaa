import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startServerProcess } from '../harness/server.ts'
import { openSocket } from '../harness/socket.ts'

describe('SIGTERM', () => {
  it('lets running operations finish, then exits with 0', async () => {
    await using server = await startServerProcess()
    const logins = Array.from({ length: 8 }, () => server.login())
    // A login takes tens of milliseconds of hashing; once the first is through, the others are under way.
    await Promise.race(logins)
    const exit = server.end('SIGTERM')
    const pairs = await Promise.all(logins)
    expect(pairs.every((pair) => typeof pair.accessToken === 'string')).toBe(true)
    expect(await exit).toBe(0)
    expect(server.output()).toContain('stopped')
  })

  it('says goodbye over WebSockets, calls no subscription complete, and waits for nobody who does not answer', async () => {
    await using server = await startServerProcess()
    const { accessToken } = await server.login()
    await using socket = await openSocket(`${server.url}/graphql`)
    await socket.init({ Authorization: `Bearer ${accessToken}` })
    socket.subscribe('1', 'subscription { sessionEvents { kind } }')
    await using deaf = await openSocket(`${server.url}/graphql`)
    await deaf.init()
    deaf.pause()
    // The subscription is known to run once another message was answered.
    socket.subscribe('2', '{ tokenOptional }')
    expect(await socket.next()).toMatchObject({ id: '2' })
    expect(await socket.next()).toMatchObject({ id: '2', type: 'complete' })
    const exit = server.end('SIGTERM')
    const { messages, code } = await socket.rest()
    expect({ messages, code }).toEqual({ messages: [], code: 1001 })
    expect(await exit).toBe(0)
  })

  it('answers what still runs beside a subscription before it says goodbye', async () => {
    await using server = await startServerProcess()
    const { accessToken } = await server.login()
    await using socket = await openSocket(`${server.url}/graphql`)
    await socket.init({ Authorization: `Bearer ${accessToken}` })
    socket.subscribe('1', 'subscription { sessionEvents { kind } }')
    socket.subscribe('2', '{ tokenOptional }')
    expect(await socket.next()).toMatchObject({ id: '2' })
    expect(await socket.next()).toMatchObject({ id: '2', type: 'complete' })
    const login = 'mutation { login(username: "nobody", password: "wrong") { accessToken } }'
    for (const id of ['3', '4', '5', '6']) socket.subscribe(id, login)
    // Once the first is through, the others are under way.
    expect(await socket.next()).toMatchObject({ type: 'next' })
    const exit = server.end('SIGTERM')
    const { messages, code } = await socket.rest()
    const completed = messages.filter(({ type }) => type === 'complete').map(({ id }) => id)
    expect({ completed: completed.sort(), code }).toEqual({ completed: ['3', '4', '5', '6'], code: 1001 })
    expect(await exit).toBe(0)
  })

  it('cuts subscriptions over server-sent events instead of waiting for them, and calls none complete', async () => {
    await using server = await startServerProcess({ env: { AUTHX_DRAIN_TIMEOUT: '30' } })
    const { accessToken } = await server.login()
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: `Bearer ${accessToken}`,
      },
      body: JSON.stringify({ query: 'subscription { sessionEvents { kind } }' }),
    })
    expect(response.status).toBe(200)
    let text = ''
    const read = (async () => {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk)
    })()
    const exit = server.end('SIGTERM')
    await expect(read).rejects.toThrow()
    expect(text).not.toContain('complete')
    expect(await exit).toBe(0)
  })

  it('is not held up by a connection that says nothing', async () => {
    await using server = await startServerProcess({ env: { AUTHX_DRAIN_TIMEOUT: '1' } })
    const { port, hostname } = new URL(server.url)
    const silent = connect(Number(port), hostname)
    await new Promise((connected) => silent.once('connect', connected))
    silent.on('error', () => {})
    expect(await server.end('SIGTERM')).toBe(0)
  })
})
