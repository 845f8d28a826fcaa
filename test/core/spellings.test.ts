import { describe, expect, test } from 'vitest'
import type { Algorithm } from '../../src/core/keys.ts'
import { bearer, openAuthX } from '../harness/instance.ts'
import { signs, testKey } from '../harness/keys.ts'
import { es256Twin, spellings } from '../harness/spellings.ts'

/** How many spellings the signature's last character has, and whether the sample has a `-` or `_` to spell otherwise. */
const TRAILING: Partial<Record<Algorithm, number>> = { HS256: 3, RS256: 15, PS256: 15, ES256: 15 }

/** Revokes one token and answers what becomes of its other spellings, by both ways in. */
async function revoked(alg: Algorithm) {
  const { authx, store } = openAuthX({ keys: [signs(testKey(alg))] })
  const token = await tokenWithStandardTwin(() => authx.createAccessToken({ sub: 'ada' }))
  const bystander = await authx.createAccessToken({ sub: 'ada' })
  const judge = async (text: string): Promise<string> =>
    authx.verify(text).then(
      () => 'accepted',
      (error: { reason?: string }) => error.reason ?? String(error),
    )
  const before = await judge(token)
  await authx.revoke({ token })
  return { authx, store, token, bystander, judge, before }
}

describe.each(['HS256', 'RS256', 'PS256', 'ES256'] as const)('REV-08: %s', (alg) => {
  test('REV-08, S40: a revoked token comes back in no other spelling', async () => {
    const { token, bystander, judge, before } = await revoked(alg)
    const others = spellings(token)
    expect(others.filter((text) => text.slice(0, -1) === token.slice(0, -1)).length).toBe(TRAILING[alg])
    expect([before, await judge(token), await judge(bystander)]).toEqual([
      'accepted',
      'TOKEN_REVOKED',
      'accepted',
    ])
    const answers = await Promise.all(others.map(judge))
    expect(new Set(answers)).toEqual(new Set(['TOKEN_MALFORMED']))
  })

  test('REV-08: nor out of a header that carries it in another spelling', async () => {
    const { authx, token, judge } = await revoked(alg)
    const answers = spellings(token).map((text) => {
      const found = authx.getTokenFromRequest(bearer(text))
      return judge(found?.token ?? '')
    })
    // A header's own outer spaces are no part of the token, so what is found there is the token itself.
    expect([...new Set(await Promise.all(answers))].sort()).toEqual(['TOKEN_MALFORMED', 'TOKEN_REVOKED'])
  })
})

test('REV-08: the (r, n - s) twin of a revoked ES256 token is revoked with it', async () => {
  const { token, judge } = await revoked('ES256')
  expect(es256Twin(token)).not.toBe(token)
  expect(await judge(es256Twin(token))).toBe('TOKEN_REVOKED')
})

test('REV-08: the twin is a valid token before: no check of the text would have met it', async () => {
  const { authx } = openAuthX({ keys: [signs(testKey('ES256'))] })
  const token = await authx.createAccessToken({ sub: 'ada' })
  expect(await authx.verify(es256Twin(token))).toEqual(await authx.verify(token))
})

test('REV-08: a revocation by any accepted spelling is one of the token', async () => {
  const { authx } = openAuthX({ keys: [signs(testKey('ES256'))] })
  const token = await authx.createAccessToken({ sub: 'ada' })
  await authx.revoke({ token: es256Twin(token) })
  await expect(authx.verify(token)).rejects.toMatchObject({ reason: 'TOKEN_REVOKED' })
})

test('REV-08, S40: a callback that decides by claims is walked around by no spelling either', async () => {
  const { authx } = openAuthX({ keys: [signs(testKey('ES256'))] })
  const token = await authx.createAccessToken({ sub: 'ada' })
  const { jti } = await authx.verify(token)
  authx.setTokenBlocklistCallback((_, { claims }) => claims.jti === jti)
  const answers = [es256Twin(token), ...spellings(token)].map((text) =>
    authx.verify(text).then(
      () => 'accepted',
      () => 'refused',
    ),
  )
  expect(new Set(await Promise.all(answers))).toEqual(new Set(['refused']))
})

/** Signatures are random or not; one in some has a `-` or `_`, so that the standard alphabet spells it otherwise. */
async function tokenWithStandardTwin(make: () => Promise<string>): Promise<string> {
  for (;;) {
    const token = await make()
    if (/[-_]/.test(token)) return token
  }
}
