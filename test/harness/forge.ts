import { constants, createHmac, type KeyObject, sign } from 'node:crypto'
import { NOW } from './clock.ts'
import { type TestKey, testKey } from './keys.ts'

/** A part of a token: an object becomes JSON, a text or bytes are taken as they are. */
export type Part = Readonly<Record<string, unknown>> | string | Uint8Array

export interface Forgery {
  /** Whose signature it bears. @default the HS256 test key under the kid `default` */
  readonly key?: TestKey
  /** Added to `alg`, `typ` and `kid`, or the whole header's text or bytes. */
  readonly header?: Part
  /** Added to the claims of a good access token, or the whole payload's text or bytes. `undefined` takes a claim out. */
  readonly payload?: Part
}

const DEFAULT_KEY: TestKey = { ...testKey('HS256'), kid: 'default' }

/** What a good access token claims at {@link NOW}. */
export const ACCESS: Readonly<Record<string, unknown>> = Object.freeze({
  sub: 'ada',
  jti: 'jti-of-a-forged-token',
  sid: 'sid-of-a-forged-token',
  ue: 0,
  iat: NOW / 1000,
  exp: NOW / 1000 + 900,
  auth_time: NOW / 1000,
  type: 'access',
  fresh: false,
})

/** What makes a refresh token of an access token's claims, for {@link Forgery.payload}. */
export const REFRESH: Readonly<Record<string, unknown>> = Object.freeze({
  type: 'refresh',
  fresh: undefined,
  gen: 0,
})

/** Makes a token by hand, with node:crypto only, so that it may say anything under a signature that holds. */
export function forge({ key = DEFAULT_KEY, header = {}, payload = {} }: Forgery = {}): string {
  const input = `${encode(withDefaults({ alg: key.alg, typ: 'at+jwt', kid: key.kid }, header))}.${encode(withDefaults(ACCESS, payload))}`
  return `${input}.${signature(key, input)}`
}

/** Forges a refresh token; see {@link forge}. */
export function forgeRefresh({ key = DEFAULT_KEY, header = {}, payload = {} }: Forgery = {}): string {
  return forge({
    key,
    header: withDefaults({ typ: 'rt+jwt' }, header),
    payload: withDefaults(REFRESH, payload),
  })
}

/** The base64url text of a signature over a text. */
export function signature({ alg, signing }: TestKey, input: string): string {
  const data = Buffer.from(input)
  if (alg.startsWith('HS')) {
    return createHmac(`sha${alg.slice(2)}`, signing as string)
      .update(data)
      .digest('base64url')
  }
  const key = signing as KeyObject
  if (alg === 'ES256') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
  if (alg === 'RS256') return sign('sha256', data, key).toString('base64url')
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return sign('sha256', data, { key, padding, saltLength: 32 }).toString('base64url')
}

/** Base64url of a part. */
export function encode(part: Part): string {
  const bytes = typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part)
  return Buffer.from(bytes as string).toString('base64url')
}

/** What a token's segment says. */
export function decode(token: string, segment: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[segment] ?? '', 'base64url').toString('utf8'))
}

function withDefaults(defaults: Readonly<Record<string, unknown>>, part: Part): Part {
  return typeof part === 'string' || part instanceof Uint8Array ? part : { ...defaults, ...part }
}
