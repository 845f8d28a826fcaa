import { parse } from 'graphql'
import { describe, expect, test, vi } from 'vitest'
import { AuthError, type AuthXOptions } from '../../src/index.ts'
import { NAMES } from '../harness/cookies.ts'
import { contextFor, guarded, type Server, serve } from '../harness/graphql.ts'
import { type Instance, openAuthX } from '../harness/instance.ts'

const TYPES = `
  interface Node { id: ID! }
  type Query {
    open: String
    secret: String @auth
    read: String @auth(scopes: [["read"]])
    node: Node
    either: Either
    posts(drafts: Boolean @auth(scopes: [["drafts"]]), where: Where): String
    hint: String @optionalToken
    maybe: String @auth(optional: true)
  }
  type Mutation { change: String @auth logout: Boolean @auth both(a: Int): String hand: String @optionalToken }
  type Subscription { ticks: Int @auth free: Int }
  type User implements Node @auth { id: ID! email: String friend: User }
  type Post implements Node { id: ID! draft: String @auth(scopes: [["drafts"]]) author: User }
  type Secret implements Node @auth(scopes: [["secret"]]) { id: ID! text: String }
  union Either = User | Secret
  input Where { private: Boolean @auth and: [Where!] }
`

/** A Yoga in which it is counted how many resolvers ran. */
async function start(
  options: AuthXOptions = {},
): Promise<Server & Instance & { readonly ran: () => number }> {
  const instance = openAuthX({ enforcement: 'operation', ...options })
  const ran = vi.fn((value: unknown) => value)
  const answer = (): unknown => ran('answer')
  const node = { __typename: 'Post', id: '1', draft: 'd', author: null }
  const ticks = {
    subscribe: async function* () {
      ran(1)
      yield { ticks: 1, free: 1 }
    },
  }
  const schema = guarded(instance.authx, TYPES, {
    Query: {
      open: answer,
      secret: answer,
      read: answer,
      node: () => ran(node),
      either: () => ran(null),
      posts: answer,
      hint: answer,
      maybe: answer,
    },
    Mutation: { change: answer, logout: answer, both: answer, hand: answer },
    Subscription: { ticks, free: ticks },
    Node: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    Either: { __resolveType: () => 'User' },
  })
  const server = await serve(instance.authx, schema)
  return Object.assign(server, instance, { ran: () => ran.mock.calls.length })
}

