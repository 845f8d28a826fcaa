import { makeExecutableSchema } from '@graphql-tools/schema'
import { buildSchema, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { DefaultPolicy } from '../../src/core/settings.ts'
import type { AuditEntry, AuditReport } from '../../src/graphql/audit/entry.ts'
import { audit } from '../../src/graphql/audit/report.ts'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'
import { ConfigurationError } from '../../src/index.ts'
import { openAuthX } from '../harness/instance.ts'

function read(typeDefs: string, defaultPolicy: DefaultPolicy = 'public'): AuditReport {
  const schema = makeExecutableSchema({ typeDefs: [directiveTypeDefs, typeDefs], assumeValidSDL: true })
  return audit(schema, { defaultPolicy })
}

/** `coordinate: effect, rule [sources] through path`, with `-` where no way leads there. */
function told({ coordinate, effect, rule, sources, path }: AuditEntry): string {
  const from = sources.map(({ at, says }) => `${at} ${says}`).join('; ')
  return `${coordinate}: ${effect}, ${rule} [${from}] ${path === null ? '-' : `through ${path.join(', ')}`}`
}

const all = (typeDefs: string, defaultPolicy?: DefaultPolicy) =>
  read(typeDefs, defaultPolicy).entries.map(told)

const one = (typeDefs: string, coordinate: string, defaultPolicy?: DefaultPolicy) =>
  all(typeDefs, defaultPolicy).find((line) => line.startsWith(`${coordinate}: `))

const warned = (typeDefs: string, defaultPolicy?: DefaultPolicy) =>
  read(typeDefs, defaultPolicy).warnings.map(({ code, coordinate, message }) => [code, coordinate, message])

describe('the effective rule', () => {
  test('adds up what stands on the field, its type, its interfaces and their fields, and names each', () => {
    expect(
      all(`
        interface Node @auth { id: ID! @auth(scopes: ["node"]) }
        type Query { me: User @auth(fresh: true) }
        type User implements Node @auth(scopes: [["a"], ["b", "c"]]) {
          id: ID!
          email: String @auth(scopes: ["pii"])
        }
        extend type User @auth(scopes: ["extended"])
      `),
    ).toEqual([
      'Query.me: guarded, fresh access token [Query.me @auth(fresh: true)] -',
      'User.email: guarded, access token with pii and with a or (b and c) and with extended [User.email @auth(scopes: [["pii"]]); User @auth(scopes: [["a"],["b","c"]]) @auth(scopes: [["extended"]]); Node @auth] -',
      'User.id: guarded, access token with node and with a or (b and c) and with extended [Node.id @auth(scopes: [["node"]]); User @auth(scopes: [["a"],["b","c"]]) @auth(scopes: [["extended"]]); Node @auth] -',
    ])
  })

  test('counts what stands on an extension alone', () => {
    const schema = buildSchema(
      `${directiveTypeDefs} type Query { a: Int } extend type Query @auth interface I { b: Int } extend interface I @auth type B implements I { b: Int }`,
    )
    const { entries } = audit(schema, { defaultPolicy: 'public' })
    expect(entries.map(({ effect }) => effect)).toEqual(['guarded', 'guarded'])
  })

  test('is one for each kind of caller', () => {
    expect(
      all(`
        type Query {
          silent: Int
          said: Int @public
          handed: Int @optionalToken
          maybe: Int @auth(optional: true)
          maybeFresh: Int @auth(optional: true, fresh: true, scopes: ["a"])
          both: Int @auth @optionalToken(type: REFRESH)
          next: Int @auth(type: REFRESH)
        }
      `),
    ).toEqual([
      'Query.both: guarded, access token [Query.both @auth @optionalToken(type: REFRESH)] -',
      'Query.handed: unverified, @optionalToken: a token is handed over unchecked [Query.handed @optionalToken] through ',
      'Query.maybe: optional, no token, or an access token [Query.maybe @auth(optional: true)] through ',
      'Query.maybeFresh: optional, no token, or a fresh access token with a [Query.maybeFresh @auth(fresh: true, scopes: [["a"]], optional: true)] through ',
      'Query.next: guarded, refresh token [Query.next @auth(type: REFRESH)] -',
      'Query.said: public, @public [Query.said @public] through ',
      'Query.silent: public, nothing says who may have it [] through ',
    ])
  })

  test('of values stands beside the field that takes them', () => {
    expect(
      all(`
        interface Archive { posts(drafts: Boolean @auth): [Int] }
        type Query implements Archive { posts(drafts: Boolean @auth(scopes: ["drafts"]), first: Int): [Int] save(post: PostInput): Int }
        input PostInput { title: String price: Int @auth(scopes: ["price"]) }
      `),
    ).toEqual([
      'PostInput.price: guarded, a value asks for: access token with price [PostInput.price @auth(scopes: [["price"]])] -',
      'Query.posts: public, nothing says who may have it [] through ',
      'Query.posts(drafts:): guarded, a value asks for: access token with drafts [Query.posts(drafts:) @auth(scopes: [["drafts"]]); Archive.posts(drafts:) @auth] -',
      'Query.save: public, nothing says who may have it, rules inside post: PostInput.price [] through ',
    ])
  })

  test('is the default policy where nothing else says', () => {
    const typeDefs = 'type Query { silent: Page open: Page @public } type Page { title: String }'
    expect(all(typeDefs, 'protected')).toEqual([
      'Page.title: guarded, access token [default policy protected] -',
      'Query.open: public, @public [Query.open @public] through ',
      'Query.silent: guarded, access token [default policy protected] -',
    ])
    expect(() => all(typeDefs, 'declared')).toThrow(ConfigurationError)
  })

  test('of a protected and of a code-first schema is the same', () => {
    const { authx } = openAuthX()
    const name = { type: GraphQLString, extensions: { directives: { auth: { scopes: ['a'] } } } }
    const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { name } }) })
    for (const each of [schema, authx.protect(schema)]) {
      expect(audit(each, { defaultPolicy: 'public' }).entries.map(told)).toEqual([
        'Query.name: guarded, access token with a [Query.name @auth(scopes: [["a"]])] -',
      ])
    }
  })

  test('is refused as protect refuses it', () => {
    expect(() => all('type Query { a: Int } union U @auth = Query')).toThrow(/U: @auth stands here/)
    const own = makeExecutableSchema({
      typeDefs: 'directive @auth(role: String) on FIELD_DEFINITION type Query { a: Int @auth(role: "x") }',
    })
    expect(() => audit(own, { defaultPolicy: 'public' })).toThrow(/@auth: this schema defines it otherwise/)
  })
})

