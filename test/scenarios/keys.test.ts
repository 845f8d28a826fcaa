import { expect, test } from 'vitest'
import { type Algorithm, type AuthXOptions, ConfigurationError, createAuthX } from '../../src/index.ts'
import { openAuthX } from '../harness/instance.ts'
import { SECRET, signs, testKey, verifies } from '../harness/keys.ts'
import { outcome } from '../harness/outcome.ts'

test.each<[algs: string, before: Algorithm, after: Algorithm]>([
  ['S69, S70, S71: from one secret to the next', 'HS256', 'HS256'],
  ['S73, S70, S71: from one RSA key to the next, of which only the public half is left', 'RS256', 'RS256'],
])(
  '%s, tokens of both verify, those of a stranger do not, and the new one signs',
  async (_, before, after) => {
    const [old, next] = [testKey(before, `old-${before}`), testKey(after, `next-${after}`)]
    // Under the same kid, so that nothing but the signature tells it from the new key.
    const stranger = { ...testKey(after, `stranger-${after}`), kid: next.kid }
    const mint = async (...keys: NonNullable<AuthXOptions['keys']>) =>
      openAuthX({ keys }).authx.createAccessToken({ sub: 'ada' })
    const keys = [signs(next), verifies(old)]
    const tokens = [await mint(signs(old)), await mint(...keys), await mint(signs(stranger))]
    const fates = async (...those: NonNullable<AuthXOptions['keys']>) =>
      Promise.all(tokens.map((token) => outcome(openAuthX({ keys: those }).authx.verify(token))))
    expect(await fates(...keys)).toEqual(['accepted', 'accepted', 'TOKEN_INVALID'])
    // Without the old key its tokens are a stranger's, and what was minted meanwhile is the new key's.
    expect(await fates(signs(next))).toEqual(['TOKEN_INVALID', 'accepted', 'TOKEN_INVALID'])
  },
)

test.each<[what: string, options: object, names: string]>([
  ['no key at all', {}, 'secret: missing'],
  ['an empty list of keys', { keys: [] }, 'keys: at least one key is needed'],
  ['a key without a key', { keys: [{ alg: 'HS256' }] }, 'keys[0].key: missing'],
  ['the algorithm none', { keys: [{ alg: 'none', key: SECRET }] }, 'keys[0].alg: must be one of'],
  [
    'an algorithm that we do not do',
    { keys: [{ alg: 'ES256K', key: SECRET }] },
    'keys[0].alg: must be one of',
  ],
])('S76: %s is an error of configuration when the instance is made', (_, options, names) => {
  const make = () => createAuthX(options)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(names)
})
