import { createHmac } from 'node:crypto'
import { skip } from './audit.ts'

/** A token in its three segments. */
interface Segments {
  readonly header: Readonly<Record<string, unknown>>
  readonly parts: readonly [string, string, string]
}

/** A token that nobody signed so, and what was done to it. */
export interface Forged {
  readonly name: string
  readonly token: string
}

/** The segments of a signed JWT; where it is none, the audit is skipped. */
function segments(token: string): Segments {
  const parts = token.split('.')
  const [first = '', second = '', third = ''] = parts
  const header = parts.length === 3 ? json(first) : undefined
  if (header === undefined || json(second) === undefined) return skip('the token is no signed JWT')
  return { header, parts: [first, second, third] }
}

/** The claims of a signed JWT, unverified; undefined where it is none. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [header = '', payload = '', ...rest] = token.split('.')
  return rest.length === 1 && json(header) !== undefined ? json(payload) : undefined
}

/** The header of a token. */
export function headerOf(token: string): Readonly<Record<string, unknown>> {
  return segments(token).header
}

/** Other signatures under the same claims. */
export function wronglySigned(token: string): readonly Forged[] {
  const [header, payload, signature] = segments(token).parts
  const bytes = Buffer.from(signature, 'base64url')
  const flipped = (at: number): string => {
    const changed = Buffer.from(bytes)
    changed.writeUInt8((changed[at] ?? 0) ^ 1, at)
    return changed.toString('base64url')
  }
  const signed = `${header}.${payload}`
  return [
    { name: 'the first bit of its signature changed', token: `${signed}.${flipped(0)}` },
    { name: 'the last bit of its signature changed', token: `${signed}.${flipped(bytes.length - 1)}` },
    { name: 'half of its signature', token: `${signed}.${signature.slice(0, signature.length >> 1)}` },
    { name: 'no signature', token: `${signed}.` },
    { name: 'no third segment', token: signed },
  ]
}

/** Other claims under the same signature. */
export function wronglyClaimed(token: string): readonly Forged[] {
  const [header, payload, signature] = segments(token).parts
  const claims = json(payload) ?? {}
  const claiming = (more: object): string => `${header}.${encode({ ...claims, ...more })}.${signature}`
  return [
    { name: 'another subject', token: claiming({ sub: 'somebody-else' }) },
    { name: 'a later expiry', token: claiming({ exp: 9_999_999_999 }) },
    { name: 'more scopes', token: claiming({ scope: 'admin', roles: ['admin'] }) },
  ]
}

/** The same claims, unsigned (RFC 8725 section 2.1). */
export function unsigned(token: string): readonly Forged[] {
  const { header, parts } = segments(token)
  const [, payload, signature] = parts
  return ['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => [
    { name: `alg "${alg}" and no signature`, token: `${encode({ ...header, alg })}.${payload}.` },
    {
      name: `alg "${alg}" and the old signature`,
      token: `${encode({ ...header, alg })}.${payload}.${signature}`,
    },
  ])
}

/** The same claims under another algorithm's name. */
export function otherAlgorithms(token: string): readonly Forged[] {
  const { header, parts } = segments(token)
  const [, payload, signature] = parts
  return ['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256', 'EdDSA']
    .filter((alg) => alg !== header.alg)
    .map((alg) => ({ name: `alg ${alg}`, token: `${encode({ ...header, alg })}.${payload}.${signature}` }))
}

/** The same claims, signed with a text as HMAC secret. */
export function signedWith(token: string, secrets: Readonly<Record<string, string>>): readonly Forged[] {
  const { header, parts } = segments(token)
  return Object.entries(secrets).map(([name, secret]) => {
    const input = `${encode({ ...header, alg: 'HS256' })}.${parts[1]}`
    return { name, token: `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}` }
  })
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

function json(segment: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const read: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'))
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
