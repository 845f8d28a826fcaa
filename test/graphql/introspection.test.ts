import { makeExecutableSchema } from '@graphql-tools/schema'
import fc from 'fast-check'
import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  validateSchema,
} from 'graphql'
import { describe, expect, test, vi } from 'vitest'
import type { Requirement } from '../../src/core/requirement.ts'
import { viewOf } from '../../src/graphql/introspection/view.ts'
import type { AuthXOptions } from '../../src/index.ts'
import { guarded, type SendInit, type Server, serve } from '../harness/graphql.ts'
import { type Instance, openAuthX } from '../harness/instance.ts'

const TYPES = `
  interface Node { id: ID! }
  interface Timed implements Node { id: ID! at: String }
  type Query {
    "Open to all."
    open: String
    me: User @auth
    node: Node
    either: Either
    stats: Stats @auth(scopes: [["admin"]])
    posts(drafts: Boolean @auth(scopes: [["admin"]]), where: Where, only: Only): [Post]
    need(key: Key!): String
    maybe: String @auth(optional: true)
    fresh: String @auth(fresh: true)
  }
  type Mutation {
    login: String
    refresh: String @auth(type: REFRESH)
    logout: Boolean @auth
    drop: Boolean @auth(scopes: [["admin"]])
  }
  type User implements Node @auth { id: ID! email: String @auth(scopes: [["admin"]]) posts: [Post] }
  type Post implements Node & Timed { id: ID! at: String text: String author: User }
  type Secret implements Node @auth(scopes: [["admin"]]) { id: ID! text: String }
  type Stats { users: Int kind: Kind }
  enum Kind { A B }
  union Either = User | Secret
  input Where { private: Boolean @auth and: [Where!] text: String }
  input Only { admin: Boolean @auth(scopes: [["admin"]]) }
  input Key { key: String! @auth }
`

const RESOLVERS = { Node: { __resolveType: () => 'Post' }, Either: { __resolveType: () => 'User' } }

type Started = Server & Instance & { introspect(init?: SendInit): Promise<GraphQLSchema> }

async function start(options: AuthXOptions = {}, types = TYPES): Promise<Started> {
  const instance = openAuthX({ introspection: 'caller', ...options })
  const { authx } = instance
  const server = await serve(authx, guarded(authx, types, types === TYPES ? RESOLVERS : {}))
  return Object.assign(server, instance, {
    async introspect(init?: SendInit) {
      const answer = await (await server.send({ query: getIntrospectionQuery() }, init)).json()
      const { data, errors } = answer as { data: IntrospectionQuery; errors?: unknown }
      expect(errors).toBeUndefined()
      return buildClientSchema(data)
    },
  })
}

/** Each type of ours on a line, with what it has, and what it implements. */
function contentsOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && type.name !== 'TokenType')
    .map((type) => {
      if (isInputObjectType(type)) return `${type.name}: ${Object.keys(type.getFields()).join(' ')}`
      if (!isObjectType(type) && !isInterfaceType(type)) return type.name
      const fields = Object.values(type.getFields()).map(({ name, args }) =>
        args.length === 0 ? name : `${name}(${args.map((arg) => arg.name).join(' ')})`,
      )
      const faces = type.getInterfaces().map(({ name }) => ` & ${name}`)
      return `${type.name}${faces.join('')}: ${fields.join(' ')}`
    })
}

