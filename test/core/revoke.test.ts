import { describe, expect, test } from 'vitest'
import type { Revocation } from '../../src/core/blocklist.ts'
import type { AuthXOptions } from '../../src/core/settings.ts'
import { NOW, settableClock } from '../harness/clock.ts'
import { openEngine } from '../harness/engine.ts'
import { ACCESS, decode, forge } from '../harness/forge.ts'
import { openAuthX, watchedMemory } from '../harness/instance.ts'
import { testKey } from '../harness/keys.ts'
import { fates, outcome } from '../harness/outcome.ts'
import { openSessions } from '../harness/sessions.ts'

describe('revoke', () => {
  test.each(['accessToken', 'refreshToken'] as const)(
    'REV-03, REV-04, S30: by the %s ends both tokens, and no other session',
    async (name) => {
      const { authx } = openAuthX()
      const pair = await authx.createTokenPair({ sub: 'ada' })
      const other = await authx.createTokenPair({ sub: 'ada' })
      expect(await fates(authx, pair)).toEqual(['accepted', 'accepted'])
      await authx.revoke({ token: pair[name] })
      expect(await fates(authx, pair)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
      expect(await fates(authx, other)).toEqual(['accepted', 'accepted'])
    },
  )

  test('REV-04: by an access token that has expired ends the refresh token', async () => {
    const { authx, clock } = openAuthX()
    const pair = await authx.createTokenPair({ sub: 'ada' })
    clock.advance(10_000)
    await authx.revoke({ token: pair.accessToken })
    expect(await fates(authx, pair)).toEqual(['TOKEN_EXPIRED', 'TOKEN_REVOKED'])
  })

  test('REV-05: what is no token of ours ends nothing, fails nothing and reaches no store', async () => {
    const { authx, store } = openAuthX({ issuer: 'us' })
    const theirs = forge({ payload: { iss: 'them' } })
    const strange = [
      forge({ key: { ...testKey('HS256', 'stranger'), kid: 'default' } }),
      forge({ header: { kid: 'x' } }),
    ]
    for (const token of [
      '',
      'garbage',
      'a.b.c',
      'x'.repeat(9000),
      theirs,
      ...strange,
      undefined,
      null,
      5,
      ['a.b.c'],
    ]) {
      expect(await authx.revoke({ token: token as string })).toBeUndefined()
    }
    expect(store.calls).toEqual([])
  })

  test('OPS-06: by a token of a machine whose clock is ahead ends what that machine accepts', async () => {
    const { authx, store } = openAuthX()
    const ahead = openAuthX({ blocklist: store, clock: () => NOW + 200_000 }).authx
    const later = { iat: NOW / 1000 + 200, exp: NOW / 1000 + 900, auth_time: NOW / 1000 + 200 }
    for (const payload of [
      later,
      { ...later, iat: NOW / 1000, auth_time: NOW / 1000, nbf: NOW / 1000 + 200 },
    ]) {
      const token = forge({ payload: { ...payload, sid: `sid-${JSON.stringify(payload).length}` } })
      expect(await outcome(ahead.verify(token))).toBe('accepted')
      expect(await outcome(authx.verify(token))).toMatch(/TOKEN_INVALID|TOKEN_NOT_YET_VALID/)
      await authx.revoke({ token })
      expect(await outcome(ahead.verify(token))).toBe('TOKEN_REVOKED')
    }
  })

  test('REV-05: twice is as good as once', async () => {
    const { authx } = openAuthX()
    const pair = await authx.createTokenPair({ sub: 'ada' })
    for (let time = 0; time < 3; time++)
      expect(await authx.revoke({ token: pair.accessToken })).toBeUndefined()
    expect(await fates(authx, pair)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
  })

  test('by claims and by sid ends the session, by jti one token', async () => {
    const { authx } = openAuthX()
    const pairs = await Promise.all([1, 2, 3].map(() => authx.createTokenPair({ sub: 'ada' })))
    const claims = await Promise.all(pairs.map(({ accessToken }) => authx.verify(accessToken)))
    const [one, two, three] = claims
    if (one === undefined || two === undefined || three === undefined)
      throw new TypeError('three pairs were expected')
    await authx.revoke({ claims: one })
    await authx.revoke({ sid: two.sid })
    await authx.revoke({ jti: three.jti, exp: three.exp })
    expect(await Promise.all(pairs.map((pair) => fates(authx, pair)))).toEqual([
      ['TOKEN_REVOKED', 'TOKEN_REVOKED'],
      ['TOKEN_REVOKED', 'TOKEN_REVOKED'],
      ['TOKEN_REVOKED', 'accepted'],
    ])
  })

  test('REV-15: by sub ends all that was made before, and nothing that is made in the same second', async () => {
    const { authx } = openAuthX()
    const [before, other] = [
      await authx.createTokenPair({ sub: 'ada' }),
      await authx.createTokenPair({ sub: 'eve' }),
    ]
    await authx.revoke({ sub: 'ada' })
    const after = await authx.createTokenPair({ sub: 'ada' })
    expect(await fates(authx, before)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
    expect([await fates(authx, after), await fates(authx, other)]).toEqual(
      Array(2).fill(['accepted', 'accepted']),
    )
    expect(decode(after.accessToken, 1).ue).toBe(1)
  })

  test('REV-09: an entry meets its token until the last moment of the leeway', async () => {
    const { authx, clock } = openAuthX()
    const token = await authx.createAccessToken({ sub: 'ada' })
    const { jti, exp } = await authx.verify(token)
    await authx.revoke({ jti, exp })
    clock.advance(899 + 5)
    await authx.purge()
    expect(await outcome(authx.verify(token))).toBe('TOKEN_REVOKED')
    clock.advance(1)
    expect(await outcome(authx.verify(token))).toBe('TOKEN_EXPIRED')
    clock.advance(120)
    expect(await authx.purge()).toBe(1)
  })
})

describe('REV-09: how long an entry lives', () => {
  const target = { sid: 'sid' } as const

  test('REV-09: a session: as long as any of its tokens can, without a store that refuses refreshes itself', async () => {
    const entries = async (options: AuthXOptions): Promise<unknown> => {
      const revoked: Revocation[] = []
      const blocklist = Object.assign(Object.create(watchedMemory(settableClock())), {
        revoke: async (revocation: Revocation) => void revoked.push(revocation),
      })
      const { endings } = openEngine({ blocklist, ...options })
      await endings.revoke(target)
      await endings.revoke({ sub: 'ada' })
      return revoked.map((entry) => ('retention' in entry ? entry.retention : undefined))
    }
    const refresh = 1_728_000 + 5 + 120
    expect(await entries({})).toEqual([refresh, refresh])
    expect(await entries({ leeway: 60 })).toEqual([refresh + 55, refresh + 55])
    expect(await entries({ maxTokenAge: { access: 3_000_000 } })).toEqual([3_000_125, 3_000_125])
  })

  test('REV-09: a session: as long as an access token, where the store refuses refreshes', async () => {
    const { endings, asked } = openSessions(undefined, { maxTokenAge: { access: 1000 } })
    await endings.revoke(target)
    await endings.revoke({ sub: 'ada' })
    expect(asked).toMatchObject([
      { retentionWithSession: 1125, retention: 1_728_125 },
      { retention: 1_728_125 },
    ])
  })

  test('REV-09: one token: until its exp, the leeway and the skew are over, or as long as any can', async () => {
    const { endings, asked } = openSessions()
    await endings.revoke({ jti: 'jti', exp: ACCESS.exp as number })
    await endings.revoke({ jti: 'jti' })
    expect(asked).toEqual([
      { kind: 'token', issuer: '', jti: 'jti', expiresAt: NOW / 1000 + 900 + 125 },
      { kind: 'token', issuer: '', jti: 'jti', expiresAt: NOW / 1000 + 1_728_125 },
    ])
  })
})

test.each([
  { jti: 'x', exp: 1, iss: null },
  { jti: 'x', exp: 1, iss: 7 },
  { claims: { sid: 'x', sub: 'ada', jti: 'x', iss: null } },
  {},
  { jti: undefined },
  { jti: '' },
  { sid: undefined },
  { sid: 5 },
  { sub: null },
  { jti: 'a', exp: '5' },
  { jti: 'a', exp: Number.NaN },
  { jti: 'a', exp: -1 },
  { jti: 'a', exp: 1_750_000_000_000_000 },
])('revoke: %o names nothing that could be revoked', async (target) => {
  const { endings, asked } = openSessions()
  await expect(endings.revoke(target as never)).rejects.toThrow(TypeError)
  expect(asked).toEqual([])
})
