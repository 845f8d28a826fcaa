import type { GraphQLSchema } from 'graphql'
import { afterEach, describe, expect, test } from 'vitest'
import { AuthError, type AuthX, type AuthXOptions } from '../../src/index.ts'
import { bearer, guarded, type Resolvers } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { type MercuriusParts, type ServedMercurius, serve } from './mercurius.ts'

const TYPES = `
  type Query {
    open: String
    secret: String! @auth
    read: String! @auth(scopes: [["read"]])
    people: [Person!]!
    find(hidden: String @auth): String
    loaded: Loaded
    wrong: String!
  }
  type Person @auth { id: ID! name: String! }
  type Loaded { open: String secret: String @auth }
  type Mutation { login: Boolean change: String! @auth stay: Person logout: Boolean! @auth }
`

const ran: string[] = []
const people = Array.from({ length: 50 }, (_, at) => ({ id: String(at), name: `n${at}` }))

function resolversOf(authx: AuthX): Resolvers {
  return {
    Query: {
      open: () => {
        ran.push('open')
        return 'open'
      },
      secret: (_, __, { auth }) => auth.claims.sub,
      read: () => 'read',
      people: () => people,
      find: () => 'found',
      loaded: () => ({ open: 'open', secret: 'plain' }),
      wrong: () => {
        throw new AuthError('CREDENTIALS_WRONG')
      },
    },
    Mutation: {
      login: async (_, __, { tokenCookies }) => {
        tokenCookies.set(await authx.createTokenPair({ sub: 'ada' }))
        return true
      },
      change: () => 'change',
      stay: () => people[0],
      logout: (_, __, { auth }) => auth.logout().then(() => true),
    },
  }
}

let stop: (() => Promise<void>) | undefined
afterEach(() => stop?.())

interface Started extends ServedMercurius {
  readonly authx: AuthX
  readonly schema: GraphQLSchema
  readonly log: { readonly lines: readonly string[] }
  token(sub?: string, scopes?: string[]): Promise<string>
  send(body: unknown, token?: string, headers?: Record<string, string>): Promise<Sent>
}

interface Sent {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: whatever was answered
  readonly body: any
  readonly headers: Headers
}

async function start(
  options: AuthXOptions = {},
  parts: MercuriusParts | ((authx: AuthX) => MercuriusParts) = {},
): Promise<Started> {
  ran.length = 0
  const { authx, log } = openAuthX(options)
  const schema = guarded(authx, TYPES, resolversOf(authx))
  const served = await serve(authx, schema, typeof parts === 'function' ? parts(authx) : parts)
  stop = served.close
  return {
    ...served,
    authx,
    schema,
    log,
    token: (sub = 'ada', scopes = []) => authx.createAccessToken({ sub, scopes }),
    async send(body, token, headers = {}) {
      const response = await fetch(served.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer(token), ...headers },
        body: JSON.stringify(body),
      })
      return { status: response.status, headers: response.headers, body: await response.json() }
    },
  }
}

const reasons = ({ body }: Sent): unknown =>
  body.errors?.map(
    ({ extensions, message }: { extensions?: { reason?: string }; message: string }) =>
      extensions?.reason ?? message,
  )

