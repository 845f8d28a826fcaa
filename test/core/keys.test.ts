import {
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/core/configuration-error.ts'
import { createKeyRing, type KeyOptions, publicJwks } from '../../src/core/keys.ts'
import { SECRET, signs, testKey, verifies } from '../harness/keys.ts'

const RSA = testKey('RS256')
const EC = testKey('ES256')
const PSS = testKey('PS256')
const rsaJwk = (RSA.verifying as KeyObject).export({ format: 'jwk' })
const publicPem = (RSA.verifying as KeyObject).export({ format: 'pem', type: 'spki' }) as string
const privatePem = (RSA.signing as KeyObject).export({ format: 'pem', type: 'pkcs8' }) as string
const der = (key: KeyObject, type: 'spki' | 'pkcs1'): Buffer => key.export({ format: 'der', type }) as Buffer

/** The message that refuses a key, or `accepted`. */
function outcome(...keys: unknown[]): string {
  try {
    createKeyRing(keys as KeyOptions[])
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
}

describe('TOK-04', () => {
  test.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ] as const)('TOK-04: %s takes a secret of %i bytes and refuses a shorter one', (alg, least) => {
    expect(outcome({ alg, key: SECRET.slice(0, least) })).toBe('accepted')
    expect(outcome({ alg, key: SECRET.slice(0, least - 1) })).toMatch(
      `keys[0].key: ${alg} needs a secret of at least ${least} bytes, this one has ${least - 1}`,
    )
  })

  test.each([
    ['an empty text', ''],
    ['no bytes', new Uint8Array()],
    ['hex that is none', Buffer.from('not hexadecimal at all, but long enough', 'hex')],
    ['a KeyObject of no bytes', createSecretKey(Buffer.alloc(0))],
    ['a JWK of no bytes', { kty: 'oct', k: '' }],
    ['a JWK whose k is no base64url', { kty: 'oct', k: '!'.repeat(64) }],
  ])('TOK-04: refuses %s', (_, key) => {
    expect(outcome({ alg: 'HS256', key })).toMatch('needs a secret of at least 32 bytes, this one has 0')
  })

  test.each([
    'a-string-secret-at-least-256-bits-long',
    'a'.repeat(32),
    'abababababababababababababababab',
    '\0'.repeat(64),
  ])('TOK-04: refuses the guessable %j', (key) => {
    expect(outcome({ alg: 'HS256', key })).toMatch('keys[0].key: this secret is easy to guess')
    expect(outcome({ alg: 'HS256', key: Buffer.from(key) })).toMatch('easy to guess')
  })
})

describe('TOK-03', () => {
  test.each([
    ['a public PEM', publicPem],
    ['a PEM after a line feed', Buffer.from(`\n${publicPem}`)],
    ['a private PEM', privatePem],
    ['SPKI bytes', der(RSA.verifying as KeyObject, 'spki')],
    ['PKCS#1 bytes', der(RSA.verifying as KeyObject, 'pkcs1')],
    ['SPKI bytes of an EC key', createSecretKey(der(EC.verifying as KeyObject, 'spki'))],
    ['the text of a JWK', JSON.stringify(rsaJwk, null, 2)],
  ])('TOK-03: HS256 takes no %s for a secret', (_, key) => {
    expect(outcome({ alg: 'HS256', key })).toMatch(
      'HS256 takes a random secret, and this is a key of another kind',
    )
  })

  test('TOK-03: HS256 takes no asymmetric KeyObject and no asymmetric JWK', () => {
    expect(outcome({ alg: 'HS256', key: RSA.verifying })).toBe('keys[0].key: HS* needs a secret KeyObject')
    expect(outcome({ alg: 'HS256', key: rsaJwk })).toBe(
      'keys[0].key: HS* needs a JWK with "kty": "oct" and "k"',
    )
  })

  test('TOK-03: the others take no secret, no key of another kind and no text that is no key', () => {
    expect(outcome({ alg: 'RS256', key: createSecretKey(Buffer.from(SECRET)) })).toMatch(
      'keys[0].key: cannot be read',
    )
    expect(outcome({ alg: 'RS256', key: SECRET })).toMatch('keys[0].key: cannot be read')
    expect(outcome({ alg: 'RS256', key: EC.verifying })).toBe('keys[0].key: RS256 needs an RSA key')
    expect(outcome({ alg: 'PS256', key: EC.verifying })).toBe('keys[0].key: PS256 needs an RSA key')
    expect(outcome({ alg: 'ES256', key: RSA.verifying })).toMatch('ES256 needs an EC key on the curve P-256')
    const { publicKey } = generateKeyPairSync('ed25519')
    expect(outcome({ alg: 'RS256', key: publicKey })).toBe('keys[0].key: RS256 needs an RSA key')
  })

  test("TOK-03: a JWK's own alg and use bind it", () => {
    expect(outcome({ key: { ...rsaJwk, alg: 'RS256' } })).toBe('accepted')
    expect(outcome({ alg: 'PS256', key: { ...rsaJwk, alg: 'RS256' } })).toBe(
      'keys[0].alg: is PS256, but the JWK is for another algorithm',
    )
    expect(outcome({ alg: 'RS256', key: { ...rsaJwk, use: 'enc' } })).toBe(
      'keys[0].key: the JWK\'s "use" must be "sig"',
    )
  })
})

