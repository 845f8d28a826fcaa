import { inspect } from 'node:util'
import { graphql } from 'graphql'
import { describe, expect, test } from 'vitest'
import {
  AuthError,
  type AuthX,
  type AuthXContext,
  type CheckedAuth,
  type WithOptionalToken,
} from '../../src/index.ts'
import { contextFor, guarded, inProcess, read } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { SECRET } from '../harness/keys.ts'

type Context = WithOptionalToken<AuthXContext>

function open(authx: AuthX, token?: string): Context {
  return contextFor(authx, token) as Context
}

/** What is thrown, as its reason or message. */
async function thrown(act: () => unknown): Promise<string> {
  try {
    await act()
    return 'nothing'
  } catch (error) {
    return error instanceof AuthError ? error.reason : `${(error as Error).name}: ${(error as Error).message}`
  }
}

describe('context.auth', () => {
  test('shows no claims to a field without a rule beside one that was refused for its scopes', async () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { a: Int @auth(scopes: [["admin"]]) b: String }', {
      Query: { a: () => 1, b: (_, __, { auth }) => auth.claims.sub },
    })
    const contextValue = contextFor(authx, await authx.createAccessToken({ sub: 'ada' }))
    const { data, errors } = await graphql({ schema, source: '{ a b }', contextValue })
    expect(data).toEqual({ a: null, b: null })
    expect(errors?.map(({ message }) => message)[1]).toMatch(/claims was read where no rule vouches for it/)
  })

  test('keeps the claims of an operation whose neighbour in a batch finds the token revoked', async () => {
    const { authx } = openAuthX()
    const { sub, token } = { sub: 'ada', token: await authx.createAccessToken({ sub: 'ada' }) }
    const request = authx.serving.open({ headerValues: () => [`Bearer ${token}`] })
    const [one, other] = [request.contextMembers({}), request.contextMembers({})]
    const { claims } = await one.auth.check()
    await authx.revoke({ token })
    expect(await thrown(() => other.auth.check())).toBe('TOKEN_REVOKED')
    expect([claims.sub, (one.auth as CheckedAuth).claims.sub]).toEqual([sub, sub])
  })

  test('shows nothing before a rule or a check has vouched for it, and says what to do', async () => {
    const { authx } = openAuthX()
    const { auth, refreshAuth } = open(authx, await authx.createAccessToken({ sub: 'ada' }))
    const unchecked = auth as CheckedAuth
    expect(await thrown(() => unchecked.claims)).toMatchInlineSnapshot(
      `"TypeError: context.auth.claims was read where no rule vouches for it; put @auth on the field, or await context.auth.check() first"`,
    )
    expect(await thrown(() => (refreshAuth as unknown as CheckedAuth).claims)).toMatchInlineSnapshot(
      `"TypeError: context.refreshAuth.claims was read where no rule vouches for it; put @auth on the field, or await context.refreshAuth.check() first"`,
    )
    const members = {
      token: () => unchecked.token,
      'subject()': () => unchecked.subject(),
      'logout()': () => unchecked.logout(),
      'revoke()': () => unchecked.revoke(),
    }
    for (const [member, act] of Object.entries(members)) {
      expect(await thrown(act)).toContain(`TypeError: context.auth.${member} was read where no rule vouches`)
    }
  })

  test('has claims and token after a check', async () => {
    const { authx } = openAuthX()
    const token = await authx.createAccessToken({ sub: 'ada', scopes: ['read'], claims: { team: 'blue' } })
    const auth = await open(authx, token).auth.check()
    expect(auth.claims).toMatchObject({ sub: 'ada', scope: 'read', team: 'blue', type: 'access' })
    expect([auth.type, auth.token.token, auth.token.location, auth.token.type]).toEqual([
      'access',
      token,
      'headers',
      'access',
    ])
  })

  test('refuses a check as @auth would', async () => {
    const { authx } = openAuthX()
    const revoked = await authx.createAccessToken({ sub: 'ada' })
    const refresh = await authx.createRefreshToken({ sub: 'ada' })
    await authx.revoke({ token: revoked })
    expect(await thrown(() => open(authx).auth.check())).toBe('TOKEN_MISSING')
    expect(await thrown(() => open(authx, 'garbage').auth.check())).toBe('TOKEN_MALFORMED')
    expect(await thrown(() => open(authx, revoked).auth.check())).toBe('TOKEN_REVOKED')
    expect(await thrown(() => open(authx, refresh).auth.check())).toBe('ACCESS_TOKEN_REQUIRED')
    expect(await thrown(() => open(authx, refresh).refreshAuth.check())).toBe('nothing')
  })

  test('asks anew at each check, and hides its claims again when the answer has changed', async () => {
    const { authx } = openAuthX()
    const context = open(authx, await authx.createAccessToken({ sub: 'ada' }))
    const auth = await context.auth.check()
    expect(auth.claims.sub).toBe('ada')
    await auth.logout()
    expect(await thrown(() => auth.check())).toBe('TOKEN_REVOKED')
    expect(await thrown(() => auth.claims)).toMatch(/^TypeError: /)
  })

  test('revokes one token, or logs the session out', async () => {
    const { authx } = openAuthX()
    const first = await authx.createTokenPair({ sub: 'ada' })
    const second = await authx.createTokenPair({ sub: 'ada' })
    await (await open(authx, first.accessToken).auth.check()).revoke()
    await (await open(authx, second.accessToken).auth.check()).logout()
    expect(await thrown(() => authx.verify(first.accessToken))).toBe('TOKEN_REVOKED')
    expect(await thrown(() => authx.verify(first.refreshToken, { type: 'refresh' }))).toBe('nothing')
    expect(await thrown(() => authx.verify(second.accessToken))).toBe('TOKEN_REVOKED')
    expect(await thrown(() => authx.verify(second.refreshToken, { type: 'refresh' }))).toBe('TOKEN_REVOKED')
  })

  test('is there for the resolver of a guarded field, and for the callback', async () => {
    const { authx } = openAuthX()
    let seen: unknown
    authx.setTokenBlocklistCallback((_, { context }) => {
      seen = (context as { mine?: string }).mine
      return false
    })
    const schema = guarded(authx, 'type Query { me: String @auth }', {
      Query: { me: (_, __, { auth }) => auth.claims.sub },
    })
    const contextValue = { ...open(authx, await authx.createAccessToken({ sub: 'ada' })), mine: 'yes' }
    expect(read(await graphql({ schema, source: '{ me }', contextValue }))).toEqual({
      data: { me: 'ada' },
      refused: [],
    })
    expect(seen).toBe('yes')
  })

  test('is for a field that checks by itself, without a rule', async () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { me: String }', {
      Query: { me: async (_, __, { auth }) => (await auth.check()).claims.sub },
    })
    await using api = await inProcess(authx, schema)
    expect(await api.query('{ me }')).toEqual({ data: { me: null }, refused: ['me: TOKEN_MISSING'] })
    const token = await authx.createAccessToken({ sub: 'ada' })
    expect(await api.query('{ me }', { token })).toEqual({ data: { me: 'ada' }, refused: [] })
  })
})

