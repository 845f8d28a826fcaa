import { describe, expect, test } from 'vitest'
import { scopesOf } from '../../src/core/claims.ts'
import { Codec } from '../../src/core/codec.ts'
import { Refusal } from '../../src/core/refusal.ts'
import type { AuthXOptions } from '../../src/core/settings.ts'
import { cases } from '../harness/cases.ts'
import { settableClock } from '../harness/clock.ts'
import { ACCESS, forge, forgeRefresh, type Part } from '../harness/forge.ts'
import { testSettings } from '../harness/instance.ts'

const NOW = ACCESS.iat as number

/** What a codec with these options says to an access token with these claims, whose signature holds. */
function outcome(payload: Part, options: AuthXOptions = {}): string {
  const verified = new Codec(testSettings(options)).verify(forge({ payload }))
  return verified instanceof Refusal ? verified.reason : 'accepted'
}

/** JSON texts put in place of one claim's value, for what JSON.stringify never writes. */
const raw = (name: string, value: string): string =>
  JSON.stringify({ ...ACCESS, [name]: '@' }).replace('"@"', value)

test('CLM-01: accepts the claims that the other tests spoil', () => {
  expect(outcome({})).toBe('accepted')
})

test.each(['null', '[]', '"text"', '5', 'true', '', '{', '[{"sub":"ada"}]'])(
  'CLM-01: refuses a payload that is %o',
  (payload) => {
    expect(outcome(payload)).toBe('TOKEN_MALFORMED')
  },
)

test('CLM-01: refuses a claim that comes twice, and bytes that are no UTF-8', () => {
  expect(outcome(JSON.stringify(ACCESS).replace('{', '{"sub":"eve",'))).toBe('TOKEN_MALFORMED')
  expect(outcome(Buffer.from(JSON.stringify(ACCESS).replace('ada', '\xff'), 'latin1'))).toBe(
    'TOKEN_MALFORMED',
  )
})

describe('CLM-02', () => {
  test.each([
    '"9999999999"',
    'null',
    '[1750000900]',
    'true',
    '{}',
    '1e999',
    '-1e999',
    '1750000900.5',
    '-1',
    '9007199254740993',
    '1750000900000',
  ])('CLM-02: refuses exp: %s', (exp) => {
    expect(outcome(raw('exp', exp))).not.toBe('accepted')
  })

  test('CLM-02: refuses a token without exp, and one that no JSON can say', () => {
    expect(outcome({ exp: undefined })).toBe('TOKEN_INVALID')
    expect(outcome(raw('exp', 'NaN'))).toBe('TOKEN_MALFORMED')
    expect(outcome(raw('exp', 'Infinity'))).toBe('TOKEN_MALFORMED')
  })

  test('CLM-02: exp - iat may be the longest age of its type, and no second more', () => {
    const options = { accessTokenTtl: 60, maxTokenAge: { access: 300 } }
    expect(outcome({ exp: NOW + 300 }, options)).toBe('accepted')
    expect(outcome({ exp: NOW + 301 }, options)).toBe('TOKEN_INVALID')
    expect(outcome({ exp: NOW, iat: NOW }, options)).toBe('TOKEN_INVALID')
    const verify = (exp: number): unknown =>
      new Codec(testSettings()).verify(forgeRefresh({ payload: { exp } }))
    expect(verify(NOW + 1_728_000)).not.toBeInstanceOf(Refusal)
    expect(verify(NOW + 1_728_001)).toMatchObject({ reason: 'TOKEN_INVALID' })
  })

  test('CLM-02, S77: a token lives until exp and the leeway are over', () => {
    const clock = settableClock()
    const codec = new Codec(testSettings({ clock }))
    const at = (seconds: number): unknown => {
      clock.advance(seconds)
      const verified = codec.verify(forge())
      return verified instanceof Refusal ? verified.reason : codec.isOver(verified.claims)
    }
    expect([at(899), at(5), at(1)]).toEqual([false, false, 'TOKEN_EXPIRED'])
  })
})

