import { describe, expect, test } from 'vitest'
import type { RefreshClaims } from '../../src/core/claims.ts'
import { ConfigurationError } from '../../src/core/configuration-error.ts'
import { Refusal } from '../../src/core/refusal.ts'
import type { Rotation } from '../../src/core/session-store.ts'
import { NOW } from '../harness/clock.ts'
import { openEngine } from '../harness/engine.ts'
import { decode, forgeRefresh } from '../harness/forge.ts'
import { openSessions, RECORD } from '../harness/sessions.ts'

const CLAIMS = decode(
  forgeRefresh({
    payload: { scope: 'read write', name: 'Ada', aud: 'api', iss: 'x', nbf: 1, gen: 0, sid: 'sid' },
  }),
  1,
) as unknown as RefreshClaims

describe('login', () => {
  test('opens a session by the settings and makes its first pair, the access token fresh', async () => {
    const { sessions, asked } = openSessions()
    const pair = await sessions.login({ sub: 'ada', scopes: ['read'], claims: { name: 'Ada' } })
    if (pair instanceof Refusal) throw new TypeError(pair.reason)
    expect(asked).toEqual([
      {
        issuer: '',
        sid: 'AAAAAAAAAAAAAAAAAAAAAA',
        sub: 'ada',
        idleTtl: 1_728_000,
        absoluteTtl: 7_776_000,
        device: null,
        address: null,
      },
    ])
    expect([decode(pair.accessToken, 1), decode(pair.refreshToken, 1)]).toMatchInlineSnapshot(`
      [
        {
          "auth_time": 1750000000,
          "exp": 1750000900,
          "fresh": true,
          "iat": 1750000000,
          "jti": "AAAAAAAAAAAAAAAAAAAAAQ",
          "name": "Ada",
          "scope": "read",
          "sid": "AAAAAAAAAAAAAAAAAAAAAA",
          "sub": "ada",
          "type": "access",
          "ue": 2,
        },
        {
          "auth_time": 1750000000,
          "exp": 1751728000,
          "gen": 0,
          "iat": 1750000000,
          "jti": "AAAAAAAAAAAAAAAAAAAAAA.0",
          "name": "Ada",
          "scope": "read",
          "sid": "AAAAAAAAAAAAAAAAAAAAAA",
          "sub": "ada",
          "type": "refresh",
          "ue": 2,
        },
      ]
    `)
  })

  test('opens none for an input that makes no token', async () => {
    const { sessions, asked } = openSessions()
    await expect(sessions.login({ sub: '' })).rejects.toThrow(TypeError)
    await expect(sessions.login({ sub: 'ada', claims: { exp: 1 } })).rejects.toThrow(TypeError)
    expect(asked).toEqual([])
  })

  test('S98: is an error of configuration without a session store', async () => {
    const { sessions } = openEngine()
    await expect(sessions.login({ sub: 'ada' })).rejects.toThrow(ConfigurationError)
    await expect(sessions.refresh(CLAIMS)).rejects.toThrow('sessions: this needs a session store')
  })
})

describe('refresh', () => {
  const rotated: Rotation = {
    status: 'rotated',
    epoch: 2,
    now: NOW + 5000,
    session: { ...RECORD, rotatedAt: NOW + 4000 },
  }

  test('makes the next pair: same session, own claims and scopes, never fresh', async () => {
    const { sessions, asked } = openSessions(rotated, { leeway: 5 })
    const pair = await sessions.refresh(CLAIMS)
    if (pair instanceof Refusal) throw new TypeError(pair.reason)
    expect(asked).toMatchInlineSnapshot(`
      [
        {
          "generation": 0,
          "grace": 10000,
          "identity": {
            "issuer": "x",
            "jti": "jti-of-a-forged-token",
            "sid": "sid",
            "sub": "ada",
            "ue": 0,
          },
          "idleTtl": 1728000,
          "retention": 1025,
        },
      ]
    `)
    expect([decode(pair.accessToken, 1), decode(pair.refreshToken, 1)]).toMatchInlineSnapshot(`
      [
        {
          "aud": "api",
          "auth_time": 1750000000,
          "exp": 1750000905,
          "fresh": false,
          "iat": 1750000005,
          "iss": "x",
          "jti": "AAAAAAAAAAAAAAAAAAAAAA",
          "name": "Ada",
          "scope": "read write",
          "sid": "sid",
          "sub": "ada",
          "type": "access",
          "ue": 2,
        },
        {
          "aud": "api",
          "auth_time": 1750000000,
          "exp": 1751728000,
          "gen": 1,
          "iat": 1750000004,
          "iss": "x",
          "jti": "sid.1",
          "name": "Ada",
          "scope": "read write",
          "sid": "sid",
          "sub": "ada",
          "type": "refresh",
          "ue": 2,
        },
      ]
    `)
  })

  test('REF-04: a repeated rotation makes the very same refresh token', async () => {
    const refresh = async (rotation: Rotation): Promise<unknown> => {
      const pair = await openSessions(rotation).sessions.refresh(CLAIMS)
      return pair instanceof Refusal ? pair.reason : pair.refreshToken
    }
    expect(await refresh({ ...rotated, status: 'repeated', now: NOW + 9000 })).toBe(await refresh(rotated))
  })

  test('REF-13: the scopes can shrink to what the user may have now, never grow', async () => {
    const scope = async (allowed: readonly string[]): Promise<unknown> => {
      const pair = await openSessions(rotated).sessions.refresh(CLAIMS, allowed)
      return pair instanceof Refusal ? pair.reason : decode(pair.accessToken, 1).scope
    }
    expect([await scope(['write', 'admin']), await scope([]), await scope(['read', 'write'])]).toEqual([
      'write',
      '',
      'read write',
    ])
  })

  test.each([
    ['reused', 'TOKEN_REUSED'],
    ['revoked', 'TOKEN_REVOKED'],
    ['expired', 'TOKEN_EXPIRED'],
    ['unknown', 'TOKEN_INVALID'],
  ] as const)('a session that is %s says %s', async (status, reason) => {
    expect(await openSessions({ status }).sessions.refresh(CLAIMS)).toMatchObject({
      code: 'UNAUTHENTICATED',
      reason,
    })
  })

  test('REV-13: a store that fails refuses, and the cause is logged', async () => {
    const { sessions, log } = openSessions(new Error('down'))
    expect(await sessions.refresh(CLAIMS)).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      reason: 'REVOCATION_UNAVAILABLE',
    })
    expect(log.lines[0]).toMatch(/^error the session store failed; .*"message":"down"/)
  })
})
