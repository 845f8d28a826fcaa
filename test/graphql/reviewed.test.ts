import { makeExecutableSchema } from '@graphql-tools/schema'
import { filterSchema } from '@graphql-tools/utils'
import {
  buildSchema,
  execute,
  extendSchema,
  GraphQLInt,
  GraphQLObjectType,
  GraphQLSchema,
  parse,
  subscribe,
} from 'graphql'
import { createYoga } from 'graphql-yoga'
import { describe, expect, test } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'
import { contextFor, fieldAt, guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

// Ways that reviewers found around a rule, each closed.

describe('a context that outlives an operation', () => {
  test('REV-02: is asked about anew by each operation, although a cache gives all of them one document', async () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { secret: Int @auth }', { Query: { secret: () => 1 } })
    const token = await authx.createAccessToken({ sub: 'ada' })
    const [contextValue, document] = [contextFor(authx, token), parse('{ secret }')]
    expect((await execute({ schema, document, contextValue })).data).toEqual({ secret: 1 })
    await authx.revoke({ token })
    const { data, errors } = await execute({ schema, document, contextValue })
    expect([data, errors?.[0]?.extensions.reason]).toEqual([{ secret: null }, 'TOKEN_REVOKED'])
  })
})

describe('protecting again', () => {
  const typeDefs = [
    directiveTypeDefs,
    'interface Node @auth(scopes: [["admin"]]) { id: ID } type User implements Node { id: ID name: String @auth } type Query { user: User }',
  ]

  test('takes nothing from a rule whose interface was filtered out in between', async () => {
    const { authx } = openAuthX()
    const resolvers = { Query: { user: () => ({ name: 'N' }) } }
    const once = authx.protect(makeExecutableSchema({ typeDefs, resolvers }))
    const filtered = filterSchema({ schema: once, typeFilter: (name) => name !== 'Node' })
    const contextValue = contextFor(authx, await authx.createAccessToken({ sub: 'ada' }))
    const answer = await execute({
      schema: authx.protect(filtered),
      document: parse('{ user { name } }'),
      contextValue,
    })
    expect(answer.errors?.[0]?.extensions.reason).toBe('SCOPES_MISSING')
  })

  test('takes nothing from a guarded resolver that stands under a weaker rule', async () => {
    const { authx } = openAuthX()
    const strict = guarded(authx, 'type Query { secret: Int @auth }', { Query: { secret: () => 1 } })
    const { resolve } = strict.getQueryType()?.getFields().secret ?? {}
    const weak = guarded(authx, 'type Query { secret: Int @optionalToken }', { Query: { secret: resolve } })
    const answer = await execute({
      schema: weak,
      document: parse('{ secret }'),
      contextValue: contextFor(authx, undefined),
    })
    expect([answer.data, answer.errors?.[0]?.extensions.reason]).toEqual([{ secret: null }, 'TOKEN_MISSING'])
  })
})

test('starts no stream of a type that became the root of subscriptions after it was protected', async () => {
  const { authx } = openAuthX()
  let started = false
  const events = new GraphQLObjectType({
    name: 'Events',
    extensions: { directives: { auth: {} } },
    fields: {
      tick: {
        type: GraphQLInt,
        subscribe: async function* () {
          started = true
          yield { tick: 1 }
        },
      },
    },
  })
  const query = new GraphQLObjectType({ name: 'Query', fields: { a: { type: GraphQLInt } } })
  const early = authx.protect(new GraphQLSchema({ query, types: [events] }))
  const late = new GraphQLSchema({
    ...early.toConfig(),
    subscription: early.getType('Events') as GraphQLObjectType,
  })
  const answer = await subscribe({
    schema: late,
    document: parse('subscription { tick }'),
    contextValue: contextFor(authx, undefined),
  })
  expect('errors' in answer && answer.errors?.[0]?.extensions.reason).toBe('TOKEN_MISSING')
  expect(started).toBe(false)
})