describe('CLM-03', () => {
  test.each(['"1750000000"', 'null', 'true', '[]', '{}', '1e999', '1749999999.5', '-1'])(
    'CLM-03, S83: refuses iat: %s and auth_time: %s',
    (value) => {
      expect(outcome(raw('iat', value))).toBe('TOKEN_INVALID')
      expect(outcome(raw('auth_time', value))).toBe('TOKEN_INVALID')
    },
  )

  test.each(['"1750000000"', 'null', 'true', '[]', '{}', '1749999999.5', '-1', '-1e999'])(
    'CLM-03: refuses nbf: %s',
    (value) => {
      expect(outcome(raw('nbf', value))).toBe('TOKEN_INVALID')
    },
  )

  test('CLM-03, S77: iat and auth_time are required, and ahead by the leeway at most', () => {
    for (const name of ['iat', 'auth_time']) {
      expect(outcome({ [name]: undefined })).toBe('TOKEN_INVALID')
      expect(outcome({ [name]: NOW + 5 })).toBe('accepted')
      expect(outcome({ [name]: NOW + 6 })).toBe('TOKEN_INVALID')
      expect(outcome({ [name]: NOW + 1 }, { leeway: 0 })).toBe('TOKEN_INVALID')
    }
  })

  test('CLM-03, S77: nbf is honoured where it is there', () => {
    expect(outcome({ nbf: NOW - 1 })).toBe('accepted')
    expect(outcome({ nbf: NOW + 5 })).toBe('accepted')
    expect(outcome({ nbf: NOW + 6 })).toBe('TOKEN_NOT_YET_VALID')
    expect(outcome(raw('nbf', '1e999'))).toBe('TOKEN_NOT_YET_VALID')
  })
})

test.each(cases('', 'x'.repeat(256), 1, 0, null, true, ['1'], { toString: 'ada' }, undefined))(
  'CLM-06: refuses sub: %o, and CLM-07 and CLM-08 such a jti and sid',
  (name) => {
    expect([{ sub: name }, { jti: name }, { sid: name }].map((claims) => outcome(claims))).toEqual(
      Array(3).fill('TOKEN_INVALID'),
    )
  },
)

test('CLM-06: refuses half a character, which a store would keep as another', () => {
  expect(outcome({ sub: 'anna\ud800' })).toBe('TOKEN_INVALID')
  expect(outcome({ jti: '\udc00' })).toBe('TOKEN_INVALID')
})

test('CLM-06: accepts 255 characters, and hands them on as they are', () => {
  const sub = ' 1 \u0000é'.padEnd(255, 'x')
  const verified = new Codec(testSettings()).verify(forge({ payload: { sub } }))
  expect(verified).toMatchObject({ claims: { sub } })
})

test.each(['"0"', 'null', 'true', '-1', '0.5', '1e999', '[]', '9007199254740992'])(
  'CLM-08: refuses ue: %s',
  (ue) => {
    expect(outcome(raw('ue', ue))).toBe('TOKEN_INVALID')
  },
)

test('CLM-08: refuses a token without ue, and a refresh token without its generation', () => {
  expect(outcome({ ue: undefined })).toBe('TOKEN_INVALID')
  for (const gen of [undefined, null, '0', -1, 0.5]) {
    const verified = new Codec(testSettings()).verify(forgeRefresh({ payload: { gen } }))
    expect(verified).toMatchObject({ reason: 'TOKEN_INVALID' })
  }
})

test.each(cases(undefined, null, 'true', 1, 0, [], {}))('CLM-08: refuses fresh: %o', (fresh) => {
  expect(outcome({ fresh })).toBe('TOKEN_INVALID')
})

test.each(cases(undefined, null, 'ACCESS', 'Access', '', ['access'], 'toString', '__proto__'))(
  'CLM-08: refuses type: %o',
  (type) => {
    expect(outcome({ type })).toBe('TOKEN_INVALID')
  },
)

describe('CLM-11', () => {
  test.each([
    { scopes: 'admin' },
    { scopes: { includes: true } },
    { scopes: { 0: 'admin', length: 1 } },
    { scopes: ['admin', 5] },
    { scopes: [['admin']] },
    { scopes: null },
    { scope: ['admin'] },
    { scope: { split: 1 } },
    { scope: null },
    { scope: 5 },
  ])('CLM-11: refuses %o', (claims) => {
    expect(outcome(claims)).toBe('TOKEN_INVALID')
  })

  test('CLM-11: refuses a __proto__ that would bring scopes with it', () => {
    expect(outcome(JSON.stringify(ACCESS).replace('{', '{"__proto__":{"scope":"admin"},'))).toBe(
      'TOKEN_MALFORMED',
    )
  })

  test('CLM-11: reads both claims, in their order, and nothing else', () => {
    const payload = { scope: 'a  b', scopes: ['c d', 'e'], roles: ['admin'] }
    const verified = new Codec(testSettings()).verify(forge({ payload }))
    expect(verified instanceof Refusal ? verified : scopesOf(verified.claims)).toEqual(['a', 'b', 'c d', 'e'])
  })
})
