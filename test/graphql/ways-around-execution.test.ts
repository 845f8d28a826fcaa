import { graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import { EXECUTORS, guarded, reach, serve } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

describe.each(EXECUTORS)('in $executor, a rule holds', ({ open }) => {
  test('for a field without a resolver', async () => {
    await using api = await reach(
      open,
      'type Query { car: Car } type Car { name: String @auth late: String @auth }',
      {
        Query: { car: () => ({ name: 'A', late: async () => 'B' }) },
      },
    )
    expect(await api.query('{ car { name late } }')).toEqual({
      data: { car: { name: null, late: null } },
      refused: ['car.name: TOKEN_MISSING', 'car.late: TOKEN_MISSING'],
    })
    expect(await api.query('{ car { name late } }', api)).toEqual({
      data: { car: { name: 'A', late: 'B' } },
      refused: [],
    })
  })

  test('for a resolver that answers with a promise: it does not run for a caller who is refused', async () => {
    const ran: string[] = []
    await using api = await reach(open, 'type Query { late: String @auth }', {
      Query: {
        late: async () => {
          ran.push('late')
          return 'late'
        },
      },
    })
    expect(await api.query('{ late }')).toEqual({ data: { late: null }, refused: ['late: TOKEN_MISSING'] })
    expect(ran).toEqual([])
    expect(await api.query('{ late }', api)).toEqual({ data: { late: 'late' }, refused: [] })
    expect(ran).toEqual(['late'])
  })

  test('while the callback has not answered', async () => {
    const { authx } = openAuthX()
    const token = await authx.createAccessToken({ sub: 'ada' })
    await using api = await open(
      authx,
      guarded(authx, 'type Query { a: Int @auth b: Int @auth }', { Query: { a: () => 1, b: () => 2 } }),
    )
    authx.setTokenBlocklistCallback(async () => true)
    expect(await api.query('{ a b }', { token })).toEqual({
      data: { a: null, b: null },
      refused: ['a: TOKEN_REVOKED', 'b: TOKEN_REVOKED'],
    })
    authx.setTokenBlocklistCallback(async () => false)
    expect(await api.query('{ a b }', { token })).toEqual({ data: { a: 1, b: 2 }, refused: [] })
  })

  test('beside an open field that fails, and the other way round', async () => {
    await using api = await reach(
      open,
      'type Query { bad: Int secret: Int @auth must: Must } type Must { x: Int! @auth }',
      {
        Query: {
          bad: () => {
            throw new Error('the database is away')
          },
          secret: () => 1,
          must: () => ({ x: 1 }),
        },
      },
    )
    const { data, refused } = await api.query('{ bad secret must { x } }')
    expect(data).toEqual({ bad: null, secret: null, must: null })
    expect(refused.slice(1)).toEqual(['secret: TOKEN_MISSING', 'must.x: TOKEN_MISSING'])
    expect(refused[0]).toMatch(/^bad: (the database is away|INTERNAL_SERVER_ERROR)$/)
  })

  test('REV-21: in a mutation after its own logout', async () => {
    const done: string[] = []
    await using api = await reach(
      open,
      'type Query { q: Int } type Mutation { logout: Boolean @auth change: Int @auth }',
      {
        Mutation: {
          logout: async (_, __, { auth }) => {
            await auth.logout()
            return true
          },
          change: () => done.push('change'),
        },
      },
    )
    expect(await api.query('mutation { change }', api)).toEqual({ data: { change: 1 }, refused: [] })
    expect(await api.query('mutation { logout change again: change }', api)).toEqual({
      data: { logout: true, change: null, again: null },
      refused: ['change: TOKEN_REVOKED', 'again: TOKEN_REVOKED'],
    })
    expect(done).toEqual(['change'])
  })
})

describe('over a socket, a rule holds', () => {
  const resolvers = { Query: { secret: () => 's', open: () => 'o' } }
  const typeDefs = 'type Query { secret: String @auth open: String }'

  test('for GET', async () => {
    const { authx } = openAuthX()
    await using server = await serve(authx, guarded(authx, typeDefs, resolvers))
    const get = async (headers = {}) => {
      const response = await fetch(`${server.url}?query=${encodeURIComponent('{ secret open }')}`, {
        headers,
      })
      return (await response.json()) as { data: unknown }
    }
    expect((await get()).data).toEqual({ secret: null, open: 'o' })
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect((await get({ authorization: `Bearer ${token}` })).data).toEqual({ secret: 's', open: 'o' })
    const inTheUrl = await fetch(
      `${server.url}?query={secret}&token=${token}&access_token=${token}&authorization=Bearer ${token}`,
    )
    expect(await inTheUrl.json()).toMatchObject({ data: { secret: null } })
  })

  test('for each member of an array batch', async () => {
    const { authx } = openAuthX()
    await using server = await serve(authx, guarded(authx, typeDefs, resolvers), { batching: true })
    const batch = [
      { query: '{ open }' },
      { query: '{ secret }' },
      { query: '{ a: secret }' },
      { query: '{ secret }' },
    ]
    const members = async (token?: string) => {
      const answers = (await (await server.send(batch, { token })).json()) as {
        data: unknown
        errors?: { extensions: { reason: string } }[]
      }[]
      return answers.map(({ data, errors }) => [data, errors?.[0]?.extensions.reason])
    }
    expect(await members()).toEqual([
      [{ open: 'o' }, undefined],
      [{ secret: null }, 'TOKEN_MISSING'],
      [{ a: null }, 'TOKEN_MISSING'],
      [{ secret: null }, 'TOKEN_MISSING'],
    ])
    expect(await members(await authx.createAccessToken({ sub: 'ada' }))).toEqual([
      [{ open: 'o' }, undefined],
      [{ secret: 's' }, undefined],
      [{ a: 's' }, undefined],
      [{ secret: 's' }, undefined],
    ])
  })

  test('for a field in a fragment that is deferred', async () => {
    const { authx } = openAuthX()
    const defer = 'directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT'
    const schema = guarded(
      authx,
      [defer, 'type Query { user: User open: String } type User @auth { name: String }'],
      {
        Query: { user: () => ({ name: 'Ada' }), open: () => 'o' },
      },
    )
    await using server = await serve(authx, schema)
    const read = async (token?: string) => {
      const headers = { accept: 'text/event-stream' }
      const query = '{ open user { ... @defer { name } } }'
      return (await server.send({ query }, { token, headers })).text()
    }
    const anonymous = await read()
    expect(anonymous).not.toContain('Ada')
    expect(anonymous).toContain('TOKEN_MISSING')
    expect(await read(await authx.createAccessToken({ sub: 'ada' }))).toContain('Ada')
  })

  test('for a request that asks for nothing but the type name beside it', async () => {
    const { authx } = openAuthX()
    await using server = await serve(
      authx,
      guarded(authx, 'type Query @auth { secret: String open: String }', resolvers),
    )
    expect(await server.query('{ __typename }')).toEqual({ data: { __typename: 'Query' }, refused: [] })
  })
})

describe('without any context', () => {
  test('a guarded field is never open', async () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { secret: String @auth }', { Query: { secret: () => 's' } })
    for (const contextValue of [undefined, null, {}, 'text', 7, { auth: { claims: { sub: 'ada' } } }]) {
      const { data, errors } = await graphql({ schema, source: '{ secret }', contextValue })
      expect(data).toEqual({ secret: null })
      expect(errors?.map(({ message }) => message)).toEqual(['Unexpected error.'])
    }
  })
})
