import { type Refusal, refuse } from './refusal.ts'

/** Which kind of token: one for fields, or one that only buys the next pair. */
export type TokenType = 'access' | 'refresh'

/** The `typ` header of each kind: RFC 9068 section 2.1 for access tokens, and its like for refresh tokens. */
export const TYP: Readonly<Record<TokenType, string>> = { access: 'at+jwt', refresh: 'rt+jwt' }

interface CommonClaims {
  /** Who: RFC 7519 section 4.1.2. */
  readonly sub: string
  readonly iss?: string
  readonly aud?: string | readonly string[]
  /** Seconds since the epoch, as are all times in a token. */
  readonly iat: number
  readonly exp: number
  readonly nbf?: number
  /** This one token. */
  readonly jti: string
  /** The session: the pair made at a login, and all that is refreshed from it. */
  readonly sid: string
  /** The subject's epoch at minting. "Everywhere" raises the counter, and older tokens are revoked. */
  readonly ue: number
  /** When the caller last gave credentials (OpenID Connect Core section 2). */
  readonly auth_time: number
  /** Space-separated (RFC 9068 section 2.2.3). */
  readonly scope?: string
  readonly scopes?: readonly string[]
  /** What a request with the token in a cookie has to show again in a header (signed double submit). */
  readonly csrf?: string
  /** Claims of your own. */
  readonly [name: string]: unknown
}

/** What an access token says (RFC 9068 section 2.2), verified. */
export interface AccessClaims extends CommonClaims {
  readonly type: 'access'
  /** Made at a login with credentials, not by a refresh. */
  readonly fresh: boolean
}

/** What a refresh token says, verified. */
export interface RefreshClaims extends CommonClaims {
  readonly type: 'refresh'
  /** How many times the session had been refreshed when this token was made. */
  readonly gen: number
}

/** What a token of either type says, verified; `type` tells them apart. */
export type Claims = AccessClaims | RefreshClaims

/** Claim names that are ours to set; a claim of the user's own may not bear one. */
export const RESERVED_CLAIMS: ReadonlySet<string> = new Set([
  'iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'type', 'fresh', 'csrf', 'sid', 'ue', 'auth_time', 'scope', 'scopes', 'gen',
  '__proto__',
]) // biome-ignore format: one list

/** The settings that claims are judged by. */
export interface ClaimRules {
  readonly issuer: string | undefined
  readonly audience: readonly string[]
  readonly leeway: number
  readonly maxTokenAge: Readonly<Record<TokenType, number>>
}

/**
 * Checks a payload whose signature holds. Every rule about claims is here; nothing is defaulted, nothing is coerced.
 *
 * `exp` and `nbf` against the clock are the codec's part: jsonwebtoken has judged them by then.
 *
 * @param now seconds since the epoch; undefined where time does not matter
 */
export function checkClaims(
  payload: Readonly<Record<string, unknown>>,
  rules: ClaimRules,
  now: number | undefined,
): Claims | Refusal {
  return isWellFormed(payload) &&
    isOurs(payload, rules) &&
    (now === undefined || hasRightTimes(payload, rules, now))
    ? (payload as unknown as Claims)
    : refuse('TOKEN_INVALID')
}

/** The scopes that a token carries, from `scope` and from `scopes`. */
export function scopesOf(claims: Claims): readonly string[] {
  return [...(claims.scope?.split(' ').filter(Boolean) ?? []), ...(claims.scopes ?? [])]
}

function isWellFormed(payload: Readonly<Record<string, unknown>>): boolean {
  const {
    sub,
    jti,
    sid,
    ue,
    iat,
    exp,
    nbf,
    auth_time: authTime,
    scope,
    scopes,
    csrf,
    type,
    fresh,
    gen,
  } = payload
  return (
    isName(sub) &&
    isName(jti) &&
    isName(sid) &&
    isCount(ue) &&
    isCount(iat) &&
    isCount(exp) &&
    isCount(authTime) &&
    (nbf === undefined || isCount(nbf)) &&
    (scope === undefined || typeof scope === 'string') &&
    (scopes === undefined || isStrings(scopes)) &&
    (csrf === undefined || typeof csrf === 'string') &&
    ((type === 'access' && typeof fresh === 'boolean') || (type === 'refresh' && isCount(gen)))
  )
}

function isOurs({ iss, aud }: Readonly<Record<string, unknown>>, { issuer, audience }: ClaimRules): boolean {
  if (issuer !== undefined ? iss !== issuer : iss !== undefined && typeof iss !== 'string') return false
  if (audience.length === 0) return aud === undefined
  if (typeof aud === 'string') return audience.includes(aud)
  return isStrings(aud) && aud.some((one) => audience.includes(one))
}

function hasRightTimes(payload: Readonly<Record<string, unknown>>, rules: ClaimRules, now: number): boolean {
  const { iat, exp, auth_time: authTime, type } = payload as unknown as Claims
  return (
    exp > iat &&
    exp - iat <= rules.maxTokenAge[type] &&
    iat <= now + rules.leeway &&
    authTime <= now + rules.leeway
  )
}

/** A text that may name a subject, a session or a token: 1 to 255 characters, none of them half of one, which stores would write as another. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 255 && value.isWellFormed()
}

/** A whole number from 0 on: a time in seconds, an epoch or a generation. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
