import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createYoga } from 'graphql-yoga'
import { describe, expect, test } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { start, summary } from '../harness/yoga.ts'

describe('a token that attacks', () => {
  const evil = 'x"\\\r\nSet-Cookie: a=b\u0000é'

  test('puts none of its bytes into a header (BRR-07)', async () => {
    await using server = await start()
    const good = await server.authx.createAccessToken({ sub: 'ada', claims: { evil }, scopes: ['s'] })
    const [, payload, signature] = good.split('.')
    const header = encode({ alg: 'HS256', typ: 'at+jwt', kid: evil })
    const tokens = [
      `${header}.${payload}.${signature}`,
      `${encode({ alg: evil, typ: evil, kid: evil, jku: evil })}.${payload}.${signature}`,
      `${good.split('.')[0]}.${encode({ sub: evil, scope: evil, iss: evil })}.${signature}`,
      'x"y\\z',
      'x\u00e9\u00ff',
      `"${good}"`,
      good,
    ]
    for (const token of tokens) {
      for (const query of ['{ secret }', '{ read }', '{ refresh }']) {
        const response = await server.send({ query }, { token })
        expect(response.headers.get('set-cookie')).toBeNull()
        expect([
          null,
          'Bearer error="invalid_token"',
          'Bearer error="insufficient_scope", scope="read list"',
        ]).toContain(response.headers.get('www-authenticate'))
        for (const [, value] of response.headers) expect(value).toMatch(/^[\x20-\x7e]*$/)
        const body = await response.text()
        expect(body).not.toContain('Set-Cookie')
        expect(body).not.toContain(token)
      }
    }
    expect(server.log.lines).toEqual([])
  })

  test('is never taken for no token, wherever a rule asks (BRR-08)', async () => {
    await using server = await start()
    for (const token of ['garbage', 'a.b.c', '']) {
      const headers = { authorization: `Bearer ${token}` }
      const answer = await summary(await server.send({ query: '{ open may }' }, { headers }))
      expect(answer).toMatchObject({ status: 200, reasons: ['TOKEN_MALFORMED'] })
    }
  })
})

describe('Cache-Control', () => {
  test.each([
    ['a query for open fields', '{ open }', null],
    ['introspection', '{ __typename }', null],
    ['a document that is not valid', '{ nothing }', null],
    ['a guarded query', '{ may }', 'no-store'],
    ['a refused query', '{ secret }', 'no-store'],
    ['a query for an optional token', '{ optional }', 'no-store'],
    ['a mutation', 'mutation { open }', 'no-store'],
    ['a refused mutation', 'mutation { change }', 'no-store'],
    ['a login', 'mutation { login }', 'no-store'],
  ])('of %s', async (_, query, expected) => {
    await using server = await start()
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    expect((await server.send({ query })).headers.get('cache-control')).toBe(expected)
    expect((await server.send({ query }, { token })).headers.get('cache-control')).toBe(expected)
  })

  test("of a stream is one header, over Yoga's own", async () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { a: Int } type Subscription { ticks: Int @auth }')
    const http = createServer(createYoga({ schema, plugins: [useAuthX(authx)], logging: false }))
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    const headers = { accept: 'text/event-stream' }
    const names = await new Promise<string[]>((resolve) =>
      get({ port, path: '/graphql?query=subscription{ticks}', headers }, (answer) => {
        answer.resume()
        resolve(answer.rawHeaders.map((one) => one.toLowerCase()))
      }),
    )
    expect(names.filter((one) => ['cache-control', 'no-cache', 'no-store'].includes(one))).toEqual([
      'cache-control',
      'no-store',
    ])
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })

  test('of a guarded query by GET', async () => {
    await using server = await start()
    const get = async (query: string) =>
      (await fetch(`${server.url}?query=${encodeURIComponent(query)}`)).headers.get('cache-control')
    expect([await get('{ open }'), await get('{ may }')]).toEqual([null, 'no-store'])
  })

  test('follows the operation that is run, not its neighbours in the document', async () => {
    await using server = await start()
    const query = 'query Q { open } mutation M { open }'
    const of = async (operationName: string) =>
      (await server.send({ query, operationName })).headers.get('cache-control')
    expect([await of('Q'), await of('M')]).toEqual([null, 'no-store'])
  })

  test('of a batch with one member that needs it', async () => {
    await using server = await start({}, { batching: true })
    const of = async (...queries: string[]) =>
      (await server.send(queries.map((query) => ({ query })))).headers.get('cache-control')
    expect([
      await of('{ open }', '{ open }'),
      await of('{ open }', 'mutation { open }'),
      await of('{ may }', '{ open }'),
    ]).toEqual([null, 'no-store', 'no-store'])
  })
})

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
