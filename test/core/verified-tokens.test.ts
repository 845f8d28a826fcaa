import jwt from 'jsonwebtoken'
import { describe, expect, test } from 'vitest'
import { Codec } from '../../src/core/codec.ts'
import { TokenIssuer } from '../../src/core/issuer.ts'
import { Refusal } from '../../src/core/refusal.ts'
import { VerifiedTokens } from '../../src/core/verified-tokens.ts'
import type { AuthXOptions } from '../../src/index.ts'
import { settableClock } from '../harness/clock.ts'
import { forge } from '../harness/forge.ts'
import { testSettings } from '../harness/instance.ts'
import { signs, testKey } from '../harness/keys.ts'
import { verifications } from '../harness/verifications.ts'

const HS = testKey('HS256')

async function issue(options: AuthXOptions = {}) {
  const clock = settableClock()
  const settings = testSettings({ leeway: 0, clock, ...options })
  const codec = new Codec(settings)
  const issuer = new TokenIssuer(settings, codec)
  const make = async (claims: object = {}) =>
    issuer.access({ sub: 'ada', claims } as never, await settings.blocklist.readEpoch('', 'ada'))
  return { clock, codec, make }
}

describe('a verified token is remembered', () => {
  test('REV-19: its signature is computed no more once it came twice, and its time is looked at each time', async () => {
    const { clock, codec, make } = await issue()
    const token = await make()
    expect(verifications(() => [codec.verify(token), codec.verify(token)])).toBe(2)
    expect(verifications(() => codec.verify(token))).toBe(0)
    clock.advance(899)
    expect(codec.verify(token)).toMatchObject({ claims: { sub: 'ada' } })
    clock.advance(1)
    expect(codec.verify(token)).toMatchObject({ reason: 'TOKEN_EXPIRED' })
    expect(verifications(() => codec.verify(token))).toBe(1)
  })

  test.each([
    ['nbf', 30, 0],
    ['auth_time', 0, 30],
  ])(
    'REV-19: one whose %s the clock has not reached any more is early again',
    (name, notBefore, authTime) => {
      const clock = settableClock()
      const codec = new Codec(testSettings({ leeway: 0, clock, keys: [signs(HS)] }))
      const now = Math.floor(clock() / 1000)
      const token = forge({
        key: HS,
        payload: { iat: now, exp: now + 900, nbf: now + notBefore, auth_time: now + authTime },
      })
      clock.advance(40)
      for (let times = 0; times < 3; times += 1)
        expect([name, codec.verify(token)]).toMatchObject([name, { header: {} }])
      clock.advance(-20)
      expect(codec.verify(token)).toBeInstanceOf(Refusal)
    },
  )

  test('REV-19: a clock that was set back makes it early again', async () => {
    const { clock, codec, make } = await issue()
    const token = await make()
    for (let times = 0; times < 2; times += 1) codec.verify(token)
    clock.advance(-60)
    expect(codec.verify(token)).toBeInstanceOf(Refusal)
  })

  test('REV-19: by its exact text: no other spelling, prefix or signature finds it', async () => {
    const { codec, make } = await issue()
    const token = await make()
    for (let times = 0; times < 2; times += 1) codec.verify(token)
    for (const other of [
      // The same signature, of other claims.
      [...(await make({ role: 'admin' })).split('.').slice(0, 2), token.split('.')[2]].join('.'),
      `${token}=`,
      token.slice(0, -1),
      `${token} `,
      `${token.slice(0, -2)}AA`,
      token.toUpperCase(),
    ]) {
      expect(codec.verify(other)).toBeInstanceOf(Refusal)
    }
  })

  test('and shared: nobody can change what the next one reads', async () => {
    const { codec, make } = await issue()
    const token = await make()
    codec.verify(token)
    const { claims, header } = codec.verify(token) as { claims: { sub: string }; header: { kid: string } }
    expect(codec.verify(token)).toHaveProperty('claims', claims)
    expect(() => {
      claims.sub = 'mallory'
    }).toThrow(TypeError)
    expect(() => {
      header.kid = 'other'
    }).toThrow(TypeError)
  })

  test('a bad one is not: however many there are, none is kept', async () => {
    const { codec, make } = await issue()
    const token = await make()
    const { header } = jwt.decode(token, { complete: true }) as jwt.Jwt
    const forged = jwt.sign({ ...(jwt.decode(token) as object), jti: 'x' }, 'q'.repeat(32), {
      header: { ...header, alg: 'HS256' },
    })
    const three = (text: string) => () => [1, 2, 3].map(() => codec.verify(text))
    expect(verifications(three(forged))).toBe(3)
    expect(verifications(three(`${token.slice(0, -4)}AAAA`))).toBe(3)
  })

  test('nor is one that came once: however many there are, they push out none that came twice', async () => {
    const { codec, make } = await issue({ rememberedTokens: 4 })
    const token = await make()
    for (let times = 0; times < 2; times += 1) codec.verify(token)
    for (let others = 0; others < 100; others += 1) codec.verify(await make())
    expect(verifications(() => codec.verify(token))).toBe(0)
  })

  test('none is where rememberedTokens is 0, nor where time does not matter', async () => {
    const { codec, make } = await issue({ rememberedTokens: 0 })
    const token = await make()
    expect(verifications(() => [1, 2, 3].map(() => codec.verify(token)))).toBe(3)
    const other = await issue()
    const again = await other.make()
    const timeless = () => [1, 2, 3].map(() => other.codec.verify(again, { ignoreTime: true }))
    expect(verifications(timeless)).toBe(3)
  })
})

describe('what is remembered stays within its bound', () => {
  test('in number and in bytes, the least used going first', () => {
    const tokens = new VerifiedTokens<{ n: number }>(100)
    const keep = (token: string, n: number): void => {
      tokens.keep(token, { n })
      tokens.keep(token, { n })
    }
    for (let n = 0; n < 100_000; n += 1) {
      keep(`token-number-${n}`, n)
      // Used again and again, it stays.
      if (n > 0) tokens.find('token-number-0')
    }
    expect(tokens.size).toBe(100)
    expect([0, 1, 99_999].map((n) => tokens.find(`token-number-${n}`)?.n)).toEqual([0, undefined, 99_999])
    for (let n = 0; n < 100; n += 1) keep(`${'x'.repeat(8000)}${n}`, n)
    expect(tokens.bytes).toBeLessThanOrEqual(100 * 2048)
    expect(tokens.size).toBeLessThan(10)
  })

  test('two that end alike take turns, and neither is taken for the other', () => {
    const tokens = new VerifiedTokens<{ n: number }>(100)
    for (const n of [1, 2, 1]) {
      const token = `${n}, and the same signature`
      tokens.keep(token, { n })
      tokens.keep(token, { n })
      expect([1, 2].map((one) => tokens.find(`${one}, and the same signature`)?.n)).toEqual(
        [1, 2].map((one) => (one === n ? n : undefined)),
      )
    }
    expect(tokens.size).toBe(1)
  })
})
