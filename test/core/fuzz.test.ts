import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { Codec } from '../../src/core/codec.ts'
import { Refusal } from '../../src/core/refusal.ts'
import { encode, forge } from '../harness/forge.ts'
import { carrier, openAuthX, testSettings } from '../harness/instance.ts'
import { signs, testKey } from '../harness/keys.ts'

const KEYS = [{ ...testKey('HS256'), kid: 'default' }, testKey('RS256'), testKey('ES256')]
const codec = new Codec(testSettings({ keys: KEYS.map(signs) }))
const TOKENS = KEYS.map((key) => forge({ key }))

/** Whatever a token is, the answer is a refusal that asks for authentication. */
function isRefused(token: string): void {
  const verified = codec.verify(token)
  expect(verified).toBeInstanceOf(Refusal)
  expect((verified as Refusal).code).toBe('UNAUTHENTICATED')
}

const anyJson = fc.json({ maxDepth: 20, depthSize: 'large' })
const segment = fc.oneof(anyJson.map(encode), fc.uint8Array({ maxLength: 200 }).map(encode), fc.string())

describe('TOK-15', () => {
  test('TOK-15: the tokens that are about to be mutated are good', () => {
    expect(TOKENS.map((token) => codec.verify(token) instanceof Refusal)).toEqual([false, false, false])
  })

  test('TOK-15: refuses any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), isRefused), { numRuns: 500 })
  })

  test('TOK-15: refuses any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(bytes, (text) => isRefused(Buffer.from(text).toString('latin1'))),
      { numRuns: 500 },
    )
  })

  test('TOK-15: refuses any three segments', () => {
    fc.assert(
      fc.property(segment, segment, segment, (...parts) => isRefused(parts.join('.'))),
      { numRuns: 500 },
    )
  })

  test('TOK-15: refuses a good token with any one character replaced, inserted or taken out', () => {
    const mutation = fc.record({
      token: fc.constantFrom(...TOKENS),
      at: fc.nat(),
      removed: fc.integer({ min: 0, max: 1 }),
      inserted: fc.string({ unit: 'binary', maxLength: 1 }),
    })
    fc.assert(
      fc.property(mutation, ({ token, at, removed, inserted }) => {
        const place = at % token.length
        const mutated = token.slice(0, place) + inserted + token.slice(place + removed)
        fc.pre(mutated !== token)
        isRefused(mutated)
      }),
      { numRuns: 1000 },
    )
  })

  test('TOK-15: refuses any payload under a signature that holds, unless it is one of ours', () => {
    const [key] = KEYS
    fc.assert(
      fc.property(fc.oneof(anyJson, fc.uint8Array()), (payload) =>
        isRefused(forge({ ...(key && { key }), payload })),
      ),
      { numRuns: 500 },
    )
  })

  test('TOK-15: answers any claim of any kind under a signature that holds, and never throws', () => {
    const names = [
      'sub',
      'jti',
      'sid',
      'ue',
      'iat',
      'exp',
      'nbf',
      'auth_time',
      'type',
      'fresh',
      'scope',
      'scopes',
      'iss',
      'aud',
      'gen',
      'x',
    ]
    const value = fc.oneof(fc.anything(), fc.integer(), fc.double(), fc.string())
    const claims = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3, noNullPrototype: true })
    fc.assert(
      fc.property(claims, (payload) => {
        fc.pre(isJson(payload))
        const verified = codec.verify(forge({ payload }))
        if (verified instanceof Refusal) expect(verified.code).toBe('UNAUTHENTICATED')
        else expect(verified.claims).toMatchObject({ type: 'access' })
      }),
      { numRuns: 1000 },
    )
  })

  test('TOK-15: a request with any Authorization header is answered by a text, nothing, or a refusal', () => {
    const { authx } = openAuthX()
    const header = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string().map((text) => `Bearer ${text}`),
    )
    fc.assert(
      fc.property(fc.array(header, { maxLength: 2 }), (authorization) => {
        try {
          const found = authx.getTokenFromRequest(carrier({ authorization }))
          expect(found === null || typeof found.token === 'string').toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ reason: 'CREDENTIALS_AMBIGUOUS' })
        }
      }),
    )
  })

  test.each([
    ['one long segment', (size: number) => 'A'.repeat(size)],
    ['dots', (size: number) => '.'.repeat(size)],
    ['nearly a token', (size: number) => `${'A'.repeat(size / 2)}.${'A'.repeat(size / 2)}.!`],
    ['deep nesting', (size: number) => `${encode('['.repeat(size))}.${encode('{}')}.AAAA`],
    ['many names', (size: number) => `${encode(`{${'"a":1,'.repeat(size / 6)}"b":1}`)}.${encode('{}')}.AAAA`],
  ])('TOK-15: a huge input of %s is refused unread', (_, make) => {
    const parse = vi.spyOn(JSON, 'parse')
    isRefused(make(5_000_000))
    const { length } = parse.mock.calls
    parse.mockRestore()
    expect(length).toBe(0)
  })
})

/** Whether a value has a JSON text; `anything` also makes bigints, cycles and objects without a prototype. */
function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}
