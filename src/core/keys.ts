import { createHash, createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto'
import { ConfigurationError } from './configuration-error.ts'

/** A JSON Web Key (RFC 7517 section 4). */
export interface Jwk {
  readonly kty?: string
  readonly kid?: string
  readonly alg?: string
  readonly [member: string]: unknown
}

/** The JWS algorithms there are keys for (RFC 7518 section 3.1). Each key is bound to exactly one. */
export const ALGORITHMS = ['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256'] as const

/** The name of a JWS algorithm that there are keys for. */
export type Algorithm = (typeof ALGORITHMS)[number]

/** One key of `createAuthX({ keys })`. The first signs; all verify. */
export interface KeyOptions {
  /** Names the key in the token header: 1 to 64 of `A-Z a-z 0-9 . _ -`. Default: the JWK's own, else its RFC 7638 thumbprint. */
  readonly kid?: string
  /** The only algorithm this key is ever used with. Default: the JWK's `alg`. */
  readonly alg?: Algorithm
  /**
   * HS*: a secret of at least 32, 48 or 64 bytes. Others: a PEM text, a JWK or a KeyObject. A private key signs and
   * verifies, a public one only verifies.
   */
  readonly key: string | Uint8Array | Jwk | KeyObject
}

/** A checked key, ready for use. */
export interface Key {
  readonly kid: string
  readonly alg: Algorithm
  readonly verifying: KeyObject
  readonly signing: KeyObject | undefined
}

/** All keys of an instance, found by `kid`. */
export interface KeyRing {
  readonly signer: Key | undefined
  readonly byKid: ReadonlyMap<string, Key>
}

const KID = /^[A-Za-z0-9._-]{1,64}$/
/** RFC 7518 section 3.2: at least as long as the digest. */
export const MINIMUM_SECRET_BYTES: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 }
const FEWEST_DISTINCT_BYTES = 8
const SECRET_KID = 'default'

/** Long enough to pass for a key, and printed in so many tutorials that anybody tries them first. */
const PUBLISHED_SECRETS: ReadonlySet<string> = new Set([
  'a-string-secret-at-least-256-bits-long',
  'a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long',
  'your-256-bit-secret-your-256-bit-secret',
  'your-super-secret-jwt-token-with-at-least-32-characters-long',
  'super-secret-jwt-token-with-at-least-32-characters-long',
  'thisisaverylongsecretkeythatshouldbeatleast32characters',
  'qwertyuiopasdfghjklzxcvbnm123456',
  '0123456789abcdef0123456789abcdef',
  '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'abcdefghijklmnopqrstuvwxyz123456',
  'abcdefghijklmnopqrstuvwxyz0123456789',
])

/**
 * Checks keys for kind, length and curve and makes them KeyObjects, once.
 *
 * @throws ConfigurationError naming the key and the mend (RFC 7518 sections 3.2 to 3.5, RFC 8725 sections 3.1 and 3.5)
 */
export function createKeyRing(options: readonly KeyOptions[]): KeyRing {
  if (options.length === 0) throw new ConfigurationError('keys: at least one key is needed')
  const byKid = new Map<string, Key>()
  for (const [index, entry] of options.entries()) {
    const key = readKey(entry, `keys[${index}]`)
    if (byKid.has(key.kid)) {
      throw new ConfigurationError(`keys[${index}].kid: another key has this kid; give each its own`)
    }
    byKid.set(key.kid, key)
  }
  const [first] = byKid.values()
  return Object.freeze({ signer: first?.signing === undefined ? undefined : first, byKid })
}

/** The ring of the option `secret`: one HS256 key, checked as any other. */
export function createSecretRing(secret: string | Uint8Array | KeyObject): KeyRing {
  const material = readSecret(secret, 'HS256', 'secret')
  const signer = Object.freeze({ kid: SECRET_KID, alg: 'HS256', verifying: material, signing: material })
  return Object.freeze({ signer, byKid: new Map([[signer.kid, signer]]) })
}

