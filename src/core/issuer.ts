import type { EpochReading } from './blocklist.ts'
import { isCount, isName, RESERVED_CLAIMS, type TokenType } from './claims.ts'
import type { Codec } from './codec.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { Key } from './keys.ts'
import { isScope } from './scopes.ts'
import type { SessionRecord } from './session-store.ts'
import type { Settings } from './settings.ts'

/** What a new token says. */
export interface TokenInput {
  /** Who it is for: the `sub` claim, 1 to 255 characters. */
  readonly sub: string
  /** Access tokens only: credentials were given just now. @default false */
  readonly fresh?: boolean
  readonly scopes?: readonly string[]
  /** Claims of your own; names that this library sets are refused. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Instead of the configured audience. */
  readonly audience?: string | readonly string[]
  /** Seconds, at most `maxTokenAge`; of a pair, those of the access token. @default the configured lifetime */
  readonly expiresIn?: number
  /** The session it belongs to. @default a new one */
  readonly sid?: string
  /** Seconds since the epoch when credentials were given. @default now */
  readonly authTime?: number
}

/** What a successor takes over from the token before. */
export interface MintInput extends TokenInput {
  /** @default the configured issuer */
  readonly iss?: string
  /** The double-submit value. @default a new one, while tokens travel in cookies */
  readonly csrf?: string | undefined
}

const INPUT_NAMES: ReadonlySet<string> = new Set<keyof TokenInput>([
  'sub',
  'fresh',
  'scopes',
  'claims',
  'audience',
  'expiresIn',
  'sid',
  'authTime',
])

/** What a login or a refresh answers with (RFC 6749 section 5.1). */
export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
  /** The double-submit value of both tokens; null while none travels in a cookie. */
  readonly csrfToken: string | null
  readonly tokenType: 'Bearer'
  /** Seconds that the access token lives. */
  readonly expiresIn: number
}

/** Makes tokens. Every time in them comes from the reading that the store returned, never from a clock that is read later. */
export class TokenIssuer {
  readonly #settings: Settings
  readonly #codec: Codec

  constructor(settings: Settings, codec: Codec) {
    this.#settings = settings
    this.#codec = codec
  }