describe('introspection by caller', () => {
  test('shows nobody what only a caller with a token may have', async () => {
    await using api = await start()
    const schema = await api.introspect()
    expect(validateSchema(schema)).toEqual([])
    expect(contentsOf(schema)).toMatchInlineSnapshot(`
      [
        "Node: id",
        "Timed & Node: id at",
        "Query: open node posts(where) maybe",
        "Mutation: login",
        "Post & Node & Timed: id at text",
        "Where: and text",
      ]
    `)
  })

  test('shows a user what users may have', async () => {
    await using api = await start()
    const schema = await api.introspect({ token: await api.authx.createAccessToken({ sub: 'ada' }) })
    expect(validateSchema(schema)).toEqual([])
    expect(contentsOf(schema)).toMatchInlineSnapshot(`
      [
        "Node: id",
        "Timed & Node: id at",
        "Query: open me node either posts(where) need(key) maybe fresh",
        "Mutation: login refresh logout",
        "User & Node: id posts",
        "Post & Node & Timed: id at text author",
        "Either",
        "Where: private and text",
        "Key: key",
      ]
    `)
  })

  test('shows who has every scope all of it', async () => {
    await using api = await start()
    const token = await api.authx.createAccessToken({ sub: 'ada', scopes: ['admin'] })
    const schema = await api.introspect({ token })
    expect(validateSchema(schema)).toEqual([])
    await using open = await start({ introspection: 'full' })
    expect(contentsOf(schema)).toEqual(contentsOf(await open.introspect()))
  })

  test('says in the description of a field, an argument and an input field what it needs', async () => {
    await using api = await start()
    const schema = await api.introspect({
      token: await api.authx.createAccessToken({ sub: 'ada', scopes: ['admin'] }),
    })
    const query = schema.getQueryType()?.getFields()
    const where = schema.getType('Where')
    expect([
      query?.open?.description,
      query?.me?.description,
      query?.stats?.description,
      query?.maybe?.description,
      query?.fresh?.description,
      query?.posts?.args[0]?.description,
      isInputObjectType(where) && where.getFields().private?.description,
      schema.getMutationType()?.getFields().refresh?.description,
    ]).toMatchInlineSnapshot(`
      [
        "Open to all.",
        "**Needs** an access token.",
        "**Needs** an access token with admin.",
        "**Takes** no token, or an access token.",
        "**Needs** a fresh access token.",
        "**Needs** an access token with admin.",
        "**Needs** an access token.",
        "**Needs** a refresh token.",
      ]
    `)
  })

  test('does not know a type that the caller may not have, whatever it is asked by', async () => {
    await using api = await start()
    const query = 'query($name: String!) { __type(name: $name) { name fields { name } } __typename }'
    for (const name of ['Stats', 'Kind', 'Secret', 'User', 'Key', 'Either']) {
      const answer = await (await api.send({ query, variables: { name } })).json()
      expect(answer).toEqual({ data: { __type: null, __typename: 'Query' } })
    }
  })

  test('shows the fields of a refresh token to whoever brings one, and to whoever is logged in', async () => {
    await using api = await start()
    const mutations = async (token: string) =>
      Object.keys((await api.introspect({ token })).getMutationType()?.getFields() ?? {})
    expect(await mutations(await api.authx.createRefreshToken({ sub: 'ada' }))).toEqual(['login', 'refresh'])
    expect(await mutations(await api.authx.createAccessToken({ sub: 'ada' }))).toEqual([
      'login',
      'refresh',
      'logout',
    ])
  })

  test('refuses a token that is forged, expired or revoked: it is never taken for none', async () => {
    await using api = await start()
    const token = await api.authx.createAccessToken({ sub: 'ada' })
    const reasonOf = async (init: SendInit) => {
      const response = await api.send({ query: '{ __schema { queryType { name } } }' }, init)
      const { errors = [] } = (await response.json()) as {
        errors?: { extensions: { reason: string } }[]
      }
      return [response.status, errors[0]?.extensions.reason]
    }
    expect(await reasonOf({ token })).toEqual([200, undefined])
    expect(await reasonOf({ token: 'a.b.c' })).toEqual([401, 'TOKEN_MALFORMED'])
    await api.authx.revoke({ token })
    expect(await reasonOf({ token })).toEqual([401, 'TOKEN_REVOKED'])
    const other = await api.authx.createAccessToken({ sub: 'ada' })
    api.clock.advance(3600)
    expect(await reasonOf({ token: other })).toEqual([401, 'TOKEN_EXPIRED'])
  })

  test('REV-13: answers nobody with a token while nobody can say whether it is revoked', async () => {
    await using api = await start()
    api.authx.setTokenBlocklistCallback(() => Promise.reject(new Error('down')))
    const token = await api.authx.createAccessToken({ sub: 'ada' })
    const response = await api.send({ query: '{ __schema { queryType { name } } }' }, { token })
    expect(response.status).toBe(503)
    expect((await api.send({ query: '{ __schema { queryType { name } } }' })).status).toBe(200)
  })

  test('asks whether the token is revoked once, verifies it once, and tells no hook of a refusal', async () => {
    const onRefused = vi.fn()
    await using api = await start({ onRefused })
    const asked = vi.fn(() => false)
    api.authx.setTokenBlocklistCallback(asked)
    await api.introspect({ token: await api.authx.createAccessToken({ sub: 'ada' }) })
    expect(asked).toHaveBeenCalledTimes(1)
    await api.introspect()
    expect(onRefused).not.toHaveBeenCalled()
  })

  test('tells the hook of the refusal of a field all the same', async () => {
    const onRefused = vi.fn()
    await using api = await start({ onRefused })
    await api.query('{ stats { users } }', { token: await api.authx.createAccessToken({ sub: 'ada' }) })
    expect(onRefused.mock.calls).toMatchObject([[{ sub: 'ada', reason: 'SCOPES_MISSING' }]])
  })

  test.each([
    '{ __schema { queryType { name } } open }',
    '{ ...all } fragment all on Query { open ... { __type(name: "Stats") { name } } }',
    'query($no: Boolean! = false) { open __schema @include(if: $no) { queryType { name } } }',
  ])('wants a question about the schema in an operation of its own: %s', async (query) => {
    await using api = await start()
    const response = await api.send({ query })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      errors: [
        {
          message: 'Ask for __schema and __type in an operation of their own.',
          extensions: { code: 'BAD_REQUEST' },
        },
      ],
    })
  })

  test('looks at the operation that is executed, and at fragments, also of a GET and in a batch', async () => {
    const instance = openAuthX({ introspection: 'caller' })
    await using server = await serve(instance.authx, guarded(instance.authx, TYPES, RESOLVERS), {
      batching: true,
    })
    const query =
      'query Open { open } query Schema { ...s } fragment s on Query { __type(name: "Stats") { name } }'
    const nothing = { data: { __type: null } }
    const inBatch = await server.send([
      { query, operationName: 'Schema' },
      { query, operationName: 'Open' },
    ])
    expect(await inBatch.json()).toEqual([nothing, { data: { open: null } }])
    const parameters = new URLSearchParams({ query, operationName: 'Schema' })
    const byGet = await fetch(`${server.url}?${parameters}`, { headers: { accept: 'application/json' } })
    expect(await byGet.json()).toEqual(nothing)
  })

  test('suggests nothing that a caller might not have', async () => {
    const query = '{ statss { users } }'
    const messagesOf = async (api: Server) =>
      ((await (await api.send({ query })).json()) as { errors: { message: string }[] }).errors.map(
        ({ message }) => message,
      )
    await using api = await start()
    expect(await messagesOf(api)).toEqual(['Cannot query field "statss" on type "Query".'])
    await using full = await start({ introspection: 'full' })
    expect(await messagesOf(full)).toEqual([
      'Cannot query field "statss" on type "Query". Did you mean "stats"?',
    ])
  })

  test('leaves out a field with the argument that it cannot do without', async () => {
    await using api = await start()
    expect(Object.keys((await api.introspect()).getQueryType()?.getFields() ?? {})).not.toContain('need')
  })

  test('shows a type that no longer implements what it cannot keep', async () => {
    const types = `
      interface Node { id: ID! }
      type Query { node: Node post: Post }
      type Post implements Node { id: ID! @auth text: String }
      type Tag implements Node { id: ID! }
    `
    await using api = await start({}, types)
    const schema = await api.introspect()
    expect(validateSchema(schema)).toEqual([])
    expect(contentsOf(schema)).toEqual(['Node: id', 'Query: node post', 'Post: text', 'Tag & Node: id'])
  })

  test('says that there is nothing, where there is nothing for a caller', async () => {
    await using api = await start({}, 'type Query { me: String @auth } type Mutation { out: String @auth }')
    const schema = await api.introspect()
    expect(validateSchema(schema)).toEqual([])
    expect(contentsOf(schema)).toEqual(['Query: nothing'])
    const token = await api.authx.createAccessToken({ sub: 'ada' })
    expect(contentsOf(await api.introspect({ token }))).toEqual(['Query: me', 'Mutation: out'])
  })

  test('holds for fields that are guarded by default', async () => {
    await using api = await start(
      { defaultPolicy: 'protected' },
      'type Query { me: String open: String @public }',
    )
    expect(contentsOf(await api.introspect())).toEqual(['Query: open'])
  })

  test('runs no resolver of the view, and leaves the served schema as it was', async () => {
    await using api = await start()
    await api.introspect()
    expect(await api.query('{ stats { users } }')).toEqual({
      data: { stats: null },
      refused: ['stats: TOKEN_MISSING'],
    })
  })
})

