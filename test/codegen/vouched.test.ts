import { buildSchema, GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { vouchedBy } from '../../src/codegen/vouched.ts'
import type { DefaultPolicy } from '../../src/core/settings.ts'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'

/** What is vouched for, as `Type.field: Outer<Inner>`. */
function vouched(sdl: string, defaultPolicy: DefaultPolicy = 'public'): string[] {
  return lines(buildSchema(`${directiveTypeDefs}${sdl}`), defaultPolicy)
}

function lines(schema: GraphQLSchema, defaultPolicy: DefaultPolicy = 'public'): string[] {
  return [...vouchedBy(schema, defaultPolicy)].map(([path, types]) => `${path}: ${types.join(' < ')}`)
}

describe('a field', () => {
  test('has what its directives say, arguments included', () => {
    const sdl = `
      type Query {
        open: Int
        auth: Int @auth
        more: Int @auth(fresh: true, scopes: [["a"]])
        maybe: Int @auth(optional: true)
        refresh: Int @auth(type: REFRESH)
        maybeRefresh: Int @auth(type: REFRESH, optional: true)
        peek: Int @optionalToken
        peekRefresh: Int @optionalToken(type: REFRESH)
        both: Int @auth @optionalToken
        bothRefresh: Int @optionalToken @auth(type: REFRESH)
      }`
    expect(vouched(sdl)).toMatchInlineSnapshot(`
      [
        "Query.auth: Authenticated",
        "Query.more: Authenticated",
        "Query.maybe: OptionallyAuthenticated",
        "Query.refresh: Refreshing",
        "Query.maybeRefresh: OptionallyRefreshing",
        "Query.peek: WithOptionalToken",
        "Query.peekRefresh: WithOptionalToken",
        "Query.both: Authenticated < WithOptionalToken",
        "Query.bothRefresh: Refreshing < WithOptionalToken",
      ]
    `)
  })

  test('inherits from its type, its interfaces and their fields, and required beats optional', () => {
    const sdl = `
      type Query { a: A b: B c: C }
      interface Owned @auth(optional: true) { id: Int }
      interface Kept implements Owned { id: Int }
      interface Priced { price: Int @auth @optionalToken name: Int }
      type A @auth { x: Int y: Int @optionalToken z: Int @auth(optional: true) }
      type B implements Kept & Owned { id: Int x: Int @auth }
      type C implements Priced { price: Int name: Int }
      extend type C { extra: Int @auth(optional: true) }`
    expect(vouched(sdl).filter((line) => /^[ABC]\./.test(line))).toMatchInlineSnapshot(`
      [
        "A.x: Authenticated",
        "A.y: Authenticated < WithOptionalToken",
        "A.z: Authenticated",
        "B.id: OptionallyAuthenticated",
        "B.x: Authenticated",
        "C.price: Authenticated < WithOptionalToken",
        "C.extra: OptionallyAuthenticated",
      ]
    `)
  })

  test('has nothing from a rule on a value, which the caller may leave out', () => {
    const sdl = `
      type Query { a(x: Int @auth): Int b(in: In): Int c(x: Int @auth): Int @auth(optional: true) }
      input In { x: Int @auth }`
    expect(vouched(sdl)).toEqual(['Query.c: OptionallyAuthenticated'])
  })

  test('of an interface has what every type that implements it has', () => {
    const sdl = `
      type Query { a: Named }
      interface Named { same: Int two: Int peek: Int @optionalToken differ: Int none: Int }
      type A implements Named @auth { same: Int two: Int peek: Int differ: Int none: Int }
      type B implements Named { same: Int @auth two: Int @auth peek: Int differ: Int @auth(optional: true) none: Int }
      type C implements Named { same: Int @auth two: Int peek: Int differ: Int @auth none: Int }`
    expect(vouched(sdl).filter((line) => /^Named\./.test(line))).toEqual([
      'Named.same: Authenticated',
      'Named.peek: WithOptionalToken',
    ])
  })
})

describe('the default policy', () => {
  const sdl = `
    type Query { silent: Int open: Int @public peek: Int @optionalToken maybe: Int @auth(optional: true) }
    type Mutation { refresh: Int @auth(type: REFRESH) search(x: Int @auth): Int }
    type Notice @public { text: Int }
    type Order { total: Int }`

  test("'protected' vouches for every field that says nothing", () => {
    expect(vouched(sdl, 'protected')).toMatchInlineSnapshot(`
      [
        "Query.silent: Authenticated",
        "Query.peek: WithOptionalToken",
        "Query.maybe: OptionallyAuthenticated",
        "Mutation.refresh: Refreshing",
        "Mutation.search: Authenticated",
        "Order.total: Authenticated",
      ]
    `)
  })

  test("'declared' refuses a root field that says nothing, as protect does", () => {
    expect(() => vouched(sdl, 'declared')).toThrow(/^Query\.silent, Mutation\.search: /)
  })
})

test('rules are read where the SDL does not define the directives', () => {
  const sdl = 'type Query { refresh: Int @auth(type: REFRESH) peek: Int @optionalToken open: Int @public }'
  expect(lines(buildSchema(sdl, { assumeValidSDL: true }))).toEqual([
    'Query.refresh: Refreshing',
    'Query.peek: WithOptionalToken',
  ])
})

test('rules are read from a schema that was written in code', () => {
  const rule = (auth: object) => ({ type: GraphQLInt, extensions: { directives: { auth } } })
  const fields = { auth: rule({}), refresh: rule({ type: 'REFRESH' }), maybe: rule({ optional: true }) }
  const query = new GraphQLObjectType({ name: 'Query', fields })
  expect(lines(new GraphQLSchema({ query }))).toEqual([
    'Query.auth: Authenticated',
    'Query.refresh: Refreshing',
    'Query.maybe: OptionallyAuthenticated',
  ])
})

test.each([
  ['rules that no token can satisfy', 'type Query @auth { a: Int @auth(type: REFRESH) }', /^Query\.a: /],
  ['a directive without effect', 'type Query { a: E } enum E { A @auth }', /^E\.A: @auth stands here/],
  [
    'a definition that is not ours',
    'directive @auth on FIELD_DEFINITION type Query { a: Int @auth }',
    /^@auth: /,
  ],
])('a schema is refused that protect would refuse: %s', (_, sdl, message) => {
  expect(() => lines(buildSchema(sdl, { assumeValidSDL: true }))).toThrow(message)
})
