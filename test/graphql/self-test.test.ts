import type { GraphQLSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { AuthX } from '../../src/authx.ts'
import { fieldAt, guarded, type Resolvers } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { testKey, verifies } from '../harness/keys.ts'

const SDL = `
  interface Node @auth(scopes: [["node"]]) { id: ID! }
  type Query {
    open: String
    me: User @auth
    handed: String @optionalToken
    greeting: String @auth(optional: true)
    search(text: String, drafts: Boolean @auth): String
  }
  type User implements Node @auth(scopes: [["a", "b"], ["c"]]) {
    id: ID!
    email: String @auth(fresh: true)
  }
  type Mutation {
    refresh(days: Int @auth(type: REFRESH)): String @auth(type: REFRESH)
    save(post: Post!): String @auth
  }
  input Post { title: String price: Int @auth(scopes: [["price"]], fresh: true) related: [Post!] }
  type Subscription { news: String @auth }
`

let ran = 0

/** Whatever of the app must not run. */
function runs(): never {
  ran += 1
  throw new Error('something of the app ran')
}

const RESOLVERS: Resolvers = {
  Query: { open: runs, me: runs, handed: runs, greeting: runs, search: runs },
  User: { id: runs, email: runs },
  Mutation: { refresh: runs, save: runs },
  Subscription: { news: { subscribe: runs, resolve: runs } },
}

/** What a self-test says, line by line; `green` where it finds nothing. */
async function found(authx: AuthX, schema: GraphQLSchema): Promise<readonly string[]> {
  const said = await authx.selfTest(schema).then(
    () => 'green',
    (error: Error) => `${error.name}: ${error.message}`,
  )
  return said.split('\n').map((line) => line.trim())
}

/** What a self-test finds where the directives say one rule and what guards the field was made for another. */
async function foundBehind(
  { says, asks, args = '' }: { says: string; asks: string; args?: string },
  { authx } = openAuthX(),
): Promise<readonly string[]> {
  const sdl = (rule: string) =>
    `type Query { open: String secret${args.replaceAll('RULE', rule)}: String ${args === '' ? rule : ''} }`
  const served = guarded(authx, sdl(says))
  const { resolve } = fieldAt(guarded(authx, sdl(asks)), 'Query.secret')
  Object.assign(fieldAt(served, 'Query.secret'), { resolve })
  return (await found(authx, served)).slice(1)
}

describe('a schema that is guarded', () => {
  test('is green, and nothing of the app has run', async () => {
    const { authx, log, store } = openAuthX({ onRefused: runs, subject: runs })
    authx.setTokenBlocklistCallback(runs)
    expect(await authx.selfTest(guarded(authx, SDL, RESOLVERS))).toEqual({
      coordinates: 9,
      checks: 82,
      milliseconds: 0,
    })
    expect({ ran, lines: log.lines, calls: store.calls }).toEqual({ ran: 0, lines: [], calls: [] })
  })

  test.each([
    ['that guards by default', { defaultPolicy: 'protected' }],
    ['that only verifies', { keys: [verifies(testKey('ES256'))] }],
    ['with an issuer and an audience', { issuer: 'https://a.example', audience: ['api', 'app'] }],
    ['that takes tokens from cookies', { locations: { access: ['cookies'], refresh: ['cookies'] } }],
    [
      'that looks for tokens in a place of its own',
      { locations: { access: [{ name: 'headers', find: runs }] } },
    ],
    ['whose tokens live for a second', { accessTokenTtl: 1, refreshTokenTtl: 1, leeway: 0 }],
    ['whose clock began a moment ago', { clock: () => 0 }],
    ['whose random bytes are predictable', { random: runs }],
  ] as const)('is green for an instance %s', async (_, options) => {
    const { authx } = openAuthX(options)
    expect(await found(authx, guarded(authx, SDL, RESOLVERS))).toEqual(['green'])
  })

  test('is green whatever its types are called', async () => {
    const { authx } = openAuthX()
    const sdl = 'type Query { a: Anything @auth } type Anything @auth { constructor: Int }'
    expect(await found(authx, guarded(authx, sdl))).toEqual(['green'])
  })

  test('is green when two instances guard it, for both', async () => {
    const [{ authx: one }, { authx: other }] = [openAuthX(), openAuthX()]
    const schema = other.protect(guarded(one, SDL, RESOLVERS))
    expect([await found(one, schema), await found(other, schema)]).toEqual([['green'], ['green']])
  })

  test('is refused where it has no rule, since then nothing can be found out', async () => {
    const { authx } = openAuthX()
    expect(await found(authx, guarded(authx, 'type Query { open: Int }'))).toEqual([
      'ConfigurationError: selfTest: this schema has no rule, so there is nothing to find out',
    ])
  })
})

describe('a function that is no guard is found, and not called', () => {
  const { authx } = openAuthX()
  const schema = () => guarded(authx, SDL, RESOLVERS)

  test.each([
    ['the bare resolver', runs, 'its function is not a guard of this instance'],
    ['no resolver', undefined, 'nothing guards it'],
  ])('in place of resolve: %s', async (_, resolver, says) => {
    const served = schema()
    Object.assign(fieldAt(served, 'User.email'), { resolve: resolver })
    expect(await found(authx, served)).toEqual([
      'ConfigurationError: selfTest: 1 failed',
      `User.email, whoever asks: ${says}`,
    ])
    expect(ran).toBe(0)
  })

  test('in place of subscribe', async () => {
    const served = schema()
    Object.assign(fieldAt(served, 'Subscription.news'), { subscribe: undefined })
    expect((await found(authx, served)).slice(1)).toEqual([
      'Subscription.news (subscribe), whoever asks: nothing guards it',
    ])
  })

  test('around a guard: another tool has to wrap before protect does', async () => {
    const served = schema()
    const field = fieldAt(served, 'Query.me')
    const { resolve } = field
    field.resolve = (...args) => resolve?.(...args)
    expect((await found(authx, served)).slice(1)).toEqual([
      'Query.me, whoever asks: its function is not a guard of this instance',
    ])
  })

  test('of another instance', async () => {
    const { authx: other } = openAuthX()
    expect((await found(other, schema()))[0]).toBe(
      'ConfigurationError: selfTest: 10 failed, every field with a rule; hand over what protect of this instance answered',
    )
  })

  test('everywhere: the first twenty are listed, and the rest counted', async () => {
    const fields = Array.from({ length: 30 }, (_, at) => `f${at}: Int @auth`)
    const served = guarded(authx, `type Query { ${fields.join(' ')} }`)
    for (let at = 0; at < 29; at += 1) fieldAt(served, `Query.f${at}`).resolve = runs
    const lines = await found(authx, served)
    expect(lines[0]).toBe('ConfigurationError: selfTest: 29 failed')
    expect(lines).toHaveLength(22)
    expect(lines.at(-1)).toBe('and 9 more')
  })
})

describe('a guard that asks for something else than the directives say is found', () => {
  test('for less: no token', async () => {
    expect(await foundBehind({ says: '@auth', asks: '@auth(optional: true)' })).toEqual([
      'Query.secret, anonymous: an answer, instead of TOKEN_MISSING',
    ])
  })

  test('for less: any token instead of a fresh one', async () => {
    expect(await foundBehind({ says: '@auth(fresh: true)', asks: '@auth' })).toEqual([
      'Query.secret, with a token that is not fresh: an answer, instead of FRESH_TOKEN_REQUIRED',
    ])
  })

  test('for less: some of the scopes', async () => {
    expect(
      await foundBehind({
        says: '@auth(scopes: [["a", "b"], ["c", "d"]])',
        asks: '@auth(scopes: ["a", "d"])',
      }),
    ).toEqual([
      'Query.secret, with all scopes but a and c for [["a","b"],["c","d"]]: an answer, instead of SCOPES_MISSING',
      'Query.secret, with all scopes but b and c for [["a","b"],["c","d"]]: an answer, instead of SCOPES_MISSING',
      'Query.secret, with all scopes but b and d for [["a","b"],["c","d"]]: an answer, instead of SCOPES_MISSING',
    ])
  })

  test('for less: one level of scopes', async () => {
    expect(
      await foundBehind({ says: '@auth(scopes: "a") @auth(scopes: "b")', asks: '@auth(scopes: "a")' }),
    ).toEqual(['Query.secret, with all scopes but b for [["b"]]: an answer, instead of SCOPES_MISSING'])
  })

  test('for less: a level that most who have the others would satisfy', async () => {
    const asks = '@auth(scopes: [["read", "audit"], ["admin"]])'
    expect(await foundBehind({ says: `@auth(scopes: "read") ${asks}`, asks })).toEqual([
      'Query.secret, with all scopes but read for [["read"]]: an answer, instead of SCOPES_MISSING',
    ])
  })

  test('for another scope too, which another field asks for', async () => {
    const { authx } = openAuthX()
    const sdl = (scopes: string) =>
      `type Query { other: Int @auth(scopes: "b") secret: Int @auth(scopes: ${scopes}) }`
    const served = guarded(authx, sdl('"a"'))
    const { resolve } = fieldAt(guarded(authx, sdl('["a", "b"]')), 'Query.secret')
    Object.assign(fieldAt(served, 'Query.secret'), { resolve })
    expect((await found(authx, served)).slice(1)).toEqual([
      'Query.secret, with all scopes but a for [["a"]]: an answer, instead of SCOPES_MISSING',
    ])
  })

  test('for another type of token', async () => {
    expect(await foundBehind({ says: '@auth', asks: '@auth(type: REFRESH)' })).toEqual([
      'Query.secret, with a token of the wrong type: TOKEN_MISSING, instead of ACCESS_TOKEN_REQUIRED',
      'Query.secret, with a revoked token: TOKEN_MISSING, instead of TOKEN_REVOKED',
      'Query.secret, with an expired token: TOKEN_MISSING, instead of TOKEN_EXPIRED',
      'Query.secret, with a forged token: TOKEN_MISSING, instead of TOKEN_INVALID',
      'Query.secret, with all it asks for: TOKEN_MISSING, instead of an answer',
    ])
  })

  test('for nothing but a token of any kind', async () => {
    expect(await foundBehind({ says: '@auth', asks: '@optionalToken' })).toEqual([
      'Query.secret, anonymous: an answer, instead of TOKEN_MISSING',
      'Query.secret, with a token of the wrong type: an answer, instead of ACCESS_TOKEN_REQUIRED',
      'Query.secret, with a revoked token: an answer, instead of TOKEN_REVOKED',
      'Query.secret, with an expired token: an answer, instead of TOKEN_EXPIRED',
      'Query.secret, with a forged token: an answer, instead of TOKEN_INVALID',
    ])
  })

  test('for nothing where a value is supplied', async () => {
    const args = '(one: Int @auth two: Int RULE)'
    expect(await foundBehind({ says: '@auth', asks: '', args })).toEqual([
      'Query.secret, anonymous, with a value for two: an answer, instead of TOKEN_MISSING',
      'Query.secret, with a token of the wrong type, with a value for two: an answer, instead of ACCESS_TOKEN_REQUIRED',
      'Query.secret, with a revoked token, with a value for two: an answer, instead of TOKEN_REVOKED',
      'Query.secret, with an expired token, with a value for two: an answer, instead of TOKEN_EXPIRED',
      'Query.secret, with a forged token, with a value for two: an answer, instead of TOKEN_INVALID',
    ])
  })

  test('for more', async () => {
    expect(await foundBehind({ says: '@auth', asks: '@auth(fresh: true)' })).toEqual([
      'Query.secret, with all it asks for: FRESH_TOKEN_REQUIRED, instead of an answer',
    ])
  })
})