describe('introspection without a look at the caller', () => {
  test('is by default what graphql says', async () => {
    await using api = await start({ introspection: 'full' })
    const schema = await api.introspect()
    expect(schema.getQueryType()?.getFields().me?.description).toBe(null)
    expect(await api.query('{ open __schema { queryType { name } } }')).toEqual({
      data: { open: null, __schema: { queryType: { name: 'Query' } } },
      refused: [],
    })
  })

  test('is whole, and says what fields need, where it is described', async () => {
    await using api = await start({ introspection: 'described' })
    const schema = await api.introspect()
    expect(schema.getQueryType()?.getFields().me?.description).toBe('**Needs** an access token.')
    expect(contentsOf(schema)).toContain('Secret & Node: id text')
    expect((await api.send({ query: '{ __schema { queryType { name } } }' }, { token: 'x' })).status).toBe(
      200,
    )
  })

  test('is whole where rules only report', async () => {
    await using api = await start({ enforcement: 'report' })
    expect(contentsOf(await api.introspect())).toContain('Secret & Node: id text')
    expect(api.authx.reports()).toEqual([])
  })
})

describe('a schema without what is forbidden', () => {
  const BASE = makeExecutableSchema({
    typeDefs: `
      interface Node { id: ID! peer: Node }
      interface Owned implements Node { id: ID! peer: Node owner(as: As): User }
      interface Lonely { x: Int }
      type Query { a: A b(in: In, as: As): B user: User node: Node owned: Owned any: Any list: [[A!]!]! }
      type Mutation { set(in: In!, deep: Deep): A }
      type Subscription { on(as: As!): Node }
      type A implements Node { id: ID! peer: A b: B }
      type B implements Node & Owned { id: ID! peer: Node owner(as: As, more: Int): User a: A any: Any }
      type User implements Node & Owned { id: ID! peer: User owner(as: As): User lonely: Orphan }
      type Orphan { x: Int }
      type Apart { x: Int }
      union Any = A | B | Orphan
      input In { a: Int! deep: Deep }
      input Deep { in: In as: As! }
      input As { user: ID deep: Deep }
    `,
  })
  const coordinates = Object.values(BASE.getTypeMap()).flatMap((type) => {
    if (isIntrospectionType(type)) return []
    if (isInputObjectType(type)) return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)
    if (!isObjectType(type)) return []
    return Object.values(type.getFields()).flatMap(({ name, args }) => [
      `${type.name}.${name}`,
      ...args.map((argument) => `${type.name}.${name}(${argument.name}:)`),
    ])
  })
  const RULE: Requirement = { type: 'access', fresh: false, scopes: [], optional: false }

  test('is a valid schema that has none of it, whatever that is', () => {
    fc.assert(
      fc.property(fc.subarray(coordinates), (forbidden) => {
        const view = viewOf(BASE, new Map(forbidden.map((coordinate) => [coordinate, RULE])), () => true)
        expect(validateSchema(view)).toEqual([])
        for (const coordinate of forbidden) expect(isThere(view, coordinate), coordinate).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  test('is the same schema where nothing is forbidden', () => {
    expect(contentsOf(viewOf(BASE, new Map()))).toEqual(contentsOf(BASE))
  })
})

function isThere(schema: GraphQLSchema, coordinate: string): boolean {
  const [, typeName = '', fieldName = '', argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? []
  const type = schema.getType(typeName)
  if (isInputObjectType(type)) return type.getFields()[fieldName] !== undefined
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  return argument === undefined
    ? field !== undefined
    : field?.args.some(({ name }) => name === argument) === true
}