describe('the way of a caller without a token', () => {
  test('is the shortest through open fields', () => {
    const typeDefs = `
      type Query { a: A z: Z }
      type A { b: B }
      type B { z: Z }
      type Z { name: String }
    `
    expect(one(typeDefs, 'Z.name')).toMatch(/through Query\.z$/)
    expect(one(typeDefs.replace('z: Z }', 'z: Z @auth }'), 'Z.name')).toMatch(/through Query\.a, A\.b, B\.z$/)
    expect(one(typeDefs, 'Query.a')).toMatch(/through $/)
  })

  test('leads through every field that asks for no token: public, optional and unverified', () => {
    const typeDefs = (rule: string) => `type Query { z: Z ${rule} } type Z { name: String }`
    const ways = ['', '@public', '@auth(optional: true)', '@optionalToken', '@auth'].map((rule) =>
      one(typeDefs(rule), 'Z.name')?.replace(/.*\] /, ''),
    )
    expect(ways).toEqual([...Array(4).fill('through Query.z'), '-'])
  })

  test.each([
    [
      'an interface',
      'type Query { any: Named } interface Named { name: String } type Z implements Named { name: String }',
    ],
    ['a union', 'type Query { any: Any } union Any = Z type Z { name: String }'],
    ['a list', 'type Query { any: [Z!]! } type Z { name: String }'],
    [
      'an interface of an interface',
      'type Query { any: Top } interface Top { name: String } interface Named implements Top { name: String } type Z implements Named & Top { name: String }',
    ],
  ])('leads through %s to all that it can be', (_, typeDefs) => {
    expect(one(typeDefs, 'Z.name')).toMatch(/through Query\.any$/)
  })

  test('begins at every root, at a query where it can', () => {
    const typeDefs = `
      schema { query: Reads mutation: Writes subscription: Streams }
      type Reads { z: Z }
      type Writes { y: Y z: Z }
      type Streams { x: X y: Y }
      type X { name: String } type Y { name: String } type Z { name: String }
    `
    const ways = ['X', 'Y', 'Z'].map((type) => one(typeDefs, `${type}.name`)?.replace(/.*through /, ''))
    expect(ways).toEqual(['Streams.x', 'Writes.y', 'Reads.z'])
  })

  test('is none to what is guarded, and to what only guarded fields lead to', () => {
    const typeDefs = 'type Query { z: Z @auth } type Z { name: String secret: Int @auth }'
    expect(all(typeDefs)).toEqual([
      'Query.z: guarded, access token [Query.z @auth] -',
      'Z.name: public, nothing says who may have it [] -',
      'Z.secret: guarded, access token [Z.secret @auth] -',
    ])
  })
})

