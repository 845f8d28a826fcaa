import { describe, expect, test } from 'vitest'
import { type AuthXOptions, ConfigurationError } from '../../src/index.ts'
import { EXECUTORS, guarded } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  interface Named { name: String @public }
  type Query {
    user: User
    open: String @public
    hint: String @optionalToken
    mine: String @auth(scopes: [["mine"]])
    page: Page @public
    named: Named @public
  }
  type Mutation { login: Tokens @public change: String }
  type Subscription { ticks: Int }
  type User implements Named { name: String age: Int email: String @auth(scopes: [["pii"]]) }
  type Page @public { title: String author: User secret: String @auth }
  type Tokens @public { access: String }
`
const user = { __typename: 'User', name: 'Ada', email: 'ada@example.com' }
const resolvers = {
  Query: {
    user: () => user,
    open: () => 'open',
    hint: () => 'hint',
    mine: () => 'mine',
    page: () => ({ title: 'Title', author: user, secret: 'secret' }),
    named: () => user,
  },
  Mutation: { login: () => ({ access: 'token' }), change: () => 'changed' },
  Subscription: {
    ticks: {
      subscribe: async function* () {
        yield { ticks: 1 }
      },
    },
  },
}

describe.each(EXECUTORS)("defaultPolicy: 'protected', by $executor", ({ open }) => {
  async function reach(options: AuthXOptions = { defaultPolicy: 'protected' }) {
    const { authx } = openAuthX(options)
    const api = await open(authx, guarded(authx, TYPES, resolvers))
    return Object.assign(api, { token: await authx.createAccessToken({ sub: 'ada', scopes: ['mine'] }) })
  }

  test('a field that says nothing needs an access token, whichever way it is reached', async () => {
    await using api = await reach()
    const refused = [
      ['{ user { __typename } }', 'user: TOKEN_MISSING'],
      ['{ page { author { email } } }', 'page.author.email: TOKEN_MISSING'],
      ['{ page { author { age } } }', 'page.author.age: TOKEN_MISSING'],
      ['mutation { change }', 'change: TOKEN_MISSING'],
      ['{ mine }', 'mine: TOKEN_MISSING'],
      ['{ page { secret } }', 'page.secret: TOKEN_MISSING'],
    ] as const
    for (const [query, reason] of refused) expect((await api.query(query)).refused).toEqual([reason])
    const { token } = api
    expect(await api.query('{ user { name } mine page { secret author { name } } }', { token })).toEqual({
      data: { user: { name: 'Ada' }, mine: 'mine', page: { secret: 'secret', author: { name: 'Ada' } } },
      refused: [],
    })
    expect((await api.query('mutation { change }', { token })).data).toEqual({ change: 'changed' })
  })

  test('a stream that says nothing needs one too', async () => {
    await using api = await reach()
    expect((await (await api.subscribe('subscription { ticks }')).next())?.refused).toEqual([
      'ticks: TOKEN_MISSING',
    ])
    const stream = await api.subscribe('subscription { ticks }', { token: api.token })
    expect((await stream.next())?.data).toEqual({ ticks: 1 })
  })

  test('@public, on a field, its type or the interface’s field, and @optionalToken are open', async () => {
    await using api = await reach()
    expect(await api.query('{ open hint page { title author { name } } named { name __typename } }')).toEqual(
      {
        data: {
          open: 'open',
          hint: 'hint',
          page: { title: 'Title', author: { name: 'Ada' } },
          named: { name: 'Ada', __typename: 'User' },
        },
        refused: [],
      },
    )
    expect((await api.query('mutation { login { access } }')).data).toEqual({ login: { access: 'token' } })
    expect((await api.query('{ __schema { queryType { name } } }')).refused).toEqual([])
  })

  test('@public takes no rule away', async () => {
    await using api = await reach()
    const { token } = api
    expect((await api.query('{ user { email } }', { token })).refused).toEqual(['user.email: SCOPES_MISSING'])
  })

  test('without it what says nothing is open', async () => {
    await using api = await reach({})
    expect((await api.query('{ user { name } }')).data).toEqual({ user: { name: 'Ada' } })
    expect((await api.query('mutation { change }')).data).toEqual({ change: 'changed' })
  })
})

describe('what a schema may say', () => {
  const refusal = (typeDefs: string, options: AuthXOptions = {}): string => {
    try {
      guarded(openAuthX(options).authx, typeDefs)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError)
      return (error as Error).message
    }
    return 'taken'
  }

  test.each([
    ['on one field', 'Query.q', 'type Query { q: Int @public @auth }'],
    ['under a guarded type', 'Query.q', 'type Query @auth { q: Int @public }'],
    ['on a guarded type', 'Query', 'type Query @auth @public { q: Int }'],
    [
      'under an interface',
      'Query.q',
      'interface I @auth { q: Int } type Query implements I { q: Int @public }',
    ],
    [
      'on a type under an interface',
      'Query',
      'interface I @auth { q: Int } type Query implements I @public { q: Int }',
    ],
    [
      'under an interface’s field',
      'Query.q',
      'interface I { q: Int @auth } type Query implements I { q: Int @public }',
    ],
    [
      'on an interface’s field',
      'Query.q',
      'interface I { q: Int @public } type Query implements I @auth { q: Int }',
    ],
    ['with an optional rule', 'Query.q', 'type Query { q: Int @public @auth(optional: true) }'],
  ])('@public and @auth %s are refused', (_, coordinate, typeDefs) => {
    expect(refusal(typeDefs)).toBe(
      `${coordinate}: @public stands here, but a rule guards it, from itself, its type or an interface, and @public takes no rule away; keep one of the two`,
    )
  })

  test("'declared': what is called as one of federation's fields, and is none, has to say so as well", () => {
    const declared = { defaultPolicy: 'declared' } as const
    const federation =
      'type Query { _service: _Service _entities: [_Entity] } type A { a: Int } union _Entity = A'
    expect(() =>
      guarded(openAuthX(declared).authx, `${federation} type _Service { sdl: String }`),
    ).not.toThrow()
    expect(refusal('type Query { _service: Int _entities: [Int] }', declared)).toMatch(
      /^Query\._service, Query\._entities: nothing says/,
    )
  })

  test("'declared': a root field that says nothing is refused, all of them at once", () => {
    const declared = { defaultPolicy: 'declared' } as const
    expect(refusal('type Query { a: Int b: Int @auth c: Int } type Mutation { d: Int }', declared)).toBe(
      "Query.a, Query.c, Mutation.d: nothing says who may have them, and defaultPolicy is 'declared'; put @auth, @optionalToken or @public there",
    )
    const many = Array.from({ length: 13 }, (_, index) => `f${index}: Int`).join(' ')
    expect(refusal(`type Query { ${many} }`, declared)).toMatch(/^Query\.f0, .*Query\.f9 and 3 more: /)
    const said =
      'type Query { a: T @public b: Int @optionalToken } type Mutation @auth { c: Int } type T { t: Int }'
    expect(() => guarded(openAuthX(declared).authx, said)).not.toThrow()
  })

  test('defaultPolicy is one of three', () => {
    expect(() => openAuthX({ defaultPolicy: 'private' as never })).toThrow(
      'defaultPolicy: must be one of public, protected, declared',
    )
  })
})