describe("enforcement: 'operation'", () => {
  test.each([
    ['a field', '{ open secret }', {}],
    ['an alias', '{ open x: secret }', {}],
    ['a fragment', '{ open ...F } fragment F on Query { ... { ...G } } fragment G on Query { secret }', {}],
    ['an inline fragment', '{ open ... on Query { secret } }', {}],
    ['a nested field', '{ open node { ... on Post { author { friend { email } } } } }', {}],
    ['a type by fragment', '{ open node { ... on User { email } } }', {}],
    ['an @include that holds', 'query ($y: Boolean!) { open secret @include(if: $y) }', { y: true }],
    ['an @include by default', 'query ($y: Boolean = true) { open secret @include(if: $y) }', {}],
    ['a @skip that does not', 'query ($n: Boolean!) { open ... @skip(if: $n) { secret } }', { n: false }],
    ['what every type of a union asks', '{ open either { ... on Node { id } } }', {}],
    ['an argument', '{ open posts(drafts: null) }', {}],
    [
      'a value in a variable',
      'query ($w: Where) { open posts(where: $w) }',
      { w: { and: [{ private: false }] } },
    ],
    ['one of several operations', 'query A { open } query B { secret }', { operationName: 'B' }],
  ])(
    'refuses an operation that selects %s, before a resolver runs',
    async (_, query, { operationName, ...variables }: Record<string, unknown>) => {
      await using server = await start()
      const response = await server.send({ query, variables, operationName })
      const { data, errors } = await response.json()
      expect([response.status, data, server.ran()]).toEqual([401, undefined, 0])
      expect(response.headers.get('www-authenticate')).toBe('Bearer')
      expect(errors[0]).toMatchObject({
        extensions: { code: 'UNAUTHENTICATED', reason: 'TOKEN_MISSING' },
        locations: [{ line: 1 }],
      })
    },
  )

  test.each([
    ['nothing guarded', '{ open hint maybe }', {}],
    ['an @include that does not hold', 'query ($y: Boolean!) { open secret @include(if: $y) }', { y: false }],
    ['a @skip', '{ open secret @skip(if: true) }', {}],
    ['what no type of the parent has', '{ open node { id ... on Post { id } } }', {}],
    ['an argument that is not supplied', 'query ($d: Boolean) { open posts(drafts: $d) }', {}],
    ['introspection', '{ open __schema { types { name } } __typename }', {}],
  ])('lets an operation run that selects %s', async (_, query, variables) => {
    await using server = await start()
    const { data, errors } = await (await server.send({ query, variables })).json()
    expect([errors, data.open]).toEqual([undefined, 'answer'])
  })

  test('where only the data tells the type, the field is asked as it comes', async () => {
    await using server = await start()
    const { data, refused } = await server.query('{ node { id ... on Post { draft } } }', {
      token: await server.authx.createAccessToken({ sub: 'a', scopes: ['drafts'] }),
    })
    expect([data, refused]).toEqual([{ node: { id: '1', draft: 'd' } }, []])
    expect((await server.query('{ open node { id } }')).data).toEqual({ open: 'answer', node: { id: '1' } })
  })

  test('lists what is refused, with its places and scopes', async () => {
    await using server = await start()
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const response = await server.send({ query: '{\n  secret\n  read\n  posts(drafts: true)\n}' }, { token })
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="read"')
    expect((await response.json()).errors).toEqual([
      {
        message: 'This is not allowed.',
        locations: [{ line: 3, column: 3 }],
        extensions: { code: 'FORBIDDEN', reason: 'SCOPES_MISSING', scopes: [['read']] },
      },
      {
        message: 'This is not allowed.',
        locations: [{ line: 4, column: 3 }],
        extensions: { code: 'FORBIDDEN', reason: 'SCOPES_MISSING', scopes: [['drafts']], argument: 'drafts' },
      },
    ])
  })

  test('mutations and subscriptions too', async () => {
    await using server = await start()
    expect((await server.send({ query: 'mutation { both change }' })).status).toBe(401)
    expect(server.ran()).toBe(0)
    const refused = await server.subscribe('subscription { ticks }')
    expect(await refused.next()).toEqual({ data: null, refused: ['TOKEN_MISSING'] })
    expect(server.ran()).toBe(0)
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const stream = await server.subscribe('subscription { ticks }', { token })
    expect((await stream.next())?.data).toEqual({ ticks: 1 })
    await stream.stop()
  })

  test('a document is read once', async () => {
    await using server = await start()
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const deep = (levels: number): string => (levels === 0 ? 'email' : `friend { ${deep(levels - 1)} }`)
    const query = `{ node { ... on User { ${deep(30)} } } }`
    for (let round = 0; round < 3; round++) expect((await server.query(query, { token })).refused).toEqual([])
    const doubling = Array.from(
      { length: 40 },
      (_, level) =>
        `fragment F${level} on User { a: friend { ...F${level + 1} } b: friend { ...F${level + 1} } }`,
    )
    const bomb = `{ node { ... on User { ...F0 } } } ${doubling.join(' ')} fragment F40 on User { email }`
    expect((await server.query(bomb, { token })).refused).toEqual([])
  })

  test('a fragment is met once, however many conditions it is spread under', async () => {
    await using server = await start()
    const levels = Array.from({ length: 40 }, (_, level) => level)
    const spread = (level: number) =>
      `...F${level + 1} @include(if: $v${level}) ...F${level + 1} @skip(if: $n)`
    const query = `
      query ($n: Boolean! ${levels.map((level) => `$v${level}: Boolean = false`).join(' ')}) { open ...F0 }
      ${levels.map((level) => `fragment F${level} on Query { ${spread(level)} }`).join(' ')}
      fragment F40 on Query { secret }
    `
    expect((await server.query(query, { variables: { n: false } })).refused).toEqual(['TOKEN_MISSING'])
    expect(await server.query(query, { variables: { n: true } })).toEqual({
      data: { open: 'answer' },
      refused: [],
    })
    const last = { n: true, ...Object.fromEntries(levels.map((level) => [`v${level}`, true])) }
    expect((await server.query(query, { variables: last })).refused).toEqual(['TOKEN_MISSING'])
    expect(server.ran()).toBe(1)
  })

  test('what @optionalToken hands over counts too, where it may not be handed over', async () => {
    await using server = await start({ locations: { access: ['cookies'] } })
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const headers = { cookie: `${NAMES.access}=${token}` }
    const response = await server.send({ query: 'mutation { both(a: 1) hand }' }, { headers })
    const { errors } = await response.json()
    expect([response.status, errors[0].extensions.reason, server.ran()]).toEqual([403, 'CSRF_MISSING', 0])
  })

  test('a name that is no operation of the document changes nothing for the next who sends it', async () => {
    const { authx } = openAuthX({ enforcement: 'operation' })
    const schema = guarded(authx, 'type Query { secret: String @auth }')
    const document = parse('{ secret }')
    const ask = (operationName?: string) =>
      authx.serving.admit({ schema, document, operationName, contextValue: contextFor(authx, undefined) })
    expect(await ask('')).toBeUndefined()
    expect(await ask()).toMatchObject({ errors: [{ extensions: { reason: 'TOKEN_MISSING' } }] })
  })

  test('takes the cookies away where it refuses a logout', async () => {
    await using server = await start({ locations: { access: ['cookies'] } })
    const response = await server.send({ query: 'mutation { logout }' })
    expect(response.status).toBe(401)
    expect(response.headers.getSetCookie()[0]).toMatch(new RegExp(`^${NAMES.access}=; Max-Age=0`))
  })

  test('bad variables and arguments are what graphql says of them', async () => {
    await using server = await start()
    const query = 'query ($y: Boolean!) { open secret @include(if: $y) }'
    expect((await (await server.send({ query, variables: { y: 5 } })).json()).errors[0].message).toMatch(
      /^Variable "\$y"/,
    )
    expect(server.ran()).toBe(0)
  })
})