describe('context.requestToken', () => {
  test('hands over what came, unjudged, or null', async () => {
    const { authx } = openAuthX()
    const revoked = await authx.createAccessToken({ sub: 'ada' })
    await authx.revoke({ token: revoked })
    expect(open(authx).requestToken()).toBeNull()
    for (const token of [revoked, 'garbage', '']) {
      const found = open(authx, token).requestToken('refresh')
      expect([found?.token, found?.location, found?.type]).toEqual([token, 'headers', 'refresh'])
    }
  })

  test('refuses a request that contradicts itself', async () => {
    const { authx } = openAuthX()
    const twice = authx.serving.open({ headerValues: () => ['Bearer a', 'Bearer b'] })
    expect(await thrown(() => twice.contextMembers({}).requestToken())).toBe('CREDENTIALS_AMBIGUOUS')
  })

  test('is refused before the resolver of @optionalToken runs, where the request contradicts itself', async () => {
    const { authx } = openAuthX()
    let ran = false
    const schema = guarded(authx, 'type Query { token: String @optionalToken }', {
      Query: {
        token: () => {
          ran = true
        },
      },
    })
    const contextValue = authx.serving
      .open({ headerValues: () => ['Bearer a', 'Bearer b'] })
      .contextMembers({})
    expect(read(await graphql({ schema, source: '{ token }', contextValue }))).toEqual({
      data: { token: null },
      refused: ['token: CREDENTIALS_AMBIGUOUS'],
    })
    expect(ran).toBe(false)
  })
})

describe('a context', () => {
  test('survives what servers do to contexts: assigning and spreading', async () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { secret: Int @auth }', { Query: { secret: () => 1 } })
    const members = open(authx, await authx.createAccessToken({ sub: 'ada' }))
    for (const contextValue of [
      { ...members },
      Object.assign({}, members),
      Object.create(members) as object,
      Object.assign(Object.create(null), members) as object,
    ]) {
      expect(read(await graphql({ schema, source: '{ secret }', contextValue }))).toEqual({
        data: { secret: 1 },
        refused: [],
      })
    }
  })

  test('does not spill token or secret when it is printed', async () => {
    const { authx } = openAuthX()
    const token = await authx.createAccessToken({ sub: 'ada' })
    const context = open(authx, token)
    const { auth, refreshAuth } = context
    void context.requestToken()
    await auth.check()
    for (const one of [context, auth, refreshAuth, context.requestToken(), { ...context }]) {
      const printed = [JSON.stringify(one), inspect(one, { depth: 20, showHidden: true }), String(one)].join(
        '\n',
      )
      expect(printed).not.toContain(token)
      expect(printed).not.toContain(token.split('.')[2])
      expect(printed).not.toContain(SECRET)
    }
  })

  test('of one instance cannot be forged by its name', async () => {
    const { authx } = openAuthX()
    const schema = guarded(authx, 'type Query { secret: Int @auth }', { Query: { secret: () => 1 } })
    const claims = { sub: 'ada' }
    const contextValue = {
      auth: { claims, check: async () => ({ claims }) },
      [Symbol('graphql-authx')]: {},
      [Symbol.for('graphql-authx')]: {},
    }
    expect(read(await graphql({ schema, source: '{ secret }', contextValue })).data).toEqual({ secret: null })
  })
})
