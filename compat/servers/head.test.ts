import { afterEach, describe, expect, test } from 'vitest'
import type { AuthXOptions } from '../../src/index.ts'
import { bearer, guarded } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { DOORS } from './doors.ts'
import { serve as serveMercurius } from './mercurius.ts'
import { SERVERS, type Serve, type Served } from './serve.ts'
import { stage } from './stage.ts'

const COOKIES: AuthXOptions = { locations: { access: ['cookies'], refresh: ['cookies'] } }
/** How tokens travel; in the last, nothing but the method stands before a mutation. */
const WAYS = {
  headers: {},
  cookies: COOKIES,
  'cookies, without a double-submit value': { ...COOKIES, csrf: false },
} as const satisfies Record<string, AuthXOptions>

const doors = Object.entries<{ readonly serve: Serve }>(DOORS).map(
  ([name, { serve }]) => [name, serve] as const,
)
const EVERY = [...Object.entries<Serve>(SERVERS), ...doors]

let served: Served | undefined
afterEach(() => served?.close())

/** By HEAD there is no answer to read: its status, and the cookies that it sets. */
async function head(url: string, headers: Record<string, string>, parameters: Record<string, string>) {
  const response = await fetch(`${url}?${new URLSearchParams(parameters)}`, { method: 'HEAD', headers })
  return { status: response.status, cookies: response.headers.getSetCookie() }
}

describe.each(EVERY)('%s', (_, serve) => {
  test.each(Object.entries(WAYS))(
    'GQL-01: executes no mutation by HEAD: tokens in %s',
    async (_, options) => {
      const { authx } = openAuthX(options)
      const ran: string[] = []
      served = await serve({ authx, schema: stage(authx, ran) })
      const token = await authx.createAccessToken({ sub: 'ada' })
      const own = 'locations' in options ? { cookie: `__Host-access_token=${token}` } : bearer(token)
      for (const query of ['mutation { open }', 'mutation { change }', 'mutation { login }']) {
        for (const more of [{}, { 'content-type': 'application/json' }, { accept: 'text/event-stream' }]) {
          const { status, cookies } = await head(served.url, { ...own, ...more }, { query })
          // Most do not get as far as the method.
          expect([400, 405, 406, 415]).toContain(status)
          expect(cookies).toEqual([])
        }
      }
      expect(ran).toEqual([])
    },
  )
})

describe('a HEAD or GET to Mercurius', () => {
  async function start(more?: Parameters<typeof serveMercurius>[2]): Promise<{ url: string; ran: string[] }> {
    const { authx } = openAuthX()
    const ran: string[] = []
    const run = (name: string) => () => ran.push(name)
    const types = 'type Query { a: Int } type Mutation { b: Int } type Subscription { c: Int }'
    const schema = guarded(authx, types, {
      Query: { a: run('a') },
      Mutation: { b: run('b') },
      Subscription: { c: { subscribe: run('c'), resolve: run('c') } } as never,
    })
    const mercurius = await serveMercurius(authx, schema, more)
    served = mercurius
    return { url: mercurius.url, ran }
  }

  test('is answered as a GET where it asks', async () => {
    const { url, ran } = await start()
    expect(await head(url, {}, { query: '{ a }' })).toMatchObject({ status: 200 })
    expect(ran).toEqual(['a'])
  })

  test.each(['mutation { b }', 'subscription { c }'])(
    'runs no %s, whatever is cached or compiled',
    async (query) => {
      const { url, ran } = await start({ mercurius: { jit: 1, subscription: true } })
      const post = { method: 'POST', headers: { 'content-type': 'application/json' } }
      for (let round = 0; round < 3; round++) await fetch(url, { ...post, body: JSON.stringify({ query }) })
      ran.length = 0
      expect(await head(url, {}, { query })).toMatchObject({ status: 405 })
      expect(ran).toEqual([])
    },
  )

  test.each(['A', 'B', 'C'])(
    'runs nothing of a document that could do more than ask: %s',
    async (operationName) => {
      const { url, ran } = await start()
      const query = 'query A { a } mutation B { b }'
      expect(await head(url, {}, { query, operationName })).toMatchObject({ status: 405 })
      expect(ran).toEqual([])
    },
  )

  test('runs no mutation that was compiled in place of the query that a GET names', async () => {
    const { url, ran } = await start({ mercurius: { jit: 1 } })
    const query = 'query A { a } mutation B { b }'
    const body = JSON.stringify({ query, operationName: 'B' })
    const headers = { 'content-type': 'application/json' }
    for (let round = 0; round < 4; round++) await fetch(url, { method: 'POST', headers, body })
    expect(ran).toEqual(['b', 'b', 'b', 'b'])
    const parameters = new URLSearchParams({ query, operationName: 'A' })
    expect(await fetch(`${url}?${parameters}`)).toMatchObject({ status: 405 })
    expect(ran).toHaveLength(4)
  })

  test('runs no mutation by a route of the app either', async () => {
    const { url, ran } = await start({
      more: (app) => void app.get('/own', (_, reply) => reply.graphql('mutation { b }')),
    })
    expect(await head(new URL('/own', url).href, {}, {})).toMatchObject({ status: 405 })
    expect(ran).toEqual([])
  })

  test('is a 405 whatever an errorFormatter makes of it', async () => {
    const errorFormatter = () => ({ statusCode: 418, response: { data: null } })
    const { url } = await start({ mercurius: { errorFormatter } })
    expect(await head(url, {}, { query: 'mutation { b }' })).toMatchObject({ status: 405 })
  })
})
