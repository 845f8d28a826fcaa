import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Algorithm, KeyOptions } from '../../src/core/keys.ts'

/** The secret of every test that does not care: 64 bytes, long enough for each HS*. */
export const SECRET = 'test-secret/4Jk9vQ2mX7pLw0RzTn5BcYhUe8GdFaSi/never-in-production'

/** Another one, as good. */
export const OTHER_SECRET = 'other-secret/Zq1oN6yMv3HtKx8WbEr5PjLc2DfGuAs7/not-in-production'

export interface TestKey {
  readonly alg: Algorithm
  readonly kid: string
  /** What signs: the secret or the private key. */
  readonly signing: string | KeyObject
  /** What an instance that only verifies may have; the secret itself where there is no public half. */
  readonly verifying: string | KeyObject
}

const made = new Map<string, TestKey>()

/** The test key of an algorithm, made once for each test file and name. */
export function testKey(alg: Algorithm, name: string = alg.toLowerCase()): TestKey {
  let key = made.get(name)
  if (key === undefined) {
    key = make(alg, name)
    made.set(name, key)
  }
  return key
}

/** The option that signs and verifies with a test key. */
export function signs({ alg, kid, signing }: TestKey): KeyOptions {
  return { alg, kid, key: signing }
}

/** The option that only verifies with it. */
export function verifies({ alg, kid, verifying }: TestKey): KeyOptions {
  return { alg, kid, key: verifying }
}

function make(alg: Algorithm, kid: string): TestKey {
  if (alg.startsWith('HS')) {
    const secret = kid === alg.toLowerCase() ? SECRET : `${kid}/${OTHER_SECRET}`
    return { alg, kid, signing: secret, verifying: secret }
  }
  const { privateKey, publicKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { alg, kid, signing: privateKey, verifying: publicKey }
}
