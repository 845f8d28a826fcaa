import { makeExecutableSchema } from '@graphql-tools/schema'
import { extendSchema, GraphQLObjectType, GraphQLSchema, GraphQLString, graphql, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { contextFor, EXECUTORS, guarded, reach } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

describe.each(EXECUTORS)('in $executor, a rule holds', ({ open }) => {
  test('for every field of a type that implements an interface with @auth, those too that the interface has not', async () => {
    await using api = await reach(
      open,
      'type Query { it: Owned } interface Owned @auth { owner: String } type Car implements Owned { owner: String plate: String }',
      { Query: { it: () => ({ __typename: 'Car', owner: 'ada', plate: 'A1' }) } },
    )
    const document = '{ it { owner ... on Car { plate } } }'
    expect(await api.query(document)).toEqual({
      data: { it: { owner: null, plate: null } },
      refused: ['it.owner: TOKEN_MISSING', 'it.plate: TOKEN_MISSING'],
    })
    expect(await api.query(document, api)).toEqual({
      data: { it: { owner: 'ada', plate: 'A1' } },
      refused: [],
    })
  })

  test("for a field whose @auth stands on its interface's field", async () => {
    await using api = await reach(
      open,
      'type Query { car: Car } interface Owned { owner: String @auth } type Car implements Owned { owner: String plate: String }',
      { Query: { car: () => ({ owner: 'ada', plate: 'A1' }) } },
    )
    expect(await api.query('{ car { owner plate } }')).toEqual({
      data: { car: { owner: null, plate: 'A1' } },
      refused: ['car.owner: TOKEN_MISSING'],
    })
    expect(await api.query('{ car { owner plate } }', api)).toMatchObject({ refused: [] })
  })

  test('for one field of two interfaces, whichever of them has the rule', async () => {
    await using api = await reach(
      open,
      `type Query { a: Named b: Owned }
       interface Named { name: String }
       interface Owned { name: String @auth(scopes: [["owned"]]) }
       type Car implements Named & Owned { name: String }`,
      { Query: { a: () => ({ __typename: 'Car', name: 'A' }), b: () => ({ __typename: 'Car', name: 'B' }) } },
    )
    const document = '{ a { name } b { name } }'
    expect(await api.query(document, api)).toEqual({
      data: { a: { name: null }, b: { name: null } },
      refused: ['a.name: SCOPES_MISSING', 'b.name: SCOPES_MISSING'],
    })
    expect(await api.query(document, { token: await api.scoped('owned') })).toMatchObject({ refused: [] })
  })

  test('for an interface that another interface implements', async () => {
    await using api = await reach(
      open,
      `type Query { b: Base }
       interface Base @auth { id: ID }
       interface Middle implements Base { id: ID name: String }
       type Leaf implements Middle & Base { id: ID name: String }`,
      { Query: { b: () => ({ __typename: 'Leaf', id: '1', name: 'L' }) } },
    )
    const document = '{ b { ... on Middle { name } } }'
    expect(await api.query(document)).toEqual({
      data: { b: { name: null } },
      refused: ['b.name: TOKEN_MISSING'],
    })
    expect(await api.query(document, api)).toEqual({ data: { b: { name: 'L' } }, refused: [] })
  })

  test('when field, type and interface each ask for a scope: all of them are needed', async () => {
    await using api = await reach(
      open,
      `type Query { car: Car }
       interface Owned @auth(scopes: [["interface"]]) { name: String @auth(scopes: [["interface-field"]]) }
       type Car implements Owned @auth(scopes: [["type"]]) { name: String @auth(scopes: [["field"]]) }`,
      { Query: { car: () => ({ name: 'A' }) } },
    )
    const all = ['interface', 'interface-field', 'type', 'field']
    expect(await api.query('{ car { name } }', { token: await api.scoped(...all) })).toMatchObject({
      refused: [],
    })
    for (const missing of all) {
      const token = await api.scoped(...all.filter((one) => one !== missing))
      expect([missing, (await api.query('{ car { name } }', { token })).refused]).toEqual([
        missing,
        ['car.name: SCOPES_MISSING'],
      ])
    }
  })

  test('when `extend type` adds it, and it adds up with what the type says itself', async () => {
    await using api = await reach(
      open,
      [
        'type Query { car: Car } type Car @auth(scopes: [["one"]]) { name: String } extend type Car @auth(scopes: [["other"]]) { plate: String }',
      ],
      { Query: { car: () => ({ name: 'A', plate: 'A1' }) } },
    )
    const document = '{ car { name plate } }'
    const refused = ['car.name: SCOPES_MISSING', 'car.plate: SCOPES_MISSING']
    expect(await api.query(document, { token: await api.scoped('one') })).toMatchObject({ refused })
    expect(await api.query(document, { token: await api.scoped('other') })).toMatchObject({ refused })
    expect(await api.query(document, { token: await api.scoped('one', 'other') })).toMatchObject({
      refused: [],
    })
  })

  test("when graphql-js's own extendSchema adds it", async () => {
    const { authx } = openAuthX()
    const plain = makeExecutableSchema({
      typeDefs: [authx.typeDefs, 'type Query { car: Car } type Car { name: String }'],
      resolvers: { Query: { car: () => ({ name: 'A', plate: 'A1' }) } },
    })
    const extended = extendSchema(plain, parse('extend type Car @auth { plate: String }'))
    await using api = await open(authx, authx.protect(extended))
    expect(await api.query('{ car { name plate } }')).toEqual({
      data: { car: { name: null, plate: null } },
      refused: ['car.name: TOKEN_MISSING', 'car.plate: TOKEN_MISSING'],
    })
  })

  test('for every field of a root type with @auth; __typename and introspection stay open', async () => {
    await using api = await reach(
      open,
      'type Query { open: String } type Mutation @auth { change: Int } extend type Mutation { other: Int }',
      { Mutation: { change: () => 1, other: () => 2 } },
    )
    expect(await api.query('mutation { __typename change other }')).toEqual({
      data: { __typename: 'Mutation', change: null, other: null },
      refused: ['change: TOKEN_MISSING', 'other: TOKEN_MISSING'],
    })
    expect(await api.query('{ __typename __type(name: "Mutation") { name } }')).toEqual({
      data: { __typename: 'Query', __type: { name: 'Mutation' } },
      refused: [],
    })
    expect(await api.query('mutation { change other }', api)).toEqual({
      data: { change: 1, other: 2 },
      refused: [],
    })
  })
  test('above @optionalToken: the guard applies first', async () => {
    const { authx } = openAuthX()
    const ran: string[] = []
    const schema = guarded(authx, 'type Query { a: A } type A @auth { token: String @optionalToken }', {
      Query: { a: () => ({}) },
      A: {
        token: (_, __, context) => {
          ran.push('token')
          return context.requestToken()?.location
        },
      },
    })
    await using api = await open(authx, schema)
    expect(await api.query('{ a { token } }')).toEqual({
      data: { a: { token: null } },
      refused: ['a.token: TOKEN_MISSING'],
    })
    expect(await api.query('{ a { token } }', { token: 'garbage' })).toMatchObject({
      refused: ['a.token: TOKEN_MALFORMED'],
    })
    expect(ran).toEqual([])
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ a { token } }', { token })).toEqual({
      data: { a: { token: 'headers' } },
      refused: [],
    })
  })

  test('for a code-first schema with its rule in extensions.directives as an object', async () => {
    const { authx } = openAuthX()
    const schema = authx.protect(codeFirst({ directives: { auth: { type: 'ACCESS', scopes: [['read']] } } }))
    await using api = await open(authx, schema)
    expect(await api.query('{ secret }')).toMatchObject({ refused: ['secret: TOKEN_MISSING'] })
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ secret }', { token })).toMatchObject({ refused: ['secret: SCOPES_MISSING'] })
    const reader = await authx.createAccessToken({ sub: 'ada', scopes: ['read'] })
    expect(await api.query('{ secret }', { token: reader })).toEqual({ data: { secret: 's' }, refused: [] })
  })

  test('for a code-first schema with its rules in extensions.directives as an array', async () => {
    const { authx } = openAuthX()
    const directives = [
      { name: 'auth' },
      { name: 'auth', args: { scopes: [['read']] } },
      { name: 'other', args: {} },
    ]
    await using api = await open(authx, authx.protect(codeFirst({ directives })))
    expect(await api.query('{ secret }')).toMatchObject({ refused: ['secret: TOKEN_MISSING'] })
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ secret }', { token })).toMatchObject({ refused: ['secret: SCOPES_MISSING'] })
  })

  test('for a schema that has @auth but not its definition', async () => {
    const { authx } = openAuthX()
    const plain = makeExecutableSchema({
      typeDefs: 'type Query { secret: String @auth(type: ACCESS) }',
      resolvers: { Query: { secret: () => 's' } },
      assumeValidSDL: true,
    })
    await using api = await open(authx, authx.protect(plain))
    expect(await api.query('{ secret }')).toEqual({
      data: { secret: null },
      refused: ['secret: TOKEN_MISSING'],
    })
  })

  test('for federation: _entities resolves a reference, and the rule stands before its fields', async () => {
    const { authx } = openAuthX()
    const plain = makeExecutableSchema({
      typeDefs: [
        authx.typeDefs,
        `scalar _Any union _Entity = User
         type Query { _entities(representations: [_Any!]!): [_Entity]! }
         type User @auth { id: ID! email: String }`,
      ],
    })
    // As a subgraph library does: the type carries its resolver of references itself.
    const resolveReference = ({ id }: { id: string }) => ({
      __typename: 'User',
      id,
      email: `${id}@example.org`,
    })
    Object.assign(plain.getType('User') ?? {}, { resolveReference })
    const fields = plain.getQueryType()?.getFields()
    if (fields?._entities === undefined) throw new Error('no _entities')
    fields._entities.resolve = (_, { representations }, __, { schema }) =>
      representations.map((one: { __typename: string; id: string }) =>
        (
          schema.getType(one.__typename) as unknown as { resolveReference: typeof resolveReference }
        ).resolveReference(one),
      )
    await using api = await open(authx, authx.protect(plain))
    const document =
      'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on User { email } } }'
    const variables = { r: [{ __typename: 'User', id: 'ada' }] }
    expect(await api.query(document, { variables })).toEqual({
      data: { _entities: [{ __typename: 'User', email: null }] },
      refused: ['_entities.0.email: TOKEN_MISSING'],
    })
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query(document, { variables, token })).toEqual({
      data: { _entities: [{ __typename: 'User', email: 'ada@example.org' }] },
      refused: [],
    })
  })
})

test('what is written into the error of a refused field is not written into its rule', async () => {
  const { authx } = openAuthX()
  const schema = guarded(
    authx,
    'type Query { pay(by: Int @auth(scopes: [["admin"]])): Int all: Int @auth(scopes: [["admin"], ["boss", "pay"]]) }',
    { Query: { pay: () => 1, all: () => 1 } },
  )
  const token = await authx.createAccessToken({ sub: 'ada' })
  for (const source of ['{ all }', '{ pay(by: 1) }', '{ all }', '{ pay(by: 1) }']) {
    const { errors = [] } = await graphql({ schema, source, contextValue: contextFor(authx, token) })
    expect(errors.map(({ extensions }) => extensions.reason)).toEqual(['SCOPES_MISSING'])
    for (const { extensions } of errors) {
      for (const group of extensions.scopes as string[][]) expect(() => group.splice(0)).not.toThrow()
    }
  }
})

/** A schema that was never SDL. */
function codeFirst(extensions: Record<string, unknown>): GraphQLSchema {
  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: { secret: { type: GraphQLString, resolve: () => 's', extensions } },
    }),
  })
}
