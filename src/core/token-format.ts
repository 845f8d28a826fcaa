import { type Refusal, refuse } from './refusal.ts'
import { parseStrictObject, strictObject } from './strict-json.ts'

/** The longest token that is looked at, in bytes. */
export const LONGEST_TOKEN = 8192

const SEGMENTS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** How many low bits of a segment's last character carry nothing, by the segment's length modulo 4. */
const UNUSED_BITS: readonly number[] = [0, -1, 4, 2]

export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
}

/**
 * Takes a token's text apart, or says that it is malformed, before any cryptography.
 *
 * One token has one spelling here: three segments of canonical base64url (RFC 4648 section 3.5, RFC 7515 section 2), JSON objects
 * inside. Otherwise a verifier accepts up to 16 spellings of one signature, and a token blocked in one lives on in another.
 */
export function takeApart(token: string): TokenParts | Refusal {
  const segments = segmentsOf(token)
  const header = segments && readSegment(segments[0])
  const payload = segments && readSegment(segments[1])
  return header === undefined || payload === undefined ? refuse('TOKEN_MALFORMED') : { header, payload }
}

/** Header, payload and signature as they are written, if each is in canonical base64url. */
export function segmentsOf(token: string): readonly [string, string, string] | undefined {
  if (typeof token !== 'string' || token.length > LONGEST_TOKEN || !SEGMENTS.test(token)) return undefined
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  const header = token.slice(0, first)
  const payload = token.slice(first + 1, second)
  const signature = token.slice(second + 1)
  return isCanonical(header) && isCanonical(payload) && isCanonical(signature)
    ? [header, payload, signature]
    : undefined
}

/** The JSON object that is written in a segment, if all readers understand it alike. */
export function readSegment(segment: string): Record<string, unknown> | undefined {
  return parseStrictObject(Buffer.from(segment, 'base64url'))
}

/** The payload as jsonwebtoken has read it, if {@link readSegment} reads the same: its checks, which are those of `strictObject`, without parsing it once more. */
export function checkedPayload(value: unknown, segment: string): Record<string, unknown> | undefined {
  return strictObject(value, Buffer.from(segment, 'base64url'))
}

function isCanonical(segment: string): boolean {
  const unused = UNUSED_BITS[segment.length % 4] ?? -1
  if (unused < 0) return false
  return unused === 0 || (ALPHABET.indexOf(segment.charAt(segment.length - 1)) & ((1 << unused) - 1)) === 0
}
