import { type AuditReason, tell } from './audit.ts'
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
import type { Rotation, SessionRecord, SessionStore } from './session-store.ts'
import { CLOCK_SKEW, type Settings } from './settings.ts'

/** Who logs in, what the tokens of the session may say, and what its owner will know it by. */
export interface LoginInput extends Pick<TokenInput, 'sub' | 'scopes' | 'claims'> {
  /** What the session runs on, such as the `User-Agent` as it was sent; kept to 255 characters. */
  readonly device?: string
  /** Where the login came from, such as the client's address; kept to 255 characters. */
  readonly address?: string
}

/** A session as its owner sees it. Times are milliseconds since the epoch. */
export interface Session {
  readonly sid: string
  readonly sub: string
  readonly device: string | null
  readonly address: string | null
  readonly createdAt: number
  /** When it was last refreshed; at first the time of its login. */
  readonly lastUsedAt: number
  /** When it ends unless it is refreshed. */
  readonly expiresAt: number
}

/** What an end is about, for whoever audits it. */
interface Aim {
  readonly revocation: Revocation
  readonly sub: string | null
  readonly sid: string | null
  readonly jti: string | null
}

/** As much of a client's own words as is kept. */
const LONGEST_ORIGIN = 255

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
  async login({ device, address, ...input }: LoginInput): Promise<TokenPair | Refusal> {
    const store = this.#store()
    checkTokenInput(input)
    const { refreshTokenTtl: idleTtl, sessionTtl: absoluteTtl, maxSessions: most } = this.#settings
    const { sub } = input
    const session = {
      issuer: this.#namespace,
      sid: this.#issuer.newId(),
      sub,
      idleTtl,
      absoluteTtl,
      device: origin('device', device),
      address: origin('address', address),
      ...(most !== undefined ? { limit: { most, retention: this.#sessionRetention } } : {}),
    }
    const opened = await ask(() => store.createSession(session), 'the session store', this.#settings)
    if (opened instanceof Refusal) return opened
    const pair = this.#issuer.pair({ ...input, fresh: true }, opened, opened.session)
    for (const sid of opened.ended) this.#tellRevoked({ sub, sid, jti: null }, 'LIMIT_REACHED')
    tell(this.#settings, 'onLogin', { sub, sid: session.sid, jti: null, reason: 'LOGIN', at: opened.now })
    return pair
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
    const { sub, sid, jti } = claims
    if (rotation instanceof Refusal || !('session' in rotation)) {
      const refusal = rotation instanceof Refusal ? rotation : REFUSED_ROTATION[rotation.status]
      const { reason } = refusal
      const about = { sub, sid, jti, reason, at: this.#settings.clock() }
      tell(this.#settings, reason === 'TOKEN_REUSED' ? 'onReuse' : 'onRefused', about)
      if (reason === 'TOKEN_REUSED') tell(this.#settings, 'onRevoke', about)
      return refusal
    }
    const pair = this.#issuer.pair(successor(claims, scopes), rotation, rotation.session)
    const reason = rotation.status === 'rotated' ? 'ROTATED' : 'REPEATED'
    tell(this.#settings, 'onRefresh', { sub, sid, jti, reason, at: rotation.now })
    return pair
  }

  /** The live sessions of a subject, the one that was used last first. */
  async list(sub: string): Promise<readonly Session[] | Refusal> {
    const store = this.#store()
    const whose = named('sessions.list', 'sub', sub)
    const question = () => store.listSessions(this.#namespace, whose)
    const records = await ask(question, 'the session store', this.#settings)
    return records instanceof Refusal ? records : records.map(sessionOf)
  }

  /** Ends one session of a subject. False where it has no such live session, whoever else may have it. */
  async end(sub: string, sid: string): Promise<boolean | Refusal> {
    const store = this.#store()
    const ending = {
      issuer: this.#namespace,
      sub: named('sessions.revoke', 'sub', sub),
      sid: named('sessions.revoke', 'sid', sid),
      retention: this.#sessionRetention,
    }
    const ended = await ask(() => store.endSession(ending), 'the session store', this.#settings)
    if (ended === true) this.#tellRevoked({ sub, sid, jti: null }, 'REVOKED')
    return ended
  }

  /**
   * Ends all sessions of a subject, or all but one, and says how many. All of them are ended with the subject's epoch, so that no token of its made before
   * is good for anything.
   */
  async endAll(sub: string, except?: string): Promise<number | Refusal> {
    const store = this.#store()
    const ending = {
      issuer: this.#namespace,
      sub: named('sessions.revokeAll', 'sub', sub),
      ...(except !== undefined ? { except: named('sessions.revokeAll', 'except', except) } : {}),
      retention: except === undefined ? this.#refreshRetention : this.#sessionRetention,
    }
    const ended = await ask(() => store.endSessions(ending), 'the session store', this.#settings)
    if (ended instanceof Refusal) return ended
    for (const sid of ended) this.#tellRevoked({ sub, sid, jti: null }, 'EVERYWHERE')
    // The epoch was raised all the same.
    if (ended.length === 0 && except === undefined)
      this.#tellRevoked({ sub, sid: null, jti: null }, 'EVERYWHERE')
    return ended.length
  }

  /**
   * Records a revocation durably. A token that is not ours ends nothing, and that is no error (RFC 7009 section 2.2).
   *
   * @param holder the verified claims of whoever asks, where the target does not say who that is
   */
  async revoke(
    target: RevocationTarget,
    reason: AuditReason = 'REVOKED',
    holder?: Claims,
  ): Promise<Refusal | undefined> {
    const aim = this.#aimOf(target)
    if (aim === undefined) return undefined
    const { revocation } = aim
    const done = await ask(() => this.#settings.blocklist.revoke(revocation), 'the blocklist', this.#settings)
    if (done instanceof Refusal) return done
    const sub = aim.sub ?? holder?.sub ?? null
    this.#tellRevoked({ ...aim, sub }, revocation.kind === 'subject' ? 'EVERYWHERE' : reason)
    return undefined
  }

  #tellRevoked({ sub, sid, jti }: Omit<Aim, 'revocation'>, reason: AuditReason): void {
    tell(this.#settings, 'onRevoke', { sub, sid, jti, reason, at: this.#settings.clock() })
  }

  #aimOf(target: RevocationTarget): Aim | undefined {
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
    const issuer = this.#namespace
    if ('sid' in target) return this.#endOf({ ...target, iss: issuer })
    const nobody = { sub: null, sid: null, jti: null }
    if ('jti' in target) {
      const { iss = issuer, exp } = target
      const jti = named('revoke', 'jti', target.jti)
      const expiresAt = this.#tokenExpiry(exp)
      return { ...nobody, jti, revocation: { kind: 'token', issuer: iss, jti, expiresAt } }
    }
    const sub = named('revoke', 'sub', target.sub)
    return { ...nobody, sub, revocation: { kind: 'subject', issuer, sub, retention: this.#refreshRetention } }
  }

  #endOf(claims: Pick<Claims, 'sid'> & Partial<Pick<Claims, 'iss' | 'sub' | 'jti'>>): Aim {
    const { iss: issuer = '', sub = null, jti = null } = claims
    const sid = named('revoke', 'sid', claims.sid)
    const retention = this.#refreshRetention
    const retentionWithSession = this.#sessionRetention
    return { sub, sid, jti, revocation: { kind: 'session', issuer, sid, retention, retentionWithSession } }
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

  get #namespace(): string {
    return this.#settings.issuer ?? ''
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
function named(method: string, name: string, value: unknown): string {
  if (!isName(value)) throw new TypeError(`${method}: ${name} must be a text of 1 to 255 characters`)
  return value
}

/** A client's own words about itself, as many as are kept. */
function origin(name: string, value: string | undefined): string | null {
  if (value === undefined) return null
  if (typeof value !== 'string')
    throw new TypeError(`${name}: must be a text; leave it out where it is unknown`)
  // Cutting may split a pair of surrogates, and half of one is no text that a database keeps.
  return value.slice(0, LONGEST_ORIGIN).toWellFormed()
}

function sessionOf(record: SessionRecord): Session {
  const { sid, sub, device, address, createdAt, rotatedAt, expiresAt } = record
  return Object.freeze({ sid, sub, device, address, createdAt, lastUsedAt: rotatedAt, expiresAt })
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
