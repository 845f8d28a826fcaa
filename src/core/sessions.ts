import { ask } from './availability.ts'
import type { Revocation } from './blocklist.ts'
import { type Claims, isName, RESERVED_CLAIMS, type RefreshClaims, scopesOf } from './claims.ts'
import type { Codec } from './codec.ts'
import { ConfigurationError } from './configuration-error.ts'
import {
  checkTokenInput,
  type MintInput,
  type TokenInput,
  type TokenIssuer,
  type TokenPair,
} from './issuer.ts'
import { Refusal, refuse } from './refusal.ts'
import { identityOf } from './revocation.ts'
import type { Rotation, SessionStore } from './session-store.ts'
import { CLOCK_SKEW, type Settings } from './settings.ts'

/** Who logs in, and what the tokens of the session may say. */
export type LoginInput = Pick<TokenInput, 'sub' | 'scopes' | 'claims'>

/** What `revoke` takes, most telling first: a token's text, its claims, or the name of what is to end. */
export type RevocationTarget =
  | { readonly token: string }
  | { readonly claims: Claims }
  /** One token only, by its claims; `exp` in seconds since the epoch, so that the entry can go when the token has. */
  | { readonly jti: string; readonly exp?: number; readonly iss?: string }
  | { readonly sid: string }
  /** Everything the subject holds. */
  | { readonly sub: string }

const TARGETS = ['token', 'claims', 'jti', 'sid', 'sub'] as const

const REFUSED_ROTATION: Readonly<Record<Exclude<Rotation['status'], 'rotated' | 'repeated'>, Refusal>> = {
  reused: refuse('TOKEN_REUSED'),
  revoked: refuse('TOKEN_REVOKED'),
  expired: refuse('TOKEN_EXPIRED'),
  unknown: refuse('TOKEN_INVALID'),
}

/** Login, refresh and every way to end one: what happens to tokens between their making and their expiry. */
export class Sessions {
  readonly #settings: Settings
  readonly #codec: Codec
  readonly #issuer: TokenIssuer

  constructor(settings: Settings, codec: Codec, issuer: TokenIssuer) {
    this.#settings = settings
    this.#codec = codec
    this.#issuer = issuer
  }

