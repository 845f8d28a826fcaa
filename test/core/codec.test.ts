import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, test } from 'vitest'
import { Codec } from '../../src/core/codec.ts'
import type { Algorithm } from '../../src/core/keys.ts'
import { Refusal } from '../../src/core/refusal.ts'
import { cases } from '../harness/cases.ts'
import { ACCESS, encode, forge } from '../harness/forge.ts'
import { testSettings } from '../harness/instance.ts'
import { SECRET, signs, testKey, verifies } from '../harness/keys.ts'
import { verifications } from '../harness/verifications.ts'

const ALGS: readonly Algorithm[] = ['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256']
/** What is computed is counted here, so nothing is remembered. */
const every = new Codec(testSettings({ keys: ALGS.map((alg) => signs(testKey(alg))), rememberedTokens: 0 }))
const codec = new Codec(testSettings())
const [HS, RS, PS, ES] = [testKey('HS256'), testKey('RS256'), testKey('PS256'), testKey('ES256')]

function outcome(token: string, by: Codec = every): string {
  const verified = by.verify(token)
  return verified instanceof Refusal ? verified.reason : 'accepted'
}

test.each(ALGS)('TOK-01, S72: accepts %s by the key that is bound to it', (alg) => {
  expect(every.verify(forge({ key: testKey(alg) }))).toEqual({
    claims: ACCESS,
    header: { alg, typ: 'at+jwt', kid: alg.toLowerCase() },
  })
})

test('TOK-01, S72: refuses an alg that is not the one of its key, before any cryptography', () => {
  const others = [
    ...ALGS,
    'RS384',
    'RS512',
    'PS384',
    'PS512',
    'ES384',
    'ES512',
    'ES256K',
    'EdDSA',
    'hs256',
    'HS256 ',
  ]
  for (const key of [HS, RS, PS, ES]) {
    for (const alg of others.filter((other) => other !== key.alg)) {
      const token = forge({ key, header: { alg } })
      expect(verifications(() => expect(outcome(token)).toBe('TOKEN_INVALID'))).toBe(0)
    }
    expect(verifications(() => outcome(forge({ key })))).toBe(1)
  }
})

test('TOK-01, S72: refuses a signature by another key of the same algorithm', () => {
  for (const alg of ALGS) {
    const stranger = { ...testKey(alg, `stranger-${alg}`), kid: alg.toLowerCase() }
    expect(outcome(forge({ key: stranger }))).toBe('TOKEN_INVALID')
  }
})

test.each(
  cases('none', 'None', 'nOnE', 'NONE', '', undefined, 0, 1, null, true, {}, ['HS256'], {
    toString: 'HS256',
  }),
)('TOK-02: refuses the alg %o, with and without a signature', (alg) => {
  const token = forge({ key: HS, header: { alg } })
  const unsigned = token.slice(0, token.lastIndexOf('.') + 1)
  const spare = encode('any')
  expect([token, unsigned + spare, unsigned, unsigned.slice(0, -1)].map((text) => outcome(text))).toEqual([
    'TOKEN_INVALID',
    'TOKEN_INVALID',
    'TOKEN_MALFORMED',
    'TOKEN_MALFORMED',
  ])
})

test('TOK-03: a public key is no HMAC secret, whatever its encoding', () => {
  for (const { verifying, kid } of [RS, ES]) {
    if (typeof verifying === 'string') throw new TypeError('a public key was expected')
    const pem = verifying.export({ format: 'pem', type: 'spki' }) as string
    const raw = verifying.export({ format: 'der', type: 'spki' }).toString('latin1')
    for (const signing of [pem, pem.trim(), raw, JSON.stringify(verifying.export({ format: 'jwk' }))]) {
      expect(outcome(forge({ key: { alg: 'HS256', kid, signing, verifying } }))).toBe('TOKEN_INVALID')
    }
  }
})

test('TOK-03: RS256 and PS256 do not stand in for each other, even with one RSA key', () => {
  const shared = { ...PS, signing: RS.signing, kid: RS.kid }
  expect(outcome(forge({ key: shared }))).toBe('TOKEN_INVALID')
  expect(outcome(forge({ key: shared, header: { alg: 'RS256' } }))).toBe('TOKEN_INVALID')
})

test('TOK-16: signatures are compared by jsonwebtoken alone, in constant time', () => {
  const core = new URL('../../src/core/', import.meta.url)
  const importers = readdirSync(core, { recursive: true, encoding: 'utf8' }).filter((file) => {
    if (!file.endsWith('.ts')) return false
    const source = readFileSync(new URL(file, core), 'utf8')
    expect(source, file).not.toMatch(/createHmac|createVerify|createSign/)
    return source.includes("from 'jsonwebtoken'")
  })
  expect(importers).toEqual(['codec.ts'])
  const jwa = createRequire(
    createRequire(createRequire(import.meta.url).resolve('jsonwebtoken')).resolve('jws'),
  ).resolve('jwa')
  expect(readFileSync(jwa, 'utf8')).toMatch(
    /return timingSafeEqual\(Buffer\.from\(signature\), Buffer\.from\(computedSig\)\)/,
  )
})

describe('OPS-04', () => {
  const [old, next] = [testKey('RS256', 'old'), testKey('ES256', 'next')]
  const rotating = new Codec(testSettings({ keys: [signs(next), verifies(old)] }))
  const dropped = new Codec(testSettings({ keys: [signs(next)] }))

  test('OPS-04, S69, S70, S73: a token of the old key lives through the overlap and dies with its kid', () => {
    const token = forge({ key: old })
    expect([outcome(token, rotating), outcome(token, dropped)]).toEqual(['accepted', 'TOKEN_INVALID'])
    expect(outcome(forge({ key: { ...old, kid: 'next' } }), rotating)).toBe('TOKEN_INVALID')
  })

  test('OPS-04, S69, S71: only the first key signs', () => {
    const { signer } = rotating
    expect(signer?.kid).toBe('next')
    expect(outcome(forge({ key: next }), rotating)).toBe('accepted')
  })

  test('S74: an expired token stays TOKEN_EXPIRED while keys rotate', () => {
    const payload = { iat: (ACCESS.iat as number) - 1000, exp: (ACCESS.iat as number) - 100 }
    expect(outcome(forge({ key: old, payload }), rotating)).toBe('TOKEN_EXPIRED')
    expect(outcome(forge({ key: next, payload }), rotating)).toBe('TOKEN_EXPIRED')
  })
})

describe('signing', () => {
  const key = codec.signer
  if (key === undefined) throw new TypeError('a signer was expected')

  test('TOK-08: refuses to make a token that is too long to be read', () => {
    expect(() => codec.sign(key, 'access', { ...ACCESS, x: 'a'.repeat(7000) })).toThrow(
      /^a token with these claims has \d+ bytes; 8192 is the most that is accepted$/,
    )
  })

  test.each([
    ['nesting that is too deep', JSON.parse(`${'['.repeat(20)}${']'.repeat(20)}`)],
    ['a __proto__ inside', JSON.parse('{"__proto__":1}')],
  ])('TOK-09: refuses to make a token with %s, which nobody could read', (_, x) => {
    expect(() => codec.sign(key, 'access', { ...ACCESS, x })).toThrow(TypeError)
  })

  test('TOK-07: every token it makes is one that it reads', () => {
    for (let length = 0; length < 12; length++) {
      expect(outcome(codec.sign(key, 'access', { ...ACCESS, x: 'ä'.repeat(length) }), codec)).toBe('accepted')
    }
    expect(SECRET.length).toBeGreaterThanOrEqual(64)
  })
})
