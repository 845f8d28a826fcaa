import { type AuditReason, tell } from './audit.ts'
import { ask } from './availability.ts'
import type { RefreshClaims } from './claims.ts'
import { ConfigurationError } from './configuration-error.ts'
import { named, refreshRetention, sessionRetention, tellEnded } from './endings.ts'
import { checkTokenInput, type TokenInput, type TokenIssuer, type TokenPair } from './issuer.ts'
import { Refusal, refuse } from './refusal.ts'
import { identityOf } from './revocation.ts'
import type { Rotation, SessionRecord, SessionStore } from './session-store.ts'
import type { Settings } from './settings.ts'
import { successor } from './successor.ts'

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

/** How all sessions of a subject end. */
export interface EndAllOptions {
  /** The `sid` of one that goes on. */
  readonly except?: string
  /** What the audit stream says of why. @default EVERYWHERE */
  readonly reason?: Extract<AuditReason, 'EVERYWHERE' | 'PASSWORD_CHANGED'>
}

/** As much of a client's own words as is kept. */
const LONGEST_ORIGIN = 255

const REFUSED_ROTATION: Readonly<Record<Exclude<Rotation['status'], 'rotated' | 'repeated'>, Refusal>> = {
  reused: refuse('TOKEN_REUSED'),
  revoked: refuse('TOKEN_REVOKED'),
  expired: refuse('TOKEN_EXPIRED'),
  unknown: refuse('TOKEN_INVALID'),
}

/** Login, refresh, and what their owner can see and end: sessions on a store. */
export class Sessions {
  readonly #settings: Settings
  readonly #issuer: TokenIssuer

  constructor(settings: Settings, issuer: TokenIssuer) {
    this.#settings = settings
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
      ...(most !== undefined ? { limit: { most, retention: sessionRetention(this.#settings) } } : {}),
    }
    const opened = await ask(() => store.createSession(session), 'the session store', this.#settings)
    if (opened instanceof Refusal) return opened
    const pair = this.#issuer.pair({ ...input, fresh: true }, opened, opened.session)
    for (const sid of opened.ended) tellEnded(this.#settings, { sub, sid, jti: null }, 'LIMIT_REACHED')
    const { sid } = session
    const from = { address: session.address, at: opened.now }
    tell(this.#settings, 'onLogin', { sub, sid, jti: null, reason: 'LOGIN', ...from })
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
    const request = {
      identity,
      generation: claims.gen,
      grace,
      idleTtl,
      retention: sessionRetention(this.#settings),
    }
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
      retention: sessionRetention(this.#settings),
    }
    const ended = await ask(() => store.endSession(ending), 'the session store', this.#settings)
    if (ended === true) tellEnded(this.#settings, { sub, sid, jti: null }, 'REVOKED')
    return ended
  }

  /**
   * Ends all sessions of a subject, or all but one, and says how many. All of them are ended with the subject's epoch, so that no token of its made before
   * is good for anything.
   */
  async endAll(
    sub: string,
    { except, reason = 'EVERYWHERE' }: EndAllOptions = {},
  ): Promise<number | Refusal> {
    const store = this.#store()
    const ending = {
      issuer: this.#namespace,
      sub: named('sessions.revokeAll', 'sub', sub),
      ...(except !== undefined ? { except: named('sessions.revokeAll', 'except', except) } : {}),
      retention: except === undefined ? refreshRetention(this.#settings) : sessionRetention(this.#settings),
    }
    const ended = await ask(() => store.endSessions(ending), 'the session store', this.#settings)
    if (ended instanceof Refusal) return ended
    for (const sid of ended) tellEnded(this.#settings, { sub, sid, jti: null }, reason)
    // The epoch was raised all the same.
    if (ended.length === 0 && except === undefined)
      tellEnded(this.#settings, { sub, sid: null, jti: null }, reason)
    return ended.length
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