describe("enforcement: 'report'", () => {
  test('refuses nothing, and counts and logs what would be, once for each operation', async () => {
    await using server = await start({ enforcement: 'report' })
    const answer = await server.query('{ open secret a: secret posts(drafts: true) }')
    expect(answer).toEqual({
      data: { open: 'answer', secret: 'answer', a: 'answer', posts: 'answer' },
      refused: [],
    })
    await server.query('{ secret }', { token: 'garbage' })
    await server.query('{ secret }')
    expect(server.authx.reports()).toEqual([
      { coordinate: 'Query.secret', reason: 'TOKEN_MISSING', count: 2, last: server.clock() },
      { coordinate: 'Query.posts(drafts:)', reason: 'TOKEN_MISSING', count: 1, last: server.clock() },
      { coordinate: 'Query.secret', reason: 'TOKEN_MALFORMED', count: 1, last: server.clock() },
    ])
    expect(server.log.lines[0]).toBe('warn enforcement is "report": no rule refuses anything {}')
    expect(server.log.lines.filter((line) => line.includes('would be refused'))).toHaveLength(4)
    const stream = await server.subscribe('subscription { ticks }')
    expect((await stream.next())?.data).toEqual({ ticks: 1 })
    await stream.stop()
  })

  test('counts a value by where its rule stands, however deep a caller puts it', async () => {
    await using server = await start({ enforcement: 'report' })
    for (const where of [
      '{ private: true }',
      '{ and: [{}, { private: false }] }',
      '{ and: { and: { private: null } } }',
    ]) {
      await server.query(`{ posts(where: ${where}) }`)
    }
    expect(server.authx.reports()).toEqual([
      { coordinate: 'Where.private', reason: 'TOKEN_MISSING', count: 3, last: server.clock() },
    ])
  })

  test('gives claims where a token is good all the same', async () => {
    const { authx } = openAuthX({ enforcement: 'report' })
    const who = (_source: unknown, _args: unknown, { auth }: { auth: { claims: { sub: string } } }) =>
      auth.claims.sub
    const sdl =
      'type Query { who: String @auth may: String @auth(scopes: "read") anew: String @auth(fresh: true) }'
    const schema = guarded(authx, sdl, { Query: { who, may: who, anew: who } })
    await using server = await serve(authx, schema)
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect((await server.query('{ who }', { token })).data).toEqual({ who: 'ada' })
    for (const field of ['may', 'anew']) {
      expect((await server.query(`{ ${field} }`, { token })).data).toEqual({ [field]: 'ada' })
    }
    expect(authx.reports().map(({ coordinate, reason }) => `${coordinate} ${reason}`)).toEqual([
      'Query.may SCOPES_MISSING',
      'Query.anew FRESH_TOKEN_REQUIRED',
    ])
    authx.setTokenBlocklistCallback(async () => false)
    expect((await server.query('{ anew }', { token })).data).toEqual({ anew: 'ada' })
    authx.setTokenBlocklistCallback(async () => true)
    expect((await server.query('{ may }', { token })).data).toEqual({ may: null })
  })
})

test("enforcement is one of three, and 'field' unless told otherwise", async () => {
  expect(() => openAuthX({ enforcement: 'off' as never })).toThrow(
    'enforcement: must be one of field, operation, report',
  )
  await using server = await start({ enforcement: 'field' })
  expect(await server.query('{ open secret }')).toEqual({
    data: { open: 'answer', secret: null },
    refused: ['secret: TOKEN_MISSING'],
  })
  expect(server.authx.reports()).toEqual([])
  expect(new AuthError('TOKEN_MISSING').extensions).toEqual({
    code: 'UNAUTHENTICATED',
    reason: 'TOKEN_MISSING',
  })
})
