import { makeExecutableSchema } from '@graphql-tools/schema'
import { MapperKind, mapSchema } from '@graphql-tools/utils'
import {
  type GraphQLFieldConfig,
  type GraphQLSchema,
  graphql,
  type GraphQLFieldResolver as Resolver,
} from 'graphql'
import { createYoga } from 'graphql-yoga'
import { describe, expect, test, vi } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { type AuthX, ConfigurationError } from '../../src/index.ts'
import { contextFor, EXECUTORS, guarded, inProcess, read, serve } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { SECRET } from '../harness/keys.ts'

const TYPES = 'type Query { secret: String @auth open: String }'
const RESOLVERS = { Query: { secret: () => 's', open: () => 'o' } }
const OTHER_SECRET = `${SECRET}-another-one`

function resolverOf(schema: GraphQLSchema, field: string): Resolver<unknown, unknown> | undefined {
  return schema.getQueryType()?.getFields()[field]?.resolve
}

/** The same schema with one field changed, as a library between two `protect` would. */
function changed(
  schema: GraphQLSchema,
  field: string,
  change: (config: GraphQLFieldConfig<unknown, unknown>) => GraphQLFieldConfig<unknown, unknown>,
): GraphQLSchema {
  return mapSchema(schema, {
    [MapperKind.QUERY_ROOT_FIELD]: (config, name) => (name === field ? change(config) : undefined),
  })
}

describe.each(EXECUTORS)('in $executor', ({ open }) => {
  test('two schemas of one instance are guarded each by its own rules', async () => {
    const { authx } = openAuthX()
    const secret = () => 's'
    const strict = guarded(authx, 'type Query { secret: String @auth(scopes: [["strict"]]) }', {
      Query: { secret },
    })
    const lax = guarded(authx, 'type Query { secret: String @auth }', { Query: { secret } })
    const free = guarded(authx, 'type Query { secret: String other: Int @auth }', { Query: { secret } })
    const token = await authx.createAccessToken({ sub: 'ada' })
    const refusals = async (schema: GraphQLSchema, caller?: string) => {
      await using api = await open(authx, schema)
      return (await api.query('{ secret }', { token: caller })).refused
    }
    expect(await refusals(strict)).toEqual(['secret: TOKEN_MISSING'])
    expect(await refusals(strict, token)).toEqual(['secret: SCOPES_MISSING'])
    expect(await refusals(lax)).toEqual(['secret: TOKEN_MISSING'])
    expect(await refusals(lax, token)).toEqual([])
    expect(await refusals(free)).toEqual([])
  })

  test('a schema that is protected twice asks once and runs the resolver once', async () => {
    const { authx } = openAuthX()
    const callback = authx.setTokenBlocklistCallback(vi.fn(() => false))
    const secret = vi.fn(() => 's')
    const once = guarded(authx, TYPES, { Query: { ...RESOLVERS.Query, secret } })
    const twice = authx.protect(once)
    await using api = await open(authx, twice)
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ secret }', { token })).toEqual({ data: { secret: 's' }, refused: [] })
    expect([callback.mock.calls.length, secret.mock.calls.length]).toEqual([1, 1])
    expect(await api.query('{ secret }')).toMatchObject({ refused: ['secret: TOKEN_MISSING'] })
    expect(resolverOf(twice, 'secret')).toBe(resolverOf(once, 'secret'))
  })

  test('a resolver that replaced a guarded one is guarded when the schema is protected again', async () => {
    const { authx } = openAuthX()
    const once = guarded(authx, TYPES, RESOLVERS)
    const replaced = changed(once, 'secret', (config) => ({ ...config, resolve: () => 'replaced' }))
    await using api = await open(authx, authx.protect(replaced))
    expect(await api.query('{ secret }')).toEqual({
      data: { secret: null },
      refused: ['secret: TOKEN_MISSING'],
    })
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ secret }', { token })).toEqual({ data: { secret: 'replaced' }, refused: [] })
  })

  test('a resolver that was assigned in place is guarded when the schema is protected again', async () => {
    const { authx } = openAuthX()
    const once = guarded(authx, TYPES, RESOLVERS)
    const field = once.getQueryType()?.getFields().secret
    if (field !== undefined) field.resolve = () => 'replaced'
    await using api = await open(authx, authx.protect(once))
    expect(await api.query('{ secret }')).toEqual({
      data: { secret: null },
      refused: ['secret: TOKEN_MISSING'],
    })
  })

  test('a resolver that wraps a guarded one is guarded as well, and the callback is still asked once', async () => {
    const { authx } = openAuthX()
    const callback = authx.setTokenBlocklistCallback(vi.fn(() => false))
    const once = guarded(authx, TYPES, RESOLVERS)
    const wrapped = changed(once, 'secret', ({ resolve = () => 'unguarded', ...config }) => ({
      ...config,
      resolve: async (...args) => `<${await resolve(...args)}>`,
    }))
    await using api = await open(authx, authx.protect(wrapped))
    expect(await api.query('{ secret }')).toMatchObject({ refused: ['secret: TOKEN_MISSING'] })
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ secret }', { token })).toEqual({ data: { secret: '<s>' }, refused: [] })
    expect(callback).toHaveBeenCalledTimes(1)
  })

  test('a rule that is added after the first protect holds when the schema is protected again', async () => {
    const { authx } = openAuthX()
    const once = guarded(authx, TYPES, RESOLVERS)
    const added = (field: string) => (config: GraphQLFieldConfig<unknown, unknown>) => ({
      ...config,
      extensions: { directives: { auth: { scopes: [[field]] } } },
    })
    const more = changed(changed(once, 'open', added('open')), 'secret', added('secret'))
    await using api = await open(authx, authx.protect(more))
    expect((await api.query('{ secret open }')).refused).toEqual([
      'secret: TOKEN_MISSING',
      'open: TOKEN_MISSING',
    ])
    const token = await authx.createAccessToken({ sub: 'ada', scopes: ['secret'] })
    expect(await api.query('{ secret open }', { token })).toEqual({
      data: { secret: 's', open: null },
      refused: ['open: SCOPES_MISSING'],
    })
    const other = await authx.createAccessToken({ sub: 'ada', scopes: ['open'] })
    expect(await api.query('{ secret open }', { token: other })).toEqual({
      data: { secret: null, open: 'o' },
      refused: ['secret: SCOPES_MISSING'],
    })
  })
})

