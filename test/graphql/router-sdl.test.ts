import { makeExecutableSchema } from '@graphql-tools/schema'
import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { AuthXOptions } from '../../src/index.ts'
import { openAuthX } from '../harness/instance.ts'

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])'
const FEDERATION = `
  directive @link(url: String!, import: [String]) repeatable on SCHEMA
  directive @authenticated on FIELD_DEFINITION
`

function print(types: string, link = LINK, options: AuthXOptions = {}, code = '') {
  const { authx } = openAuthX(options)
  const typeDefs = [authx.typeDefs, FEDERATION, types, code]
  const { sdl, left } = authx.routerSdl(
    authx.protect(makeExecutableSchema({ typeDefs })),
    `${link} ${authx.typeDefs} ${types}`,
  )
  parse(sdl)
  return { sdl, left }
}

describe('the SDL for a router', () => {
  test('wants the schema and its SDL', () => {
    const { authx } = openAuthX()
    const schema = authx.protect(
      makeExecutableSchema({ typeDefs: [authx.typeDefs, 'type Query { a: Int @auth }'] }),
    )
    for (const given of [[schema], ['type Query { a: Int }'], []]) {
      expect(() => authx.routerSdl(...(given as [never, never]))).toThrow(
        'routerSdl: takes the schema that protect made and its SDL',
      )
    }
  })

  test('says what a router can ask, and nothing of ours', () => {
    const { sdl, left } = print(`
      type Query { open: String @public me: User @auth read: String @auth(scopes: [["a", "b"], ["c"]]) }
      type User @auth { id: ID! name: String @auth(scopes: [["pii"]]) }
      extend type Query { more: String @auth }
    `)
    expect(left).toEqual([])
    expect(sdl).toMatchInlineSnapshot(`
      "extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@authenticated", "@requiresScopes"])

      type Query {
        open: String
        me: User @authenticated
        read: String @requiresScopes(scopes: [["a", "b"], ["c"]])
      }

      type User {
        id: ID! @authenticated
        name: String @requiresScopes(scopes: [["pii"]])
      }

      extend type Query {
        more: String @authenticated
      }
      "
    `)
  })

  test('adds up what stands above a field, into one list of groups', () => {
    const { sdl } = print(`
      type Query { all: [Row] }
      interface Node @auth(scopes: [["node"]]) { id: ID! @auth(scopes: [["x"], ["y", "node"]]) }
      type Row implements Node @auth { id: ID! }
    `)
    expect(sdl).toContain('id: ID! @requiresScopes(scopes: [["x", "node"], ["y", "node"]])')
    expect(/interface Node[^}]*}/.exec(sdl)?.[0]).toBe('interface Node {\n  id: ID!\n}')
  })

  test('asks by default what is asked by default', () => {
    const { sdl } = print('type Query { a: String b: String @public }', LINK, { defaultPolicy: 'protected' })
    expect(sdl).toContain('type Query {\n  a: String @authenticated\n  b: String\n}')
  })

  test('tells what the router does not ask', () => {
    const { sdl, left } = print(`
      type Query {
        recent: String @auth(fresh: true)
        maybe: String @auth(optional: true)
        handed: String @optionalToken
        find(by: String @auth): String
      }
      type Mutation { refresh: String @auth(type: REFRESH) }
    `)
    expect(left).toMatchInlineSnapshot(`
      [
        "Query.recent: asks for a fresh access token; the router does not know whether it is fresh",
        "Query.maybe: asks for no token, or an access token; the router asks for nothing",
        "Query.find: values that are supplied to it have rules of their own",
        "Mutation.refresh: asks for a refresh token; the router asks for nothing",
      ]
    `)
    expect(sdl.match(/@authenticated\b(?!")/g)).toHaveLength(1)
    expect(sdl).toContain('recent: String @authenticated')
  })

  test('asks for a token alone, and says so, where the groups would be too many', () => {
    const groups = (level: string) => JSON.stringify(Array.from({ length: 9 }, (_, at) => [`${level}${at}`]))
    const { sdl, left } = print(`
      type Query { a: T }
      type T @auth(scopes: ${groups('t')}) { a: String @auth(scopes: ${groups('f')}) }
    `)
    expect(sdl).toContain('a: String @authenticated')
    expect(left).toEqual([expect.stringMatching(/^T\.a: .* the groups are too many$/)])
  })

  test('tells which rules stand where the SDL has nothing', () => {
    expect(
      print('type Query { a: String }', LINK, {}, 'extend type Query { late: String @auth }').left,
    ).toEqual(['Query.late: is not in this SDL'])
  })

  test('leaves what stands there already, and the names that the SDL gives', () => {
    const renamed = LINK.replace('"@key"', '{ name: "@requiresScopes", as: "@needs" }, "@authenticated"')
    const { sdl, left } = print(
      'type Query { a: String @authenticated @auth b: String @auth(scopes: [["b"]]) c: String @auth }',
      renamed,
    )
    expect(left).toEqual([])
    expect(sdl).toContain(
      '  a: String @authenticated\n  b: String @needs(scopes: [["b"]])\n  c: String @authenticated\n',
    )
    expect(sdl).toMatch(/import: \[\{ ?name: "@requiresScopes", as: "@needs" ?\}, "@authenticated"\]/)
  })

  test.each(['', LINK.replace('v2.5', 'v2.4'), LINK.replace('v2.5', 'v1.0')])(
    'is refused with %j',
    (link) => {
      expect(() => print('type Query { a: String @auth }', link)).toThrow('federation 2.5 or later')
    },
  )
})
