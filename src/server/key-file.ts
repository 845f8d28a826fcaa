import { generateKeyPairSync, randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigurationError } from '../core/configuration-error.ts'
import { type Algorithm, type Jwk, type KeyOptions, MINIMUM_SECRET_BYTES } from '../core/keys.ts'

/** Milliseconds that a process waits for others that change the same file, all in all and at once. */
const PATIENCE = 5000
const PAUSE = 20

/** A new private key or secret as a JWK (RFC 7517), with its algorithm and a kid of its own. */
export function generateKey(alg: Algorithm): Jwk {
  const kid = randomBytes(9).toString('base64url')
  const bytes = MINIMUM_SECRET_BYTES[alg]
  if (bytes !== undefined)
    return { kty: 'oct', alg, kid, use: 'sig', k: randomBytes(bytes).toString('base64url') }
  const { privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), alg, kid, use: 'sig' }
}

/**
 * Reads a JWK Set as keys; the first signs.
 *
 * @throws ConfigurationError naming the file
 */
export function readKeyFile(path: string): KeyOptions[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigurationError(
      `AUTHX_KEYS_FILE: ${path} cannot be read; make one with: graphql-authx keys generate --file ${path}`,
      { cause },
    )
  }
  const keys = parseKeys(text)
  if (keys === undefined) {
    throw new ConfigurationError(`${path}: must be a JWK Set: {"keys": [{"kty": …, "alg": …, "kid": …}]}`)
  }
  return keys.map((key) => ({ key }))
}

/** Whether others than the owner may read a file. */
export function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0
}

/**
 * Makes a key file with one new key, unless there is one. Readable by its owner only.
 *
 * Of several processes that start together one makes it, whole, and all read the same.
 */
export function ensureKeyFile(path: string, key: Jwk = generateKey('HS256')): boolean {
  mkdirSync(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeKeys(draft, [key])
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Puts a new key first into a key file, so that it signs and the ones before it still verify. Of several processes that do so together each waits for the others.
 *
 * @returns how many there were before
 * @throws ConfigurationError where it cannot be read, or stays locked
 */
export async function addKey(path: string, key: Jwk): Promise<number> {
  mkdirSync(dirname(path), { recursive: true })
  const lock = `${path}.lock`
  await takeLock(lock, path)
  const draft = `${path}.${process.pid}.new`
  try {
    // A server that starts makes its file without the lock, but only where there is none.
    if (ensureKeyFile(path, key)) return 0
    const existing = readKeyFile(path)
    writeKeys(draft, [key, ...existing.map((one) => one.key as Jwk)])
    renameSync(draft, path)
    return existing.length
  } finally {
    rmSync(draft, { force: true })
    rmSync(lock, { force: true })
  }
}

async function takeLock(lock: string, path: string): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    try {
      closeSync(openSync(lock, 'wx', 0o600))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    await sleep(PAUSE)
  }
  throw new ConfigurationError(`${path}: another process is changing it; where none is, remove ${lock}`)
}

function writeKeys(path: string, keys: readonly Jwk[]): void {
  writeFileSync(path, `${JSON.stringify({ keys }, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  chmodSync(path, 0o600)
}

function parseKeys(text: string): Jwk[] | undefined {
  try {
    const { keys } = JSON.parse(text) as { keys?: unknown }
    const isSet =
      Array.isArray(keys) && keys.length > 0 && keys.every((key) => typeof key === 'object' && key !== null)
    return isSet ? (keys as Jwk[]) : undefined
  } catch {
    return undefined
  }
}