describe('TOK-05', () => {
  test('TOK-05: refuses RSA keys under 2048 bits', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    expect(outcome({ alg: 'RS256', key: publicKey })).toBe('keys[0].key: an RSA key needs at least 2048 bits')
  })

  test.each([
    [1, 'AQ'],
    [2, 'Ag'],
    [65536, 'AQAA'],
  ])('TOK-05: refuses the public exponent %i', (_, e) => {
    const key = createPublicKey({ key: { ...rsaJwk, e } as JsonWebKey, format: 'jwk' })
    expect(outcome({ alg: 'PS256', key })).toMatch("keys[0].key: the RSA key's public exponent must be odd")
  })

  test.each(['P-384', 'secp256k1'])('TOK-05: ES256 refuses the curve %s', (namedCurve) => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve })
    expect(outcome({ alg: 'ES256', key: publicKey })).toBe(
      'keys[0].key: ES256 needs an EC key on the curve P-256',
    )
  })
})

test.each([
  [[], 'keys: at least one key is needed'],
  [[null], 'keys[0].key: missing'],
  [[{ alg: 'HS256' }], 'keys[0].key: missing'],
  [[{ key: SECRET }], 'keys[0].alg: must be one of HS256, HS384, HS512, RS256, PS256, ES256'],
  [[{ alg: 'none', key: SECRET }], 'keys[0].alg: must be one of'],
  [[{ alg: 'toString', key: SECRET }], 'keys[0].alg: must be one of'],
  [[signs(EC), { alg: 'HS256', key: 5 }], 'keys[1].key: HS* needs a JWK'],
  [[signs(EC), verifies(EC)], 'keys[1].kid: another key has this kid'],
])('CLM-10: keys %# are refused by name', (keys, message) => {
  expect(outcome(...keys)).toMatch(message)
})

test.each(['', 'a b', "' OR 1=1", '../../dev/null', 'ä', 'a\n', 'k'.repeat(65), 5, {}])(
  'TOK-12: refuses %o as the kid of a key',
  (kid) => {
    expect(outcome({ alg: 'HS256', key: SECRET, kid })).toMatch(
      'keys[0].kid: must be 1 to 64 of the characters',
    )
  },
)

test('names a key by its RFC 7638 thumbprint, and a secret by no digest of it', () => {
  // The example of RFC 7638 section 3.1.
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  expect([...createKeyRing([{ alg: 'RS256', key: { kty: 'RSA', e: 'AQAB', n } }]).byKid.keys()]).toEqual([
    'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  ])
  expect([...createKeyRing([{ alg: 'HS256', key: SECRET }]).byKid.keys()]).toEqual(['default'])
})

test('only a secret or a private key in first place signs', () => {
  expect(createKeyRing([signs(EC), verifies(RSA)]).signer?.kid).toBe('es256')
  expect(createKeyRing([verifies(RSA), signs(EC)]).signer).toBeUndefined()
})

test('publishes public halves only, and no secret', () => {
  const { keys } = publicJwks(createKeyRing([signs(testKey('HS256')), signs(RSA), signs(PSS), signs(EC)]))
  expect(keys.map((key) => Object.keys(key).sort().join())).toEqual([
    'alg,e,kid,kty,n,use',
    'alg,e,kid,kty,n,use',
    'alg,crv,kid,kty,use,x,y',
  ])
  expect(keys.map(({ kid, alg, use }) => [kid, alg, use])).toEqual([
    ['rs256', 'RS256', 'sig'],
    ['ps256', 'PS256', 'sig'],
    ['es256', 'ES256', 'sig'],
  ])
})
