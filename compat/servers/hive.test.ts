import { afterEach, describe, expect, test, vi } from 'vitest'
import { openAuthX } from '../../test/harness/instance.ts'
import { exchange, verdictOf } from './exchange.ts'
import { hive } from './hive.ts'

const TYPES = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])

  type Query { open: String secret: String! @auth read: String! @auth(scopes: [["read"]]) people: [Person!]! }
  type Person @key(fields: "id") { id: ID! name: String @auth }
  type Subscription { ticks: Int! @auth }
`

let close: (() => Promise<unknown>) | undefined
afterEach(() => close?.())

async function start() {
  const { authx } = openAuthX()
  const returned: string[] = []
  const ticks = () => {
    let sent = 0
    return {
      next: () =>
        sent++ === 0 ? Promise.resolve({ value: { ticks: 1 }, done: false }) : new Promise(() => {}),
      return: async () => {
        returned.push('ticks')
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
  const served = await hive(authx, TYPES, {
    Query: {
      open: () => 'open',
      secret: (_: unknown, __: unknown, { auth }: { auth: { claims: { sub: string } } }) => auth.claims.sub,
      read: () => 'read',
      people: () => [{ id: '1', name: 'Ada' }],
    },
    Subscription: { ticks: { subscribe: ticks } },
  })
  close = served.close
  const headersOf = (token?: string) => ({
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  })
  const send = (query: string, token?: string) =>
    exchange(served.url, { method: 'POST', body: { query }, headers: headersOf(token) })
  return {
    authx,
    returned,
    url: served.url,
    headersOf,
    send,
    ask: async (query: string, token?: string) => verdictOf(await send(query, token)),
  }
}

describe('a Hive Gateway in front of a guarded subgraph', () => {
  test('answers with the verdict of the subgraph, its status and challenge', async () => {
    const { ask, authx } = await start()
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await ask('{ open }')).toEqual({ status: 200, reasons: [], data: { open: 'open' } })
    expect(await ask('{ secret }')).toEqual({
      status: 401,
      challenge: 'Bearer',
      reasons: ['TOKEN_MISSING'],
      data: null,
    })
    expect(await ask('{ secret }', token)).toEqual({ status: 200, reasons: [], data: { secret: 'ada' } })
    expect(await ask('{ read }', token)).toEqual({
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="read"',
      reasons: ['SCOPES_MISSING'],
      data: null,
    })
    expect(await ask('{ people { id name } }')).toEqual({
      status: 200,
      reasons: ['TOKEN_MISSING'],
      data: { people: [{ id: '1', name: null }] },
    })
    await authx.revoke({ token })
    expect(await ask('{ secret }', token)).toEqual({
      status: 401,
      challenge: 'Bearer error="invalid_token"',
      reasons: ['TOKEN_REVOKED'],
      data: null,
    })
  })

  test('keeps those apart who ask the same at once', async () => {
    const { ask, authx } = await start()
    const names = Array.from({ length: 20 }, (_, at) => `user${at}`)
    const answers = await Promise.all(
      names.map(async (sub) => (await ask('{ secret }', await authx.createAccessToken({ sub }))).data),
    )
    expect(answers).toEqual(names.map((secret) => ({ secret })))
  })

  test('keeps what is for one caller out of caches', async () => {
    const { send, authx } = await start()
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect((await send('{ secret }', token)).headers['cache-control']).toBe('no-store')
    expect((await send('{ open }')).headers['cache-control']).toBe(undefined)
  })

  test('ends a subscription with its token, and the source returns', async () => {
    const { authx, url, headersOf, returned } = await start()
    const token = await authx.createAccessToken({ sub: 'ada', sid: 's1' })
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headersOf(token), accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { ticks }' }),
    })
    let text = ''
    const ended = (async () => {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk
    })()
    await vi.waitFor(() => expect(text).toContain('{"ticks":1}'))
    await authx.revoke({ sid: 's1' })
    await ended
    expect(text).toContain('TOKEN_REVOKED')
    expect(returned).toEqual(['ticks'])
  })
})
