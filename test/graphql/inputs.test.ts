import { GraphQLInputObjectType, GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/index.ts'
import { contextFor, EXECUTORS, guarded, inProcess, type Reached, reach } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  interface Searchable { search(text: String, hidden: Boolean @auth(scopes: [["staff"]])): String }
  type Query implements Searchable {
    posts(first: Int, drafts: Boolean @auth): String
    search(text: String, hidden: Boolean): String
    find(where: Where): String
    own(drafts: Boolean @auth(scopes: [["staff"]])): String @auth
  }
  type Mutation { save(post: Post!, posts: [[Post]]): String }
  input Where { text: String and: [Where!] private: Boolean @auth }
  input Post { title: String price: Int @auth(scopes: [["price"]]) nested: Post either: Either }
  input Either { a: Int b: Int @auth(fresh: true) }
`
const answer = (): string => 'answer'
const resolvers = {
  Query: { posts: answer, search: answer, find: answer, own: answer },
  Mutation: { save: answer },
}

describe.each(EXECUTORS)('a rule on an argument or an input field, by $executor', ({ open }) => {
  const opened = (): Promise<Reached> => reach(open, TYPES, resolvers)

  test('asks nothing where no value is supplied', async () => {
    await using api = await opened()
    const query =
      'query ($d: Boolean, $w: Where) { posts(first: 1, drafts: $d) search(text: "x") find(where: $w) }'
    expect(await api.query(query)).toEqual({
      data: { posts: 'answer', search: 'answer', find: 'answer' },
      refused: [],
    })
    expect((await api.query('{ find(where: { text: "x", and: [{ text: "y" }] }) }')).refused).toEqual([])
  })

  test.each([
    ['a literal', '{ posts(drafts: true) }', {}],
    ['false', '{ posts(drafts: false) }', {}],
    ['null', '{ posts(drafts: null) }', {}],
    ['a variable', 'query ($d: Boolean) { posts(drafts: $d) }', { d: true }],
    ['a variable that is null', 'query ($d: Boolean) { posts(drafts: $d) }', { d: null }],
    ["a variable's default", 'query ($d: Boolean = true) { posts(drafts: $d) }', {}],
    ['a member', '{ posts: find(where: { private: true }) }', {}],
    ['a member of a list', '{ posts: find(where: { and: [{ text: "x" }, { private: null }] }) }', {}],
    ['a list’s short form', '{ posts: find(where: { and: { private: false } }) }', {}],
    [
      'a member of a variable',
      'query ($w: Where) { posts: find(where: $w) }',
      { w: { and: [{ and: [{ private: true }] }] } },
    ],
  ])('asks where one is, as %s', async (_, query, variables) => {
    await using api = await opened()
    expect((await api.query(query, { variables })).refused).toEqual(['posts: TOKEN_MISSING'])
    expect((await api.query(query, { variables, token: api.token })).data).toEqual({ posts: 'answer' })
  })

  test('asks for what stands there, deep down', async () => {
    await using api = await opened()
    const save = (post: object, token = api.token, posts: unknown = undefined) =>
      api.query('mutation ($p: Post!, $ps: [[Post]]) { save(post: $p, posts: $ps) }', {
        token,
        variables: { p: post, ...(posts === undefined ? {} : { ps: posts }) },
      })
    expect((await save({ title: 'x', nested: { title: 'y', either: { a: 1 } } })).refused).toEqual([])
    expect((await save({ nested: { nested: { price: 1 } } })).refused).toEqual(['save: SCOPES_MISSING'])
    expect((await save({ either: { b: 1 } })).refused).toEqual(['save: FRESH_TOKEN_REQUIRED'])
    expect((await save({}, api.token, [[null, { price: 1 }], null])).refused).toEqual([
      'save: SCOPES_MISSING',
    ])
    const priced = await api.scoped('price')
    expect((await save({ price: 1 }, priced, [[{ price: 2 }]])).data).toEqual({ save: 'answer' })
  })

  test("the interface's argument asks too, and the field's own rule comes first", async () => {
    await using api = await opened()
    const { token } = api
    expect((await api.query('{ search(hidden: true) }', { token })).refused).toEqual([
      'search: SCOPES_MISSING',
    ])
    expect((await api.query('{ own(drafts: true) }')).refused).toEqual(['own: TOKEN_MISSING'])
    expect((await api.query('{ own }', { token })).data).toEqual({ own: 'answer' })
    expect((await api.query('{ own(drafts: true) }', { token })).refused).toEqual(['own: SCOPES_MISSING'])
    const staff = await api.scoped('staff')
    expect(
      (await api.query('{ own(drafts: true) search(hidden: false) }', { token: staff })).refused,
    ).toEqual([])
  })
})

test('the error says where the value was supplied, and nothing of it', async () => {
  const { authx } = openAuthX()
  const field = guarded(authx, TYPES, resolvers).getMutationType()?.getFields().save
  const info = { operation: { operation: 'mutation' }, path: { key: 'save' } }
  const post = { title: 'x', nested: { price: 666 } }
  const token = await authx.createAccessToken({ sub: 'ada' })
  const args = { post: {}, posts: [[{}, post]] }
  const run = () => field?.resolve?.({}, args, contextFor(authx, token), info as never)
  expect(run).toThrow(
    expect.objectContaining({
      extensions: {
        code: 'FORBIDDEN',
        reason: 'SCOPES_MISSING',
        scopes: [['price']],
        argument: 'posts[0][1].nested.price',
      },
    }),
  )
})

test('a rule that is not settled at once is waited for', async () => {
  const { authx } = openAuthX()
  authx.setTokenBlocklistCallback(async () => false)
  const api = await EXECUTORS[0]?.open(authx, guarded(authx, TYPES, resolvers))
  const token = await authx.createAccessToken({ sub: 'ada', scopes: ['price'] })
  const query = 'mutation { save(post: { price: 1, either: { b: 2 } }) }'
  expect((await api?.query(query, { token }))?.refused).toEqual(['save: FRESH_TOKEN_REQUIRED'])
  expect((await api?.query('mutation { save(post: { price: 1 }) }', { token }))?.data).toEqual({
    save: 'answer',
  })
})

test('rules of code-first inputs hold', async () => {
  const { authx } = openAuthX()
  const extensions = { directives: { auth: {} } }
  const In = new GraphQLInputObjectType({ name: 'In', fields: { a: { type: GraphQLInt, extensions } } })
  const q = {
    type: GraphQLInt,
    args: { in: { type: In }, n: { type: GraphQLInt, extensions } },
    resolve: () => 1,
  }
  const schema = authx.protect(
    new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { q } }) }),
  )
  const api = await EXECUTORS[0]?.open(authx, schema)
  expect((await api?.query('{ q(in: {}) }'))?.data).toEqual({ q: 1 })
  expect((await api?.query('{ q(in: { a: 1 }) }'))?.refused).toEqual(['q: TOKEN_MISSING'])
  expect((await api?.query('{ q(n: 1) }'))?.refused).toEqual(['q: TOKEN_MISSING'])
})

test.each(['constructor', 'toString', 'hasOwnProperty'])(
  'a rule holds in an input type that is called %s, as every object has a member',
  async (name) => {
    const typeDefs = `type Query { q(in: Out, ${name}: Int @auth): Int } input Out { in: [${name}] } input ${name} { a: Int @auth }`
    const api = await reach(inProcess, typeDefs, { Query: { q: () => 1 } })
    expect((await api.query('{ q(in: { in: [{}] }) }')).data).toEqual({ q: 1 })
    expect((await api.query('{ q(in: { in: [{ a: 1 }] }) }')).refused).toEqual(['q: TOKEN_MISSING'])
    expect((await api.query(`{ q(${name}: 1) }`)).refused).toEqual(['q: TOKEN_MISSING'])
  },
)

describe('refuses when the schema is built', () => {
  const refusal = (typeDefs: string): string => {
    try {
      guarded(openAuthX().authx, typeDefs)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError)
      return (error as Error).message
    }
    return 'taken'
  }

  test.each([
    ['an argument', 'Query.q(a:)', 'type Query { q(a: Int = 1 @auth): Int }'],
    ['an argument’s null', 'Query.q(a:)', 'type Query { q(a: Int = null @auth): Int }'],
    ['an input field', 'In.a', 'type Query { q(in: In): Int } input In { a: Int = 1 @auth }'],
    [
      'an argument whose members have',
      'Query.q(in:)',
      'type Query { q(in: In = { a: 1 }): Int } input In { a: Int @auth }',
    ],
    [
      'an argument whose interface has',
      'Query.q(a:)',
      'interface I { q(a: Int @auth): Int } type Query implements I { q(a: Int = 1): Int }',
    ],
    [
      'an input field whose members have',
      'Out.in',
      'type Query { q(out: Out): Int } input Out { in: [In] = [{ a: 1 }] } input In { a: Int @auth }',
    ],
  ])('a default value of %s a rule', (_, coordinate, typeDefs) => {
    expect(refusal(typeDefs)).toBe(
      `${coordinate}: the default value supplies what @auth guards, and graphql cannot tell it from the caller's; take the default away, and apply it in the resolver`,
    )
  })

  test('but not one that supplies nothing guarded', () => {
    const typeDefs = 'type Query { q(in: In = { b: 1 }): Int } input In { a: Int @auth b: Int }'
    expect(() => guarded(openAuthX().authx, typeDefs)).not.toThrow()
  })

  test('an argument that asks for another type of token than its field', () => {
    expect(refusal('type Query { q(a: Int @auth(type: REFRESH)): Int @auth }')).toMatch(
      /^Query\.q\(a:\): @auth\(type: ACCESS\) and @auth\(type: REFRESH\) meet here/,
    )
  })
})
