import { describe, expect, test } from 'vitest'
import { RESERVED_CLAIMS } from '../../src/core/claims.ts'
import type { TokenInput } from '../../src/core/issuer.ts'
import { cases } from '../harness/cases.ts'
import { openAuthX } from '../harness/instance.ts'
import { signs, testKey, verifies } from '../harness/keys.ts'

/** The message that refuses an input, or `accepted`. */
async function outcome(input: unknown): Promise<string> {
  const { authx, store } = openAuthX()
  const given = input as TokenInput
  const made: readonly Promise<unknown>[] = [
    authx.createAccessToken(given),
    authx.createRefreshToken(given),
    authx.createTokenPair(given),
  ]
  const messages = made.map((token) =>
    token.then(
      () => 'accepted',
      (error: unknown) => {
        expect(error).toBeInstanceOf(TypeError)
        return (error as Error).message
      },
    ),
  )
  const answers = new Set(await Promise.all(messages))
  expect(answers.size).toBe(1)
  if (!answers.has('accepted')) expect(store.calls).toEqual([])
  return [...answers].join()
}

describe('what cannot be said', () => {
  test.each([...RESERVED_CLAIMS])('S81: a claim of your own named %s', async (name) => {
    const claims = JSON.parse(`{"${name}":1}`) as Record<string, unknown>
    expect(await outcome({ sub: 'ada', claims })).toBe(
      `claims.${name}: this name is set by graphql-authx; choose another`,
    )
  })

  test.each(cases('', 'x'.repeat(256), 5, null, undefined, ['ada'], {}))('CLM-06: sub: %o', async (sub) => {
    expect(await outcome({ sub })).toBe('sub: must be a text of 1 to 255 characters')
  })

  test.each(cases('read', [''], ['a b'], ['a"b'], ['a\\b'], ['ä'], [5], [null], {}))(
    'CLM-11: scopes: %o',
    async (scopes) => {
      expect(await outcome({ sub: 'ada', scopes })).toMatch(/^scopes: must be a list of texts/)
    },
  )

  test.each([
    { fresh: 'yes' },
    { sid: '' },
    { sid: 'x'.repeat(256) },
    { sid: 5 },
    { authTime: '1750000000' },
    { authTime: -1 },
    { authTime: 0.5 },
    { audience: '' },
    { audience: [] },
    { audience: ['api', 5] },
    { claims: 'text' },
  ])('what no verifier would accept: %o', async (parts) => {
    const [name] = Object.keys(parts)
    expect(await outcome({ sub: 'ada', ...parts })).toMatch(new RegExp(`^${name}: must be `))
  })

  test.each([0, -1, 0.5, 901, Number.NaN, Number.POSITIVE_INFINITY, '60'])(
    'CLM-02: expiresIn: %o',
    async (expiresIn) => {
      const { authx } = openAuthX()
      await expect(authx.createAccessToken({ sub: 'ada', expiresIn: expiresIn as number })).rejects.toThrow(
        new TypeError('expiresIn: must be a whole number of seconds from 1 to 900 (see maxTokenAge)'),
      )
    },
  )

  test('TOK-08: more than a token can hold', async () => {
    const { authx } = openAuthX()
    const claims = { text: 'x'.repeat(7000) }
    await expect(authx.createAccessToken({ sub: 'ada', claims })).rejects.toThrow(/8192 is the most/)
  })

  test('anything, without a key that signs', async () => {
    const { authx } = openAuthX({ keys: [verifies(testKey('ES256')), signs(testKey('RS256'))] })
    await expect(authx.createAccessToken({ sub: 'ada' })).rejects.toThrow(/^keys\[0\]: only verifies/)
  })
})
