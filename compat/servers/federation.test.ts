import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, parse } from 'graphql'
import { afterEach, describe, expect, test } from 'vitest'
import { type AuthX, type AuthXOptions, createAuthX } from '../../src/index.ts'
import { bearer, read } from '../../test/harness/graphql.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { SECRET } from '../../test/harness/keys.ts'
import { serve } from './mercurius.ts'

const TYPES = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])

  type Query { open: String users: [User!]! }
  type User @key(fields: "id") @auth { id: ID! name: String }
  type Product implements Priced @key(fields: "id") { id: ID! name: String cost: Int @auth(scopes: [["cost:read"], ["admin"]]) price: Int }
  interface Priced @key(fields: "id") { id: ID! price: Int @auth }
  type Bare @key(fields: "id") { id: ID! secret: String @auth }
`

const referred: string[] = []

const resolvers = {
  Query: { open: () => 'open', users: () => [{ id: '1', name: 'Ada' }] },
  User: {
    __resolveReference: ({ id }: { id: string }) => {
      referred.push(`User ${id}`)
      return { id, name: 'Ada' }
    },
  },
  Product: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Pen', cost: 1, price: 2 }) },
  Priced: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Product', id, price: 2 }) },
}

function subgraph(authx: AuthX, types = TYPES): GraphQLSchema {
  const directives = { typeDefs: parse(authx.typeDefs) }
  return authx.protect(buildSubgraphSchema([directives, { typeDefs: parse(types), resolvers }]))
}

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

async function start(options: AuthXOptions = {}) {
  referred.length = 0
  const { authx } = openAuthX(options)
  const schema = subgraph(authx)
  const served = await serve(authx, schema, { mercurius: { jit: 1 } })
  close = served.close
  const ask = async (query: string, headers: Record<string, string> = {}, variables = {}) => {
    const response = await fetch(served.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return read(await response.json())
  }
  return {
    authx,
    schema,
    ask,
    entity: (representation: object, selection: string, headers = {}) =>
      ask(`query ($of: [_Any!]!) { _entities(representations: $of) { ${selection} } }`, headers, {
        of: [representation],
      }),
    token: async (scopes: string[] = []) => bearer(await authx.createAccessToken({ sub: 'ada', scopes })),
  }
}

describe('_entities', () => {
  const user = { __typename: 'User', id: '1' }

  test('resolves references, and shows no field of a guarded type', async () => {
    const { entity, token } = await start()
    for (let round = 0; round < 3; round++) {
      expect(await entity(user, '... on User { name }')).toEqual({
        data: { _entities: [{ name: null }] },
        refused: ['_entities.0.name: TOKEN_MISSING'],
      })
      expect(await entity(user, '... on User { name }', await token())).toEqual({
        data: { _entities: [{ name: 'Ada' }] },
        refused: [],
      })
    }
    expect(referred).toHaveLength(6)
  })

  test('shows no guarded field of an open type, nor without the scopes', async () => {
    const { entity, token } = await start()
    const pen = { __typename: 'Product', id: '1' }
    const selection = '... on Product { name cost price }'
    expect(await entity(pen, selection)).toEqual({
      data: { _entities: [{ name: 'Pen', cost: null, price: null }] },
      refused: ['_entities.0.cost: TOKEN_MISSING', '_entities.0.price: TOKEN_MISSING'],
    })
    expect((await entity(pen, selection, await token())).refused).toEqual([
      '_entities.0.cost: SCOPES_MISSING',
    ])
    expect((await entity(pen, selection, await token(['cost:read']))).refused).toEqual([])
  })

  test('shows nothing more through an interface', async () => {
    const { entity, token } = await start()
    const priced = { __typename: 'Priced', id: '1' }
    const selection = '... on Priced { price }'
    expect((await entity(priced, selection)).refused).toEqual(['_entities.0.price: TOKEN_MISSING'])
    expect((await entity(priced, selection, await token())).data).toEqual({ _entities: [{ price: 2 }] })
  })

  test('shows nothing of a representation that is passed through where no reference is resolved', async () => {
    const { entity } = await start()
    const bare = { __typename: 'Bare', id: '1', secret: 'made up' }
    expect((await entity(bare, '... on Bare { secret }')).refused).toEqual([
      '_entities.0.secret: TOKEN_MISSING',
    ])
  })

  test('is refused as a whole before a reference is resolved, where operations are', async () => {
    const { entity } = await start({ enforcement: 'operation' })
    const { data, refused } = await entity({ __typename: 'User', id: '1' }, '... on User { name }')
    expect([data, refused, referred]).toEqual([null, ['TOKEN_MISSING'], []])
  })
})

describe('a gateway', () => {
  test('reads the SDL without a token, our directives in it', async () => {
    const { ask } = await start()
    const { data } = await ask('{ _service { sdl } }')
    const { sdl } = (data as { _service: { sdl: string } })._service
    expect(sdl).toContain('@auth(scopes: [["cost:read"], ["admin"]])')
    expect(sdl).toContain('directive @auth')
  })

  test('is believed nothing that it says in headers of its own', async () => {
    const { ask } = await start()
    const forged = {
      'x-user-id': 'ada',
      'x-authx-claims': JSON.stringify({ sub: 'ada', scope: 'admin' }),
      'x-forwarded-user': 'ada',
      'x-jwt-claims': 'e30',
      'apollo-federation-include-trace': 'ftv1',
    }
    expect((await ask('{ users { name } }', forged)).refused).toEqual(['users.0.name: TOKEN_MISSING'])
  })

  test('is believed what somebody else signed as little as a client', async () => {
    const { ask } = await start()
    const other = createAuthX({ secret: SECRET.split('').reverse().join('') })
    const headers = bearer(await other.createAccessToken({ sub: 'ada' }))
    await other.close()
    expect((await ask('{ users { name } }', headers)).refused).toEqual(['users.0.name: TOKEN_INVALID'])
  })

  test('passes the token on, and a logout counts in every subgraph that shares the store', async () => {
    const { ask, token, authx } = await start()
    const headers = await token()
    expect((await ask('{ users { name } }', headers)).refused).toEqual([])
    await authx.revoke({ token: (headers.authorization ?? '').slice('Bearer '.length) })
    expect((await ask('{ users { name } }', headers)).refused).toEqual(['users.0.name: TOKEN_REVOKED'])
  })
})

describe('the default policy', () => {
  test('"declared" does not ask for rules on what federation adds', async () => {
    const { authx } = openAuthX({ defaultPolicy: 'declared' })
    const types = TYPES.replace('open: String users: [User!]!', 'open: String @public users: [User!]! @auth')
    expect(() => subgraph(authx, types)).not.toThrow()
    expect(() => subgraph(authx)).toThrow('Query.open, Query.users: nothing says')
  })
})

test('"protected" asks for a token for all that federation adds', async () => {
  const { ask, token } = await start({ defaultPolicy: 'protected' })
  expect((await ask('{ _service { sdl } }')).refused).toEqual(['_service: TOKEN_MISSING'])
  expect((await ask('{ _service { sdl } }', await token())).refused).toEqual([])
})

describe('the SDL for a router', () => {
  test('has its directives in place of ours', () => {
    const { authx } = openAuthX()
    const schema = subgraph(authx)
    const { sdl, left } = authx.routerSdl(schema, printSubgraphSchema(schema))
    expect(left).toEqual([])
    expect(sdl).not.toMatch(/@auth\b|TokenType|optionalToken|@public/)
    expect(sdl).toContain('import: ["@key", "@shareable", "@authenticated", "@requiresScopes"]')
    expect(sdl).toContain('cost: Int @requiresScopes(scopes: [["cost:read"], ["admin"]])')
    expect(sdl).toContain('name: String @authenticated')
    // What stands above an object's field is said there: composition takes none on interfaces.
    expect(/interface Priced[^}]*}/.exec(sdl)?.[0]).not.toContain('@authenticated')
    expect(/type Product[^}]*}/.exec(sdl)?.[0]).toContain('price: Int @authenticated')
  })
})