describe('a rule that would be lost in silence', () => {
  const protectFields = (extensions: Record<string, unknown>) => () =>
    openAuthX().authx.protect(
      new GraphQLSchema({
        query: new GraphQLObjectType({ name: 'Query', fields: { a: { type: GraphQLInt, extensions } } }),
      }),
    )

  test.each([
    [{ directives: [{ name: 'auth', arguments: { scopes: [['admin']] } }] }],
    [{ directives: new Map([['auth', {}]]) }],
    [{ directives: 'auth' }],
    [{ directives: Object.create({ auth: {} }) }],
    [{ directives: { auth: new Map([['fresh', true]]) } }],
    [{ directives: { auth: Object.create({ fresh: true }) } }],
  ])('%o is refused when the schema is built', (extensions) => {
    expect(protectFields(extensions)).toThrow(
      "Query.a: extensions.directives must be { auth: { … } } or [{ name: 'auth', args: { … } }], all plain objects",
    )
  })

  test.each([[{ auth: { scopes: undefined } }], [{ auth: { scopes: null } }]])(
    '%o asks for no scope, and is refused',
    (directives) => {
      expect(protectFields({ directives })).toThrow(/^Query\.a: @auth.*scopes/)
    },
  )

  test("a type whose name is GraphQL's own is refused, since tools pass it over", () => {
    const schema = buildSchema(
      `${directiveTypeDefs} type __Admin @auth { x: String } type Query { a: __Admin }`,
      { assumeValid: true },
    )
    expect(() => openAuthX().authx.protect(schema)).toThrow(
      /^__Admin: names that begin with two underscores are GraphQL's own/,
    )
  })

  test("a type that is called as a scalar of GraphQL's own is refused, since tools pass it over", () => {
    const type = new GraphQLObjectType({
      name: 'ID',
      extensions: { directives: { auth: {} } },
      fields: { a: { type: GraphQLInt } },
    })
    const query = new GraphQLObjectType({ name: 'Query', fields: { a: { type } } })
    expect(() => openAuthX().authx.protect(new GraphQLSchema({ query }))).toThrow(
      "ID: this is the name of a scalar of GraphQL's own; rename the type",
    )
  })
})

describe('a server whose schema was never protected', () => {
  test('does not start', () => {
    const { authx } = openAuthX()
    const schema = makeExecutableSchema({ typeDefs: [authx.typeDefs, 'type Query { a: Int @auth }'] })
    expect(() => createYoga({ schema, plugins: [useAuthX(authx)] })).toThrow(
      'Query.a: this schema has a rule here that nothing asks; serve authx.protect(schema), and protect last where other tools add fields or wrap resolvers',
    )
  })

  test('does not start either where a field with a rule came after it was protected', () => {
    const { authx } = openAuthX()
    const schema = extendSchema(
      guarded(authx, 'type Query { a: Int @auth }'),
      parse('extend type Query { b: Int @auth }'),
    )
    expect(() => createYoga({ schema, plugins: [useAuthX(authx)] })).toThrow(/^Query\.b: .* nothing asks/)
    expect(() => createYoga({ schema: authx.protect(schema), plugins: [useAuthX(authx)] })).not.toThrow()
  })

  test('does not start where the source of a stream was replaced after it was protected', () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { a: Int } type Subscription { ticks: Int @auth }')
    Object.assign(fieldAt(schema, 'Subscription.ticks'), { subscribe: () => undefined })
    expect(() => createYoga({ schema, plugins: [useAuthX(authx)] })).toThrow(/^Subscription\.ticks: /)
  })

  test('starts with a schema that has no rules', () => {
    const { authx } = openAuthX()
    expect(() =>
      createYoga({
        schema: makeExecutableSchema({ typeDefs: 'type Query { a: Int }' }),
        plugins: [useAuthX(authx)],
      }),
    ).not.toThrow()
  })
})
