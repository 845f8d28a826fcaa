import { type AuditEvent, type AuditReason, tell } from './audit.ts'
import { ask } from './availability.ts'
import type { Revocation } from './blocklist.ts'
import { type Claims, isName } from './claims.ts'
import type { Codec } from './codec.ts'
import { Refusal } from './refusal.ts'
import { CLOCK_SKEW, type Settings } from './settings.ts'

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

/** The last second that JavaScript has a date for; in milliseconds it is a number that every store keeps exactly. */
const LATEST = 8_640_000_000_000

/** What an end is about, for whoever audits it. */
interface Aim {
  readonly revocation: Revocation
  readonly sub: string | null
  readonly sid: string | null
  readonly jti: string | null
}

/** Every way to revoke by what is known of a token, with or without a session store. */
export class Endings {
  readonly #settings: Settings
  readonly #codec: Codec

  constructor(settings: Settings, codec: Codec) {
    this.#settings = settings
    this.#codec = codec
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
    tellEnded(this.#settings, { ...aim, sub }, revocation.kind === 'subject' ? 'EVERYWHERE' : reason)
    return undefined
  }

  #aimOf(target: RevocationTarget): Aim | undefined {
    const isObject = typeof target === 'object' && target !== null
    const given = isObject ? TARGETS.filter((name) => name in target) : []
    if (given.length !== 1) {
      throw new TypeError(`revoke: name what to revoke by exactly one of ${TARGETS.join(', ')}`)
    }
    if ('token' in target) {
      const verified = this.#codec.verify(target.token, { ignoreTime: true })
      return verified instanceof Refusal ? undefined : this.#endOf(verified.claims)
    }
    if ('claims' in target) return this.#endOf(target.claims)
    const { issuer = '' } = this.#settings
    if ('sid' in target) return this.#endOf({ ...target, iss: issuer })
    const nobody = { sub: null, sid: null, jti: null }
    if ('jti' in target) {
      const { exp } = target
      const iss = issuerNamed(target.iss, issuer)
      const jti = named('revoke', 'jti', target.jti)
      const expiresAt = this.#tokenExpiry(exp)
      return { ...nobody, jti, revocation: { kind: 'token', issuer: iss, jti, expiresAt } }
    }
    const sub = named('revoke', 'sub', target.sub)
    return {
      ...nobody,
      sub,
      revocation: { kind: 'subject', issuer, sub, retention: refreshRetention(this.#settings) },
    }
  }

  #endOf(claims: Pick<Claims, 'sid'> & Partial<Pick<Claims, 'iss' | 'sub' | 'jti'>>): Aim {
    const { sub = null, jti = null } = claims
    const issuer = issuerNamed(claims.iss, '')
    const sid = named('revoke', 'sid', claims.sid)
    const retention = refreshRetention(this.#settings)
    const retentionWithSession = sessionRetention(this.#settings)
    return { sub, sid, jti, revocation: { kind: 'session', issuer, sid, retention, retentionWithSession } }
  }

  #tokenExpiry(exp: number | undefined): number {
    const tolerance = this.#settings.leeway + CLOCK_SKEW
    if (exp === undefined) return Math.ceil(this.#settings.clock() / 1000) + refreshRetention(this.#settings)
    if (!Number.isSafeInteger(exp) || exp < 0 || exp > LATEST)
      throw new TypeError(
        `revoke: exp must be a whole number of seconds since the epoch, from 0 to ${LATEST}`,
      )
    return exp + tolerance
  }
}

/** Seconds that an entry is kept which has to meet every token of a subject or of a session without a row. */
export function refreshRetention({ maxTokenAge, leeway }: Settings): number {
  return Math.max(maxTokenAge.access, maxTokenAge.refresh) + leeway + CLOCK_SKEW
}

/** Seconds that a session's entry is kept. A session store refuses refreshes by itself, so it only has to meet access tokens. */
export function sessionRetention(settings: Settings): number {
  const { sessions, maxTokenAge, leeway } = settings
  return sessions === undefined ? refreshRetention(settings) : maxTokenAge.access + leeway + CLOCK_SKEW
}

/** Tells that something was ended, durably. */
export function tellEnded(
  settings: Settings,
  { sub, sid, jti }: Pick<AuditEvent, 'sub' | 'sid' | 'jti'>,
  reason: AuditReason,
): void {
  tell(settings, 'onRevoke', { sub, sid, jti, reason, at: settings.clock() })
}

/** An issuer of `null`, say, would be one that no token has, and revoking by it would succeed and end nothing. */
function issuerNamed(iss: unknown, otherwise: string): string {
  if (iss === undefined) return otherwise
  if (typeof iss !== 'string') throw new TypeError('revoke: iss must be a text, or left out')
  return iss
}

/** Revoking `undefined` would succeed and end nothing, so a name that is none is a mistake of the caller's. */
export function named(method: string, name: string, value: unknown): string {
  if (!isName(value)) throw new TypeError(`${method}: ${name} must be a text of 1 to 255 characters`)
  return value
}