  /** Starts a session and makes its first pair, with a fresh access token. Whoever calls this has checked the credentials. */
  async login(input: LoginInput): Promise<TokenPair | Refusal> {
    const store = this.#store()
    checkTokenInput(input)
    const { refreshTokenTtl: idleTtl, sessionTtl: absoluteTtl } = this.#settings
    const session = {
      issuer: this.#settings.issuer ?? '',
      sid: this.#issuer.newId(),
      sub: input.sub,
      idleTtl,
      absoluteTtl,
    }
    const opened = await ask(() => store.createSession(session), 'the session store', this.#settings)
    return opened instanceof Refusal
      ? opened
      : this.#issuer.pair({ ...input, fresh: true }, opened, opened.session)
  }

  /**
   * Spends a verified refresh token for the next pair. Within the grace window its immediate successor is made again; a token that was
   * spent before that ends the session.
   *
   * @param scopes what the user may have now; the session's scopes can shrink to it, never grow
   */
  async refresh(claims: RefreshClaims, scopes?: readonly string[]): Promise<TokenPair | Refusal> {
    const store = this.#store()
    if (claims?.type !== 'refresh') {
      throw new TypeError(
        "refresh: takes a refresh token's verified claims (context.refreshAuth.claims), not its text",
      )
    }
    const { refreshGrace: grace, refreshTokenTtl: idleTtl } = this.#settings
    const identity = identityOf(claims)
    const request = { identity, generation: claims.gen, grace, idleTtl, retention: this.#sessionRetention }
    const rotation = await ask(() => store.rotateSession(request), 'the session store', this.#settings)
    if (rotation instanceof Refusal) return rotation
    if (!('session' in rotation)) return REFUSED_ROTATION[rotation.status]
    return this.#issuer.pair(successor(claims, scopes), rotation, rotation.session)
  }

  /** Records a revocation durably. A token that is not ours ends nothing, and that is no error (RFC 7009 section 2.2). */
  async revoke(target: RevocationTarget): Promise<Refusal | undefined> {
    const revocation = this.#revocationOf(target)
    if (revocation === undefined) return undefined
    const done = await ask(() => this.#settings.blocklist.revoke(revocation), 'the blocklist', this.#settings)
    return done instanceof Refusal ? done : undefined
  }

  #revocationOf(target: RevocationTarget): Revocation | undefined {
    const isObject = typeof target === 'object' && target !== null
    const given = isObject ? TARGETS.filter((name) => name in target) : []
    if (given.length !== 1) {
      throw new TypeError(`revoke: name what to revoke by exactly one of ${TARGETS.join(', ')}`)
    }
    if ('token' in target) {
      const verified = this.#codec.verify(target.token, { ignoreExpiration: true })
      return verified instanceof Refusal ? undefined : this.#endOf(verified.claims)
    }
    if ('claims' in target) return this.#endOf(target.claims)
    const issuer = this.#settings.issuer ?? ''
    if ('sid' in target) return this.#endOf({ ...target, iss: issuer })
    if ('jti' in target) {
      const { iss = issuer, jti, exp } = target
      return { kind: 'token', issuer: iss, jti: named('jti', jti), expiresAt: this.#tokenExpiry(exp) }
    }
    return { kind: 'subject', issuer, sub: named('sub', target.sub), retention: this.#refreshRetention }
  }

  #endOf({ iss = '', sid }: Pick<Claims, 'sid'> & { readonly iss?: string }): Revocation {
    return {
      kind: 'session',
      issuer: iss,
      sid: named('sid', sid),
      retention: this.#refreshRetention,
      retentionWithSession: this.#sessionRetention,
    }
  }

  #tokenExpiry(exp: number | undefined): number {
    const tolerance = this.#settings.leeway + CLOCK_SKEW
    if (exp === undefined) return Math.ceil(this.#settings.clock() / 1000) + this.#refreshRetention
    if (!Number.isSafeInteger(exp))
      throw new TypeError('revoke: exp must be a whole number of seconds since the epoch')
    return exp + tolerance
  }

  /** A session store refuses refreshes by itself, so the entry only has to meet access tokens. */
  get #sessionRetention(): number {
    const { sessions, maxTokenAge, leeway } = this.#settings
    return sessions === undefined ? this.#refreshRetention : maxTokenAge.access + leeway + CLOCK_SKEW
  }

  get #refreshRetention(): number {
    const { maxTokenAge, leeway } = this.#settings
    return Math.max(maxTokenAge.access, maxTokenAge.refresh) + leeway + CLOCK_SKEW
  }

  #store(): SessionStore {
    const { sessions } = this.#settings
    if (sessions === undefined) {
      throw new ConfigurationError(
        'sessions: this needs a session store; give createAuthX one, such as { sessions: await sqlite("authx.db") }',
      )
    }
    return sessions
  }
}

/** Revoking `undefined` would succeed and end nothing, so a name that is none is a mistake of the caller's. */
function named(name: string, value: unknown): string {
  if (!isName(value)) throw new TypeError(`revoke: ${name} must be a text of 1 to 255 characters`)
  return value
}

/** What the next pair says: the same as the one before, never fresh, never more. */
function successor(claims: RefreshClaims, allowed: readonly string[] | undefined): MintInput {
  const own = Object.fromEntries(Object.entries(claims).filter(([name]) => !RESERVED_CLAIMS.has(name)))
  const had = scopesOf(claims)
  const scopes = allowed === undefined ? had : had.filter((scope) => allowed.includes(scope))
  return {
    sub: claims.sub,
    authTime: claims.auth_time,
    claims: own,
    ...(claims.scope !== undefined || claims.scopes !== undefined ? { scopes } : {}),
    ...(claims.aud !== undefined ? { audience: claims.aud } : {}),
    ...(claims.iss !== undefined ? { iss: claims.iss } : {}),
  }
}