describe('two instances', () => {
  const openBoth = () => ({
    one: openAuthX().authx,
    other: openAuthX({ secret: OTHER_SECRET }).authx,
  })

  test('that both protect a schema both guard it', async () => {
    const { one, other } = openBoth()
    const schema = other.protect(guarded(one, TYPES, RESOLVERS))
    const ask = async (oneToken?: string, otherToken?: string) =>
      read(
        await graphql({
          schema,
          source: '{ secret }',
          contextValue: { ...contextFor(one, oneToken), ...contextFor(other, otherToken) },
        }),
      )
    const oneToken = await one.createAccessToken({ sub: 'ada' })
    const otherToken = await other.createAccessToken({ sub: 'ada' })
    expect(await ask(oneToken, otherToken)).toEqual({ data: { secret: 's' }, refused: [] })
    expect(await ask(oneToken, undefined)).toMatchObject({ refused: ['secret: TOKEN_MISSING'] })
    expect(await ask(undefined, otherToken)).toMatchObject({ refused: ['secret: TOKEN_MISSING'] })
    expect(await ask(otherToken, oneToken)).toMatchObject({ refused: ['secret: TOKEN_INVALID'] })
  })

  test('do not take each other for themselves: a schema of one, with a context of the other, is an error', async () => {
    const { one, other } = openBoth()
    await using api = await inProcess(other, guarded(one, TYPES, RESOLVERS))
    const token = await other.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ secret open }', { token })).toEqual({
      data: { secret: null, open: 'o' },
      refused: ['secret: Unexpected error.'],
    })
  })
})

