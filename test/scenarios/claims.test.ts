import { describe, expect, test } from 'vitest'
import { decode, forge } from '../harness/forge.ts'
import { guarded, serve } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { start, summary } from '../harness/yoga.ts'

test('S55: a pair is two tokens of one user and one session, with their own types and ends, and what was given in both', async () => {
  const { authx } = openAuthX()
  const input = {
    sub: 'ada',
    scopes: ['read', 'write'],
    claims: { team: 'blue' },
    fresh: true,
    expiresIn: 60,
  }
  const { accessToken, refreshToken, ...rest } = await authx.createTokenPair(input)
  expect(rest).toEqual({ tokenType: 'Bearer', expiresIn: 60, csrfToken: null })
  const [access, refresh] = [decode(accessToken, 1), decode(refreshToken, 1)]
  const shared = { sub: 'ada', sid: access.sid, scope: 'read write', team: 'blue' }
  expect(access).toMatchObject({ ...shared, type: 'access', fresh: true, exp: Number(access.iat) + 60 })
  expect(refresh).toMatchObject({ ...shared, type: 'refresh', exp: Number(refresh.iat) + 1_728_000 })
  expect(refresh).not.toHaveProperty('fresh')
  expect([accessToken === refreshToken, access.jti === refresh.jti]).toEqual([false, false])
})

test.each<[title: string, scopes: readonly string[] | undefined, scope: string | undefined]>([
  ['S67: scopes come back in their order', ['write', 'admin:*', 'read'], 'write admin:* read'],
  ['S67: no scopes are no claim', undefined, undefined],
  ['S67: an empty list is an empty claim', [], ''],
])('%s', async (_, scopes, scope) => {
  const { authx } = openAuthX()
  const { accessToken, refreshToken } = await authx.createTokenPair({ sub: 'ada', ...(scopes && { scopes }) })
  expect((await authx.verify(accessToken)).scope).toBe(scope)
  expect((await authx.verify(refreshToken, { type: 'refresh' })).scope).toBe(scope)
})

test('S80: a claim of your own reaches the resolver as it was given', async () => {
  const { authx } = openAuthX()
  const schema = guarded(authx, 'type Query { role: String @auth }', {
    Query: { role: (_, __, { auth }) => JSON.stringify(auth.claims.role) },
  })
  await using server = await serve(authx, schema)
  const role = { of: ['editor', 1, null] }
  const token = await authx.createAccessToken({ sub: 'ada', claims: { role } })
  expect(await server.query('{ role }', { token })).toEqual({
    data: { role: JSON.stringify(role) },
    refused: [],
  })
})

describe('S82: a token that our key has signed and that leaves something out', () => {
  const rest = ['jti', 'sid', 'ue', 'iat', 'exp', 'auth_time', 'type', 'fresh']
  const without = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, undefined]))

  test.each([['sub alone', rest], ...rest.map((name) => [`no ${name}`, [name]] as const)] as const)(
    'S82: is refused: %s',
    async (_, names) => {
      await using server = await start()
      const ask = async (token: string) => summary(await server.send({ query: '{ secret }' }, { token }))
      expect(await ask(forge())).toMatchObject({ status: 200, data: { secret: 'answer' } })
      expect(await ask(forge({ payload: without(names) }))).toEqual({
        status: 401,
        challenge: 'Bearer error="invalid_token"',
        data: null,
        reasons: ['TOKEN_INVALID'],
      })
    },
  )

  test('S82: is refused where its header does not say which kind of token it is', async () => {
    const { authx } = openAuthX()
    const reason = (typ: unknown) =>
      authx.verify(forge({ header: { typ } })).then(
        () => 'accepted',
        (error: { reason?: string }) => error.reason,
      )
    expect([await reason('at+jwt'), await reason('JWT'), await reason(undefined)]).toEqual([
      'accepted',
      'TOKEN_INVALID',
      'TOKEN_INVALID',
    ])
  })
})
