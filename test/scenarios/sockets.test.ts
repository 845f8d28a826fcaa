import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { useServer } from 'graphql-ws/use/ws'
import { describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { withAuthX } from '../../src/graphql/adapters/graphql-ws.ts'
import type { AuthXOptions } from '../../src/index.ts'
import { guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { openSocket } from '../harness/socket.ts'

/** A server of WebSockets with one field that says whose token it was asked by. */
async function open(options: AuthXOptions = {}) {
  const instance = openAuthX(options)
  const schema = guarded(instance.authx, 'type Query { me: String @auth }', {
    Query: { me: (_, __, { auth }) => `${auth.claims.sub}, from ${auth.token.location}` },
  })
  const http = createServer()
  const server = useServer(withAuthX(instance.authx, { schema }), new WebSocketServer({ server: http }))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  const by = (token?: string) => (token === undefined ? undefined : { authorization: `Bearer ${token}` })
  return {
    ...instance,
    tokenOf: (sub: string) => instance.authx.createAccessToken({ sub }),
    /** How a connection that comes with a token is closed. */
    async refused(token: string) {
      const socket = await openSocket(url)
      socket.send({ type: 'connection_init', payload: by(token) })
      return socket.rest()
    },
    async connect({ params, header, query }: { params?: string; header?: string; query?: string }) {
      const socket = await openSocket(query === undefined ? url : `${url}?token=${query}`, by(header) ?? {})
      await socket.init(by(params))
      return Object.assign(socket, {
        async me() {
          socket.subscribe('1', '{ me }')
          const { payload } = await socket.next()
          return payload.data.me ?? payload.errors[0].extensions.reason
        },
      })
    },
    async [Symbol.asyncDispose]() {
      await server.dispose()
      await new Promise((resolve) => http.close(resolve))
      await instance.authx.close()
    },
  }
}

describe('over a WebSocket', () => {
  test('S42: a token that is listed is refused when the socket opens, and an open one is closed when its token is listed', async () => {
    await using server = await open()
    const token = await server.tokenOf('ada')
    await using socket = await server.connect({ params: token })
    expect(await socket.me()).toBe('ada, from connectionParams')
    await server.authx.revoke({ token })
    expect((await socket.rest()).code).toBe(4403)
    expect(await server.refused(token)).toMatchObject({ code: 4403, reason: 'Forbidden: TOKEN_REVOKED' })
  })

  test('S100: the token of connection_init comes before that of the headers, and the address is not asked', async () => {
    await using server = await open()
    const [params, header, query] = await Promise.all(['ada', 'bob', 'eve'].map(server.tokenOf))
    await using all = await server.connect({ params, header, query } as Record<string, string>)
    expect(await all.me()).toBe('ada, from connectionParams')
    await using two = await server.connect({ header, query } as Record<string, string>)
    expect(await two.me()).toBe('bob, from headers')
    await using one = await server.connect({ query } as Record<string, string>)
    expect(await one.me()).toBe('TOKEN_MISSING')
  })

  test('S100: the address comes where it stands among the locations', async () => {
    for (const [access, who] of [
      [['query', 'headers'], 'eve, from query'],
      [['headers', 'query'], 'ada, from connectionParams'],
    ] as const) {
      await using server = await open({ locations: { access: [...access] } })
      const [params, query] = await Promise.all(['ada', 'eve'].map(server.tokenOf))
      await using socket = await server.connect({ params, query } as Record<string, string>)
      expect(await socket.me()).toBe(who)
    }
  })

  test('S101: a bad, a strange and an expired token are refused when the socket opens; without one a field refuses', async () => {
    await using server = await open()
    const token = await server.tokenOf('ada')
    const strange = await openAuthX({
      secret: 'another secret, of thirty-two bytes or more',
    }).authx.createAccessToken({
      sub: 'ada',
    })
    expect(await server.refused('garbage')).toMatchObject({
      code: 4403,
      reason: 'Forbidden: TOKEN_MALFORMED',
    })
    expect(await server.refused(strange)).toMatchObject({ code: 4403, reason: 'Forbidden: TOKEN_INVALID' })
    server.clock.advance(3600)
    expect(await server.refused(token)).toMatchObject({ code: 4403, reason: 'Forbidden: TOKEN_EXPIRED' })
    await using socket = await server.connect({})
    expect(await socket.me()).toBe('TOKEN_MISSING')
  })
})