/** Public keys as a JWK Set (RFC 7517 section 5), for `/.well-known/jwks.json`. Secrets are left out. */
export function publicJwks(ring: KeyRing): { keys: Jwk[] } {
  const keys: Jwk[] = []
  for (const key of ring.byKid.values()) {
    if (key.verifying.type !== 'public') continue
    keys.push({ ...key.verifying.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' })
  }
  return { keys }
}

function readKey(entry: KeyOptions, where: string): Key {
  if (typeof entry !== 'object' || entry === null || entry.key === undefined || entry.key === null) {
    throw new ConfigurationError(`${where}.key: missing; give a secret, a PEM text, a JWK or a KeyObject`)
  }
  const jwk = isJwk(entry.key) ? entry.key : undefined
  const alg = entry.alg ?? jwk?.alg
  if (!isAlgorithm(alg)) {
    throw new ConfigurationError(`${where}.alg: must be one of ${ALGORITHMS.join(', ')}`)
  }
  if (jwk?.alg !== undefined && jwk.alg !== alg) {
    throw new ConfigurationError(`${where}.alg: is ${alg}, but the JWK is for another algorithm`)
  }
  if (jwk?.use !== undefined && jwk.use !== 'sig') {
    throw new ConfigurationError(`${where}.key: the JWK's "use" must be "sig"`)
  }
  const isSecret = alg.startsWith('HS')
  const material = isSecret ? readSecret(entry.key, alg, `${where}.key`) : readAsymmetric(entry.key, where)
  if (!isSecret) checkAsymmetric(material, alg, where)
  const verifying = material.type === 'private' ? createPublicKey(material) : material
  const kid = entry.kid ?? (typeof jwk?.kid === 'string' ? jwk.kid : defaultKid(verifying))
  if (typeof kid !== 'string' || !KID.test(kid)) {
    throw new ConfigurationError(`${where}.kid: must be 1 to 64 of the characters A-Z a-z 0-9 . _ -`)
  }
  return Object.freeze({ kid, alg, verifying, signing: material.type === 'public' ? undefined : material })
}

function readSecret(input: KeyOptions['key'], alg: Algorithm, name: string): KeyObject {
  const secret = importSecret(input, name)
  const bytes = secret.export()
  const minimum = MINIMUM_SECRET_BYTES[alg] ?? Number.POSITIVE_INFINITY
  if (bytes.length < minimum) {
    throw new ConfigurationError(
      `${name}: ${alg} needs a secret of at least ${minimum} bytes, this one has ${bytes.length}${bytes.length === 0 ? ' (is the environment variable set?)' : ''}; make one with: openssl rand -hex ${minimum}`,
    )
  }
  const text = bytes.toString('latin1')
  if (PUBLISHED_SECRETS.has(text) || new Set(bytes).size < FEWEST_DISTINCT_BYTES) {
    throw new ConfigurationError(
      `${name}: this secret is easy to guess; make one with: openssl rand -hex ${minimum}`,
    )
  }
  if (text.includes('-----BEGIN') || isPublicKeyText(bytes)) {
    throw new ConfigurationError(
      `${name}: ${alg} takes a random secret, and this is a key of another kind; name its own algorithm`,
    )
  }
  return secret
}

function importSecret(input: KeyOptions['key'], name: string): KeyObject {
  if (input instanceof KeyObject) {
    if (input.type !== 'secret') throw new ConfigurationError(`${name}: HS* needs a secret KeyObject`)
    return input
  }
  if (isJwk(input)) {
    if (input.kty !== 'oct' || typeof input.k !== 'string') {
      throw new ConfigurationError(`${name}: HS* needs a JWK with "kty": "oct" and "k"`)
    }
    return createSecretKey(Buffer.from(input.k, 'base64url'))
  }
  return createSecretKey(typeof input === 'string' ? Buffer.from(input, 'utf8') : input)
}

function readAsymmetric(input: KeyOptions['key'], where: string): KeyObject {
  try {
    if (input instanceof KeyObject) {
      if (input.type === 'secret') throw new TypeError('a secret')
      return input
    }
    if (isJwk(input)) {
      return 'd' in input
        ? createPrivateKey({ key: input, format: 'jwk' })
        : createPublicKey({ key: input, format: 'jwk' })
    }
    const pem = typeof input === 'string' ? input : Buffer.from(input).toString('utf8')
    return pem.includes('PRIVATE KEY') ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    throw new ConfigurationError(
      `${where}.key: cannot be read; give an unencrypted PEM text, a JWK, or a public or private KeyObject`,
    )
  }
}

function checkAsymmetric(key: KeyObject, alg: Algorithm, where: string): void {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = key
  if (alg === 'ES256') {
    if (kind !== 'ec' || details?.namedCurve !== 'prime256v1') {
      throw new ConfigurationError(`${where}.key: ES256 needs an EC key on the curve P-256`)
    }
    return
  }
  if (kind !== 'rsa') throw new ConfigurationError(`${where}.key: ${alg} needs an RSA key`)
  if ((details?.modulusLength ?? 0) < 2048) {
    throw new ConfigurationError(`${where}.key: an RSA key needs at least 2048 bits`)
  }
  const exponent = details?.publicExponent ?? 0n
  if (exponent < 3n || exponent % 2n === 0n) {
    throw new ConfigurationError(`${where}.key: the RSA key's public exponent must be odd and greater than 1`)
  }
}

function isJwk(input: KeyOptions['key']): input is Jwk {
  return !(typeof input === 'string' || input instanceof Uint8Array || input instanceof KeyObject)
}

export function isAlgorithm(value: unknown): value is Algorithm {
  return (ALGORITHMS as readonly unknown[]).includes(value)
}

/** Whether bytes meant as a secret are really a public key: its DER form, or the text of a JWK. */
function isPublicKeyText(bytes: Buffer): boolean {
  if (/^\s*\{.*"kty"/s.test(bytes.toString('latin1'))) return true
  for (const type of ['spki', 'pkcs1'] as const) {
    try {
      createPublicKey({ key: bytes, format: 'der', type })
      return true
    } catch {
      // Not this encoding, then.
    }
  }
  return false
}

function defaultKid(key: KeyObject): string {
  // A digest of a secret would let anyone test guesses at it, so a secret without a kid gets a fixed one.
  if (key.type === 'secret') return SECRET_KID
  const { e, n, kty, crv, x, y } = key.export({ format: 'jwk' })
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}
