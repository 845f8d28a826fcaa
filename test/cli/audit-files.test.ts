import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSchemaFiles } from '../../src/cli/audit/schema-files.ts'
import { audit } from '../../src/graphql/audit/report.ts'
import { ConfigurationError } from '../../src/index.ts'
import { temporaryFolder } from '../harness/server.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, text)
    return path
  })
}

async function read(files: Readonly<Record<string, string>>, named?: readonly string[]) {
  const paths = write(files)
  const { schema, notes } = await readSchemaFiles(named?.map((name) => join(folder, name)) ?? paths, () => {})
  const { entries } = audit(schema, { defaultPolicy: 'public' })
  return {
    entries: entries.map(({ coordinate, effect, rule }) => `${coordinate}: ${effect}, ${rule}`),
    notes,
  }
}

const failing = (files: Readonly<Record<string, string>>, named?: readonly string[]) =>
  read(files, named).then(
    () => 'read',
    (error: unknown) => (error instanceof ConfigurationError ? error.message.replaceAll(folder, '') : error),
  )

describe('SDL', () => {
  test('needs no definitions of ours, and may have them', async () => {
    const bare = 'type Query { me: Int @auth next: Int @auth(type: REFRESH) }'
    const expected = ['Query.me: guarded, access token', 'Query.next: guarded, refresh token']
    const { directiveTypeDefs } = await import('../../src/graphql/directives.ts')
    const some = directiveTypeDefs.slice(0, directiveTypeDefs.indexOf('"""\nOnly a caller'))
    for (const ours of ['', directiveTypeDefs, some]) {
      expect(await read({ 'a.graphql': ours + bare })).toEqual({ entries: expected, notes: [] })
    }
  })

  test('of several files is one schema, whatever defines and whatever extends', async () => {
    const files = {
      'a.graphql': 'type Query @auth { a: Int }',
      'deep/b.graphqls': 'extend type Query @auth(scopes: ["b"]) { b: Int }',
      'deep/c.gql': 'type Query @auth(scopes: ["c"]) { c: Int }',
    }
    const rule = 'guarded, access token with b and with c'
    const expected = { entries: ['a', 'b', 'c'].map((name) => `Query.${name}: ${rule}`), notes: [] }
    expect(await read(files)).toEqual(expected)
    expect(await read(files, ['deep/c.gql', 'deep/b.graphqls', 'a.graphql'])).toEqual({
      ...expected,
      entries: expected.entries.map((line) => line.replace('b and with c', 'c and with b')),
    })
    expect((await read(files, ['**/*.{graphql,graphqls,gql}', 'a.graphql'])).entries).toHaveLength(3)
  })

  test('that only extends a type defines it', async () => {
    const sdl = 'extend type Query @auth { a: Int } extend type Query { b: Int }'
    expect((await read({ 'a.graphql': sdl })).entries).toEqual([
      'Query.a: guarded, access token',
      'Query.b: guarded, access token',
    ])
  })

  test('with directives of others is read, and what graphql says of it is told', async () => {
    const sdl = 'type Query { a: Int @cost(of: 1) b: Int @cost(of: 2) c: Int @auth }'
    expect(await read({ 'a.graphql': sdl })).toEqual({
      entries: [
        'Query.a: public, nothing says who may have it',
        'Query.b: public, nothing says who may have it',
        'Query.c: guarded, access token',
      ],
      notes: [expect.stringMatching(/was not checked: Unknown directive "@cost"\.$/)],
    })
    expect(
      (await read({ 'a.graphql': 'interface I { a: Int } type Query implements I { b: Int }' })).notes,
    ).toEqual([expect.stringContaining('Interface field I.a expected but Query does not provide it.')])
  })

  test.each<[string, string[]]>([
    ['a rule', ['type Query { a: Int @auth }', 'type Query { a: Int }']],
    [
      'each a rule',
      ['type Query { a: Int @auth(scopes: ["x"]) }', 'extend type Query { a: Int @auth(fresh: true) }'],
    ],
    ['@public', ['extend type Query { a: Int @public }', 'type Query { a: Int }']],
    ['an input a rule', ['type Query { a(i: I): Int } input I { x: Int @auth }', 'input I { x: Int }']],
  ])(
    'of which only one definition of a field gives it %s says what makeExecutableSchema does',
    async (_, sdl) => {
      const paths = write(Object.fromEntries(sdl.map((text, at) => [`${at}.graphql`, text])))
      const { schema, notes } = await readSchemaFiles(paths, () => {})
      const { directiveTypeDefs } = await import('../../src/graphql/directives.ts')
      const served = makeExecutableSchema({ typeDefs: [directiveTypeDefs, ...sdl] })
      const rules = (one: GraphQLSchema) =>
        audit(one, { defaultPolicy: 'protected' }).entries.map(
          ({ coordinate, rule }) => `${coordinate}: ${rule}`,
        )
      expect(rules(schema)).toEqual(rules(served))
      expect(notes).toEqual([expect.stringContaining('can only be defined once')])
    },
  )

  test('of a federation subgraph has _entities, through which every type with @key is reached', async () => {
    const sdl = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
      type User @key(fields: "id") { id: ID! email: String }
      type Team @federation__key(fields: "id") { id: ID! }
      type Lost { a: Int }
      extend type Query { me: User @auth }
    `
    write({ 'a.graphql': sdl })
    const { schema, notes } = await readSchemaFiles([join(folder, 'a.graphql')], () => {})
    const { entries } = audit(schema, { defaultPolicy: 'public' })
    expect(Object.fromEntries(entries.map(({ coordinate, path }) => [coordinate, path]))).toEqual({
      'Lost.a': null,
      'Query._entities': [],
      'Query.me': null,
      'Team.id': ['Query._entities'],
      'User.email': ['Query._entities'],
      'User.id': ['Query._entities'],
    })
    expect(notes[0]).toContain('Query._entities was added')
    const closed = await read({ 'a.graphql': sdl.replace('{ me', '@auth { me') })
    expect(closed.entries).toContain('Query._entities: guarded, access token')
  })

  test.each([
    ['imports @key as something else', 'import: ["@shareable", { name: "@key", as: "@unique" }]', '@unique'],
    ['has a name of its own for federation', 'as: "fed"', '@fed__key'],
  ])('of a federation subgraph that %s has _entities too', async (_, args, key) => {
    const sdl = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", ${args})
      type User ${key}(fields: "id") { id: ID! }
      type Query { me: User @auth }
    `
    expect((await read({ 'a.graphql': sdl })).entries).toContain(
      'Query._entities: public, nothing says who may have it',
    )
  })

  test.each<[string, string[]]>([
    [
      'in two definitions',
      ['schema { query: Q } type Q { a: Int }', 'schema { mutation: M } type M { b: Int }'],
    ],
    [
      'twice, the last of which counts',
      ['schema { query: A } type A { a: Int } type Q { a: Int }', 'schema { query: Q }'],
    ],
    ['in part, and by its usual name', ['schema { query: Q } type Q { a: Int } type Mutation { b: Int }']],
    ['in an extension alone', ['extend schema { subscription: S } type Query { a: Int } type S { b: Int }']],
  ])('that names its roots %s has those that makeExecutableSchema gives it', async (_, typeDefs) => {
    const paths = write(Object.fromEntries(typeDefs.map((sdl, at) => [`${at}.graphql`, sdl])))
    const { schema, notes } = await readSchemaFiles(paths, () => {})
    const rootsOf = (one: GraphQLSchema) =>
      [one.getQueryType(), one.getMutationType(), one.getSubscriptionType()].map((type) => type?.name)
    expect([rootsOf(schema), notes]).toEqual([rootsOf(makeExecutableSchema({ typeDefs })), []])
  })

  test('that already has _entities is left as it is', async () => {
    const sdl =
      'directive @key(fields: String) on OBJECT type A @key(fields: "a") { a: Int } union _Entity = A type Query { a: A }'
    expect((await read({ 'a.graphql': sdl })).notes).toEqual([])
  })

  test.each<[string, string, RegExp]>([
    ['does not parse', 'type Query {\n  a: Int\n', /^\/a\.graphql:3:1: Syntax Error/],
    ['is empty', '', /^\/a\.graphql: there is nothing in it, or comments alone; leave it out/],
    ['has comments alone', '\uFEFF# type Query\n', /there is nothing in it, or comments alone/],
    [
      'holds an operation of a client',
      '\nquery Me { me }',
      /^\/a\.graphql:2: a query of a client is no part of a schema; name only the schema's files/,
    ],
    ['holds a fragment', 'type Query { a: Int } fragment F on Query { a }', /a fragment of a client/],
    [
      'names a type that is not there',
      'type Query { a: Nowhere }',
      /Unknown type: "Nowhere"\. Name all files/,
    ],
    [
      'defines @auth otherwise',
      'directive @auth(role: String) on FIELD_DEFINITION type Query { a: Int }',
      /^@auth: this schema defines it otherwise/,
    ],
    [
      'has another @auth',
      'type Query { a: Int @auth(requires: ADMIN) }',
      /^Query\.a: @auth has no argument "requires"/,
    ],
    ['has no root', 'type User { a: Int }', /^the SDL has no Query, Mutation or Subscription/],
    ['puts @auth where it has no effect', 'type Query { a: E } enum E @auth { A }', /^E: @auth stands here/],
  ])('that %s is refused', async (_, sdl, message) => {
    expect(await failing({ 'a.graphql': sdl })).toMatch(message)
  })

  test.each<[string, string[], RegExp]>([
    ['no file', ['b.graphql'], /b\.graphql: there is no such file; quote a pattern/],
    ['a pattern of none', ['*.gql'], /\*\.gql: there is no such file/],
    ['a folder', ['sub'], /sub: is a folder; name its files, such as/],
    ['an introspection', ['a.json'], /a\.json: is read neither.*no directives on it/],
    ['a module beside SDL', ['a.graphql', 'a.mjs'], /a module stands for a whole schema/],
  ])('and %s is a mistake that is told', async (_, named, message) => {
    const files = { 'a.graphql': 'type Query { a: Int }', 'a.json': '{}', 'a.mjs': '', 'sub/x.graphql': '' }
    expect(await failing(files, named)).toMatch(message)
  })
})