describe('an answer of Mercurius', () => {
  test('has the status and challenge of a whole refusal, its extensions, and is kept out of caches', async () => {
    const { send } = await start()
    const { status, headers, body } = await send({ query: '{ secret }' })
    expect({ status, body }).toEqual({
      status: 401,
      body: {
        data: null,
        errors: [
          {
            message: expect.any(String),
            path: ['secret'],
            locations: [{ line: 1, column: 3 }],
            extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' },
          },
        ],
      },
    })
    expect(headers.get('www-authenticate')).toBe('Bearer')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test.each([
    ['{ secret }', 200],
    ['{ read }', 403],
    ['{ open read }', 403],
    ['{ people { name } }', 200],
    ['{ wrong }', 401],
  ])('to %s with a token without scopes is a %d', async (query, status) => {
    const { send, token } = await start()
    expect((await send({ query }, await token())).status).toBe(status)
  })

  test('is a 503 where revocation cannot be asked, and a 401 where the token is revoked', async () => {
    const { send, token, authx } = await start()
    const text = await token()
    authx.setTokenBlocklistCallback(() => true)
    expect((await send({ query: '{ secret }' }, text)).status).toBe(401)
    authx.setTokenBlocklistCallback(() => Promise.reject(new Error('down')))
    expect((await send({ query: '{ secret }' }, text)).status).toBe(503)
  })

  test('stays as it is where nothing was asked', async () => {
    const { send } = await start()
    const { status, headers } = await send({ query: '{ open }' })
    expect([status, headers.get('cache-control')]).toEqual([200, null])
  })

  test('has its status also where an errorFormatter leaves nothing of the errors', async () => {
    const errorFormatter = () => ({ statusCode: 418, response: { data: null, errors: [{ message: 'no' }] } })
    const { send, token } = await start({}, { mercurius: { errorFormatter } as never })
    expect(await send({ query: '{ secret }' })).toMatchObject({
      status: 401,
      body: { errors: [{ message: 'no' }] },
    })
    expect((await send({ query: '{ read }' }, await token())).status).toBe(403)
    expect((await send({ query: '{ nothing }' })).status).toBe(418)
  })

  test('to two Authorization headers is a bad request', async () => {
    const { url, token } = await start()
    const { request } = await import('node:http')
    const text = await token()
    const status = await new Promise((resolve) => {
      const headers = [
        'Content-Type',
        'application/json',
        'Authorization',
        `Bearer ${text}`,
        'Authorization',
        'Bearer x',
        'Host',
        'localhost',
      ]
      const sent = request(url, { method: 'POST', headers: headers as never }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      })
      sent.end(JSON.stringify({ query: '{ secret }' }))
    })
    expect(status).toBe(400)
  })
})

describe('tokens in cookies', () => {
  const COOKIES = { locations: { access: ['cookies'], refresh: ['cookies'] } } as const

  test('are set, each in a header of its own', async () => {
    const { send } = await start(COOKIES)
    const { headers, body } = await send({ query: 'mutation { login }' })
    expect(body).toEqual({ data: { login: true } })
    expect(headers.getSetCookie().map((line) => line.split('=')[0])).toEqual([
      '__Host-access_token',
      '__Host-refresh_token',
      '__Host-csrf_token',
    ])
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('are set by the members of a batch, whichever is done last', async () => {
    const { send } = await start(COOKIES, { mercurius: { allowBatchedQueries: true } })
    const { headers } = await send([{ query: '{ open }' }, { query: '{' }, { query: 'mutation { login }' }])
    expect(headers.getSetCookie()).toHaveLength(3)
  })

  test('turn away what other pages send, before anything runs', async () => {
    const { send, url } = await start(COOKIES, { origins: ['https://app.example.com'] })
    const foreign = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
    expect(await send({ query: '{ open }' }, undefined, foreign)).toMatchObject({
      status: 403,
      body: { data: null, errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    })
    const body = '{ open }'
    const form = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/graphql' },
      body,
    })
    expect(form.status).toBe(415)
    expect(ran).toEqual([])
    const named = { origin: 'https://app.example.com', 'sec-fetch-site': 'cross-site' }
    expect((await send({ query: '{ open }' }, undefined, named)).status).toBe(200)
  })

  test('turn away every member of a batch that another page sends', async () => {
    const { send } = await start(COOKIES, { mercurius: { allowBatchedQueries: true } })
    const foreign = { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' }
    const { body } = await send([{ query: '{ open }' }, { query: '{ open }' }], undefined, foreign)
    expect(body).toMatchObject([
      { data: null, errors: [{}] },
      { data: null, errors: [{}] },
    ])
    expect(ran).toEqual([])
  })
})

describe.each([0, 1])('with jit: %d', (jit) => {
  test('a query asks once, however many fields it has, and no verdict outlives its request', async () => {
    const { send, token, authx } = await start({}, { mercurius: { jit } })
    const asked: string[] = []
    authx.setTokenBlocklistCallback((_, { claims }) => {
      asked.push(claims.sub)
      return claims.sub === 'gone'
    })
    const query = '{ secret people { id name } }'
    for (const sub of ['ada', 'bob', 'ada']) {
      asked.length = 0
      const { body } = await send({ query }, await token(sub))
      expect(body).toEqual({ data: { secret: sub, people } })
      expect(asked).toEqual([sub])
    }
    const gone = await send({ query }, await token('gone'))
    expect(gone).toMatchObject({ status: 401, body: { data: null } })
    expect(reasons(gone)).toContain('TOKEN_REVOKED')
    expect(reasons(await send({ query }))).toContain('TOKEN_MISSING')
    expect((await send({ query }, await token('bob'))).body.data.secret).toBe('bob')
  })

  test('requests that run at once keep their callers apart', async () => {
    const { send, token, authx } = await start({}, { mercurius: { jit } })
    authx.setTokenBlocklistCallback(async (_, { claims }) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      return claims.sub.startsWith('gone')
    })
    const subs = Array.from({ length: 40 }, (_, at) => `${at % 2 === 0 ? 'here' : 'gone'}${at}`)
    const answers = await Promise.all(
      subs.map(async (sub) => send({ query: '{ secret }' }, await token(sub))),
    )
    expect(answers.map(({ body }) => body.data?.secret ?? 'refused')).toEqual(
      subs.map((sub) => (sub.startsWith('gone') ? 'refused' : sub)),
    )
  })

  test('a logout counts for what comes after it in the same mutation', async () => {
    const { send, token } = await start({}, { mercurius: { jit } })
    const query = 'mutation { change logout after: change }'
    for (let round = 0; round < 3; round++) {
      expect(reasons(await send({ query }, await token()))).toEqual(['TOKEN_REVOKED'])
    }
  })

  test('values that are supplied are asked for', async () => {
    const { send, token } = await start({}, { mercurius: { jit } })
    const query = 'query ($hidden: String) { find(hidden: $hidden) }'
    for (let round = 0; round < 3; round++) {
      expect(reasons(await send({ query, variables: { hidden: 'x' } }))).toEqual(['TOKEN_MISSING'])
      expect((await send({ query, variables: {} })).body.data).toEqual({ find: 'found' })
      expect((await send({ query, variables: { hidden: 'x' } }, await token())).body.data).toEqual({
        find: 'found',
      })
    }
  })
})

test.each([
  [0, 1],
  [1, 2],
])('with jit: %d a mutation asks %d times for two guarded fields below a root field', async (jit, times) => {
  const { send, token, authx } = await start({}, { mercurius: { jit } })
  let asked = 0
  authx.setTokenBlocklistCallback(() => {
    asked++
    return false
  })
  const query = 'mutation { stay { id name } }'
  await send({ query }, await token())
  asked = 0
  expect((await send({ query }, await token())).body.data).toEqual({ stay: people[0] })
  expect(asked).toBe(times)
})

describe('a batch', () => {
  test('verifies once, asks once for each operation, and keeps them apart', async () => {
    const { send, token, authx } = await start({}, { mercurius: { allowBatchedQueries: true, jit: 1 } })
    let asked = 0
    authx.setTokenBlocklistCallback(() => {
      asked++
      return false
    })
    const batch = [{ query: '{ secret }' }, { query: '{ read }' }, { query: '{ people { id } }' }]
    const { status, body } = await send(batch, await token())
    expect(status).toBe(200)
    expect(body).toMatchObject([
      { data: { secret: 'ada' } },
      { data: null },
      { data: { people: people.map(({ id }) => ({ id })) } },
    ])
    expect(body[1].errors[0].extensions.reason).toBe('SCOPES_MISSING')
    expect(asked).toBe(3)
  })
})

test('what a resolver began by the signal of its token is over with the answer', async () => {
  const { authx } = openAuthX()
  const signals: AbortSignal[] = []
  const secret: Resolvers[string] = { secret: (_, __, { auth }) => signals.push(auth.signal) && 'secret' }
  const schema = guarded(authx, 'type Query { secret: String @auth }', { Query: secret })
  const { app, close } = await serve(authx, schema)
  stop = close
  const headers = bearer(await authx.createAccessToken({ sub: 'ada' }))
  await app.inject({ method: 'POST', url: '/graphql', headers, payload: { query: '{ secret }' } })
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

describe('whole operations', () => {
  test('are refused before a resolver runs, with every reason and the status', async () => {
    const { send, token } = await start({ enforcement: 'operation' })
    const sent = await send({ query: '{ open secret read }' })
    expect(sent).toMatchObject({ status: 401, body: { data: null } })
    expect(reasons(sent)).toEqual(['TOKEN_MISSING', 'TOKEN_MISSING'])
    expect(sent.headers.get('www-authenticate')).toBe('Bearer')
    expect(sent.headers.get('cache-control')).toBe('no-store')
    expect(await send({ query: '{ open read }' }, await token())).toMatchObject({ status: 403 })
    expect(ran).toEqual([])
    expect((await send({ query: '{ open }' })).status).toBe(200)
  })

  test('are those that the request names', async () => {
    const { send, url } = await start(
      { enforcement: 'operation' },
      { mercurius: { allowBatchedQueries: true } },
    )
    const query = 'query A { open } query B { open secret }'
    expect((await send({ query, operationName: 'A' })).status).toBe(200)
    expect((await send({ query, operationName: 'B' })).status).toBe(401)
    expect((await fetch(`${url}?${new URLSearchParams({ query, operationName: 'B' })}`)).status).toBe(401)
    const { body } = await send([
      { query, operationName: 'A' },
      { query, operationName: 'B' },
    ])
    expect([body[0].data, body[1].data]).toEqual([{ open: 'open' }, null])
    expect(ran).toEqual(['open', 'open'])
  })
})

describe('questions about the schema', () => {
  const query = '{ __type(name: "Person") { name } }'

  test('are answered for each caller, also where a document has several operations, and with jit', async () => {
    const { send, token } = await start({ introspection: 'caller' }, { mercurius: { jit: 1 } })
    for (let round = 0; round < 3; round++) {
      expect((await send({ query })).body.data).toEqual({ __type: null })
      expect((await send({ query }, await token())).body.data).toEqual({ __type: { name: 'Person' } })
      const several = { query: `query A ${query} query B { open }`, operationName: 'A' }
      expect((await send(several)).body.data).toEqual({ __type: null })
    }
  })

  test('are answered for each caller where a route of the app says which operation runs', async () => {
    const { app, authx } = await start(
      { introspection: 'caller' },
      {
        more(app) {
          app.get('/schema', (_, reply) => reply.graphql(`query B { open } query A ${query}`, {}, {}, 'A'))
        },
      },
    )
    expect((await app.inject('/schema')).json().data).toEqual({ __type: null })
    const headers = bearer(await authx.createAccessToken({ sub: 'ada' }))
    expect((await app.inject({ url: '/schema', headers })).json().data).toEqual({
      __type: { name: 'Person' },
    })
  })

  test('are not answered by hints either', async () => {
    const { send } = await start({ introspection: 'caller' })
    for (let round = 0; round < 2; round++) {
      const sent = await send({ query: '{ secre }' })
      expect([sent.status, reasons(sent)]).toEqual([400, ['Cannot query field "secre" on type "Query".']])
    }
  })
})