describe('a schema behind a Yoga', () => {
  /** What an anonymous caller and one with a good token get, and what was logged. */
  async function ask(plugins: (authx: AuthX) => Parameters<typeof serve>[2], typeDefs: string = TYPES) {
    const { authx, log } = openAuthX()
    await using server = await serve(authx, guarded(authx, typeDefs, RESOLVERS), plugins(authx))
    const token = await authx.createAccessToken({ sub: 'ada' })
    const responses = [
      await server.send({ query: '{ secret }' }),
      await server.send({ query: '{ secret }' }, { token }),
    ]
    const bodies = await Promise.all(responses.map((response) => response.json()))
    return { statuses: responses.map(({ status }) => status), bodies, log: log.lines }
  }

  const MASKED = {
    data: { secret: null },
    errors: [
      {
        message: 'Unexpected error.',
        path: ['secret'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ],
  }

  test('without the plugin answers a masked error, with and without a token, and logs the mend', async () => {
    const { bodies, log } = await ask(() => ({ plugins: [] }))
    expect(bodies).toEqual([MASKED, MASKED])
    expect(log).toMatchInlineSnapshot(`
      [
        "error a guarded field was executed without the context of this AuthX instance; add its plugin to the server (useAuthX for Yoga; docs/servers.md has the others) {"coordinate":"Query.secret"}",
        "error a guarded field was executed without the context of this AuthX instance; add its plugin to the server (useAuthX for Yoga; docs/servers.md has the others) {"coordinate":"Query.secret"}",
      ]
    `)
  })

  test('without the plugin answers 500, whether or not the field can be null', async () => {
    expect((await ask(() => ({ plugins: [] }))).statuses).toEqual([500, 500])
    const strict = await ask(() => ({ plugins: [] }), 'type Query { secret: String! @auth open: String }')
    expect(strict.statuses).toEqual([500, 500])
    expect(strict.bodies[0]).toEqual({ ...MASKED, data: null })
  })

  test('does not start with the plugin of another instance, alone or beside its own', () => {
    const { authx } = openAuthX()
    const other = openAuthX({ secret: OTHER_SECRET }).authx
    const schema = guarded(authx, TYPES, RESOLVERS)
    for (const plugins of [[other], [authx, other], [other, authx]].map((all) =>
      all.map((one) => useAuthX(one)),
    )) {
      expect(() => createYoga({ schema, plugins })).toThrow(
        'Query.secret: was protected by another AuthX instance',
      )
    }
  })

  test('never starts a guarded stream without the plugin', async () => {
    const { authx } = openAuthX()
    let started = false
    async function* events() {
      started = true
      yield 1
    }
    const schema = guarded(authx, 'type Query { q: Int } type Subscription { ticks: Int @auth }', {
      Subscription: { ticks: { subscribe: () => events(), resolve: Number } },
    })
    await using server = await serve(authx, schema, { plugins: [] })
    const stream = await server.subscribe('subscription { ticks }', {
      token: await authx.createAccessToken({ sub: 'ada' }),
    })
    expect(await stream.next()).toEqual({ data: null, refused: ['ticks: INTERNAL_SERVER_ERROR'] })
    expect(started).toBe(false)
  })
})

describe('protect', () => {
  test('says so when there is nothing to guard', () => {
    const { authx, log } = openAuthX()
    guarded(authx, 'type Query { open: String }')
    expect(log.lines).toMatchInlineSnapshot(`
      [
        "warn protect() was given a schema without a single @auth or @optionalToken: nothing in it is guarded {}",
      ]
    `)
  })

  test('refuses to add a rule that no token can satisfy, also when it comes later', () => {
    const { authx } = openAuthX()
    const once = guarded(authx, TYPES, RESOLVERS)
    const more = changed(once, 'secret', (config) => ({
      ...config,
      extensions: { directives: { auth: { type: 'REFRESH' } } },
    }))
    expect(() => authx.protect(more)).toThrow(ConfigurationError)
  })

  test('guards a schema that was never given resolvers', async () => {
    const { authx } = openAuthX()
    const schema = authx.protect(makeExecutableSchema({ typeDefs: [authx.typeDefs, TYPES] }))
    const rootValue = { secret: () => 's', open: 'o' }
    const ask = async (token?: string) =>
      read(
        await graphql({
          schema,
          rootValue,
          source: '{ secret open }',
          contextValue: contextFor(authx, token),
        }),
      )
    expect(await ask()).toEqual({ data: { secret: null, open: 'o' }, refused: ['secret: TOKEN_MISSING'] })
    expect(await ask(await authx.createAccessToken({ sub: 'ada' }))).toEqual({
      data: { secret: 's', open: 'o' },
      refused: [],
    })
  })
})