  /** 128 unpredictable bits as text, but for one that begins with a `-`, as an option on a command line does: a new `jti` or `sid`. */
  newId(): string {
    const id = Buffer.from(this.#settings.random(16)).toString('base64url')
    return id.startsWith('-') ? `e${id.slice(1)}` : id
  }

  access(input: MintInput, reading: EpochReading, session?: SessionRecord): string {
    const times = this.#times('access', input, seconds(reading.now), session)
    const claims = { ...times, jti: this.newId(), fresh: input.fresh ?? false }
    return this.#sign('access', input, reading, claims)
  }

  /**
   * With a session the token depends on nothing but the session's row, so whoever repeats a refresh gets the same `jti`, `iat` and `exp`.
   */
  refresh(input: MintInput, reading: EpochReading, session?: SessionRecord): string {
    const now = seconds(session?.rotatedAt ?? reading.now)
    const jti = session === undefined ? this.newId() : `${session.sid}.${session.generation}`
    const claims = { ...this.#times('refresh', input, now, session), jti, gen: session?.generation ?? 0 }
    return this.#sign('refresh', input, reading, claims)
  }

  pair(input: MintInput, reading: EpochReading, session?: SessionRecord): TokenPair {
    const csrf = this.#csrf(input)
    const tied = { ...input, csrf, sid: session?.sid ?? input.sid ?? this.newId() }
    const { expiresIn: _ofAccess, ...ofRefresh } = tied
    const { iat, exp } = this.#times('access', tied, seconds(reading.now), session)
    return Object.freeze({
      accessToken: this.access(tied, reading, session),
      refreshToken: this.refresh(ofRefresh, reading, session),
      csrfToken: csrf ?? null,
      tokenType: 'Bearer' as const,
      expiresIn: exp - iat,
    })
  }

  #times(
    type: TokenType,
    input: TokenInput,
    iat: number,
    session: SessionRecord | undefined,
  ): { iat: number; exp: number } {
    if (type === 'refresh' && session !== undefined) return { iat, exp: seconds(session.expiresAt) }
    const ttl = type === 'access' ? this.#settings.accessTokenTtl : this.#settings.refreshTokenTtl
    const age = input.expiresIn ?? ttl
    const most = this.#settings.maxTokenAge[type]
    if (!Number.isInteger(age) || age < 1 || age > most) {
      throw new TypeError(`expiresIn: must be a whole number of seconds from 1 to ${most} (see maxTokenAge)`)
    }
    return { iat, exp: Math.min(iat + age, seconds(session?.expiresAt ?? Number.POSITIVE_INFINITY)) }
  }

  #sign(
    type: TokenType,
    { iss = this.#settings.issuer, csrf: before, ...input }: MintInput,
    { epoch }: EpochReading,
    own: { iat: number } & Record<string, unknown>,
  ): string {
    checkTokenInput(input)
    const { audience } = this.#settings
    const csrf = this.#csrf({ csrf: before })
    const aud = input.audience ?? (audience.length > 1 ? audience : audience[0])
    return this.#codec.sign(this.#key(), type, {
      ...input.claims,
      ...(iss !== undefined ? { iss } : {}),
      ...(aud !== undefined ? { aud } : {}),
      ...(input.scopes !== undefined ? { scope: input.scopes.join(' ') } : {}),
      ...(csrf !== undefined ? { csrf } : {}),
      ...own,
      sub: input.sub,
      sid: input.sid ?? this.newId(),
      ue: epoch,
      auth_time: input.authTime ?? own.iat,
      type,
    })
  }

  /** The one that a successor takes over stays, so that two tabs that refresh at once show the same. */
  #csrf({ csrf }: Pick<MintInput, 'csrf'>): string | undefined {
    return this.#settings.csrf === undefined ? undefined : (csrf ?? this.newId())
  }

  #key(): Key {
    const { signer } = this.#codec
    if (signer === undefined) {
      throw new ConfigurationError(
        'keys[0]: only verifies; to create tokens, put a secret or a private key first',
      )
    }
    return signer
  }
}

/**
 * Checks what a caller wants a token to say, before anything is asked of a store for it.
 *
 * @throws TypeError naming the member and the mend
 */
export function checkTokenInput(input: TokenInput): void {
  const unknown = Object.keys(input).find((name) => !INPUT_NAMES.has(name))
  if (unknown !== undefined) {
    throw new TypeError(`${unknown}: no such member; there are ${[...INPUT_NAMES].join(', ')}`)
  }
  const { sub, sid, fresh, scopes, claims, audience, authTime } = input
  if (!isName(sub)) throw new TypeError('sub: must be a text of 1 to 255 characters')
  if (sid !== undefined && !isName(sid)) throw new TypeError('sid: must be a text of 1 to 255 characters')
  if (fresh !== undefined && typeof fresh !== 'boolean') throw new TypeError('fresh: must be true or false')
  if (authTime !== undefined && !isCount(authTime)) {
    throw new TypeError('authTime: must be a whole number of seconds since the epoch')
  }
  if (audience !== undefined && !isAudience(audience)) {
    throw new TypeError('audience: must be a text that is not empty, or a list of such')
  }
  if (scopes !== undefined && !(Array.isArray(scopes) && scopes.every(isScope))) {
    throw new TypeError(
      'scopes: must be a list of texts without spaces, quotes and backslashes (RFC 6749 section 3.3)',
    )
  }
  if (claims !== undefined && (typeof claims !== 'object' || claims === null || Array.isArray(claims))) {
    throw new TypeError('claims: must be an object')
  }
  for (const name of Object.keys(claims ?? {})) {
    if (RESERVED_CLAIMS.has(name))
      throw new TypeError(`claims.${name}: this name is set by graphql-authx; choose another`)
  }
}

function isAudience(audience: unknown): boolean {
  const list: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  return list.length > 0 && list.every((one) => typeof one === 'string' && one !== '')
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