describe('a warning', () => {
  const USER = 'type Query { a: Int } type User @auth { name: String }'

  test.each([
    ['itself', 'type Mutation { createUser: User! }'],
    ['in a list', 'type Mutation { createUser: [User!]! }'],
    ['in a payload', 'type Mutation { createUser: Payload } type Payload { ok: Boolean user: User }'],
    [
      'as a union',
      'type Mutation { createUser: Result } union Result = User | Failure type Failure { why: String }',
    ],
    ['with an optional rule', 'type Mutation { createUser: User @auth(optional: true) }'],
  ])('tells of an open mutation that returns a guarded type %s', (_, mutation) => {
    expect(warned(`${USER} ${mutation}`)).toContainEqual([
      'guarded-type-returned',
      'Mutation.createUser',
      expect.stringMatching(/returns User(?: \(in Payload\.user\))?, whose fields are all guarded/),
    ])
  })

  test('tells of an open subscription too, and of a type that only the default guards', () => {
    const typeDefs = 'type Query { a: Int } type Subscription { ticks: Tick @public } type Tick { at: Int }'
    expect(warned(typeDefs, 'protected').map(([code]) => code)).toEqual(['guarded-type-returned'])
    expect(warned(typeDefs)).toEqual([])
  })

  test('tells nothing of a mutation that is guarded, or whose type gives anyone something', () => {
    expect(warned(`${USER} type Mutation { createUser: User @auth }`)).toEqual([])
    const partly =
      'type Query { a: Int } type Mutation { createUser: User } type User { id: ID name: String @auth }'
    expect(warned(partly)).toEqual([])
  })

  test('tells of a type that is guarded while others give anyone what its interface promises', () => {
    const typeDefs = (rule: string) => `
      type Query { content: Content }
      interface Content ${rule} { body: String }
      type Post implements Content @auth { body: String }
      type Draft implements Content { body: String }
    `
    expect(warned(typeDefs(''))).toEqual([
      [
        'interface-partly-guarded',
        'Content',
        'Post implements it and is guarded, but anyone can have Draft.body; put the rule on the interface if it is meant for all that implement it',
      ],
    ])
    expect(warned(typeDefs('@auth'))).toEqual([])
    expect(warned(typeDefs('').replace('content: Content', 'content: Content @auth'))).toEqual([])
  })

  test.each(['@auth(optional: true)', '@optionalToken'])(
    'tells of a mutation with no more than %s',
    (rule) => {
      const [found, ...more] = warned(`type Query { a: Int ${rule} } type Mutation { vote: Int ${rule} }`)
      expect([found?.[0], found?.[1], more]).toEqual(['mutation-without-token', 'Mutation.vote', []])
    },
  )

  test('is none, but a note, where queries return guarded types', () => {
    const report = read(`${USER} extend type Query { user: User }`)
    expect([report.warnings, report.notes]).toEqual([
      [],
      [
        'Open fields that return types whose fields are all guarded: Query.user. Their resolvers run, and a caller without a token learns whether there is something.',
      ],
    ])
  })
})

test('entries are sorted by coordinate, whatever order the schema has', () => {
  const types = ['type Query { b: B a: Int }', 'type B { z: Int @auth a: Int }', 'input A { x: Int @auth }']
  const coordinates = read(types.join(' ')).entries.map(({ coordinate }) => coordinate)
  expect(coordinates).toEqual(['A.x', 'B.a', 'B.z', 'Query.a', 'Query.b'])
  expect(read(types.toReversed().join(' '))).toEqual(read(types.join(' ')))
})

test('progress is told type by type', () => {
  const told: string[] = []
  const schema = makeExecutableSchema({ typeDefs: 'type Query { a: A b: Int } type A { a: Int }' })
  audit(schema, { defaultPolicy: 'public', progress: (done, total) => told.push(`${done}/${total}`) })
  const total = Object.keys(schema.getTypeMap()).length
  expect(told).toEqual([`1/${total}`, `2/${total}`])
})
