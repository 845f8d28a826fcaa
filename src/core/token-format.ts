import { type Refusal, refuse } from './refusal.ts'
import { parseStrictObject } from './strict-json.ts'

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
  if (typeof token !== 'string' || token.length > LONGEST_TOKEN || !SEGMENTS.test(token)) {
    return refuse('TOKEN_MALFORMED')
  }
  const segments = token.split('.')
  if (!segments.every(isCanonical)) return refuse('TOKEN_MALFORMED')
  const header = parseSegment(segments[0])
  const payload = parseSegment(segments[1])
  if (header === undefined || payload === undefined) return refuse('TOKEN_MALFORMED')
  return { header, payload }
}

function isCanonical(segment: string): boolean {
  const unused = UNUSED_BITS[segment.length % 4] ?? -1
  if (unused < 0) return false
  return (ALPHABET.indexOf(segment.at(-1) ?? '') & ((1 << unused) - 1)) === 0
}

function parseSegment(segment = ''): Record<string, unknown> | undefined {
  return parseStrictObject(Buffer.from(segment, 'base64url'))
}
