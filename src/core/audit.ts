import { type Logger, loggable } from './logger.ts'
import type { CountedEvent, Metrics } from './metrics.ts'
import type { RefusalReason } from './refusal.ts'
import { isThenable } from './thenable.ts'

/**
 * Why something happened: a refusal's reason, or
 *
 * - `LOGIN`: credentials were given;
 * - `ROTATED`, `REPEATED`: a refresh token was spent, or had just been and got its successor again;
 * - `LOGOUT`: its holder ended the session; `REVOKED`: somebody ended it by name;
 * - `EVERYWHERE`: all that the subject holds was ended; `PASSWORD_CHANGED`: the same, because a new password is in force;
 * - `LIMIT_REACHED`: a newer login took its place (`maxSessions`).
 */
export type AuditReason =
  | RefusalReason
  | 'LOGIN'
  | 'ROTATED'
  | 'REPEATED'
  | 'LOGOUT'
  | 'REVOKED'
  | 'EVERYWHERE'
  | 'PASSWORD_CHANGED'
  | 'LIMIT_REACHED'

/** Something that an auditor wants to know. It is frozen and never holds a token. */
export interface AuditEvent {
  /** Who: the `sub` of a verified token; null where none says. */
  readonly sub: string | null
  /** The session; null where the event is about none, or about all that the subject has. */
  readonly sid: string | null
  /** The token that was presented or revoked; null where there was none, or none that could be verified. */
  readonly jti: string | null
  /** Where the request came from; null where whoever tells does not know. */
  readonly address: string | null
  readonly reason: AuditReason
  /** When, milliseconds since the epoch. */
  readonly at: number
}

/** Code of yours that is told. What it returns is not waited for; what it throws is logged and changes nothing. */
export type AuditHook = (event: AuditEvent) => unknown

/** The audit stream: code of yours that is told what happens to sessions and tokens, once it has happened. */
export interface AuditHooks {
  /** A session was started. */
  readonly onLogin?: AuditHook
  /** A refresh token bought the next pair. */
  readonly onRefresh?: AuditHook
  /** A spent refresh token came back: theft, or a client that is broken. `onRevoke` is told next: its session is over. */
  readonly onReuse?: AuditHook
  /** A revocation was recorded, durably. */
  readonly onRevoke?: AuditHook
  /** A request was refused; told once a request for each reason, however many fields it has. A login of your own tells it through `authx.refused`. */
  readonly onRefused?: AuditHook
}

/** Whom a refusal of your own is about, as far as it is known. Never what was typed: it may be a password in the wrong box. */
export type RefusedAbout = Partial<Pick<AuditEvent, 'sub' | 'sid' | 'jti' | 'address'>>

/** What telling needs of the settings. */
export interface Audience {
  readonly hooks: AuditHooks
  readonly logger: Logger
  readonly metrics: Metrics
}

/** The names of the hooks, for checking options. */
export const HOOKS: readonly (keyof AuditHooks)[] = [
  'onLogin',
  'onRefresh',
  'onReuse',
  'onRevoke',
  'onRefused',
]

const COUNTED: Readonly<Record<keyof AuditHooks, CountedEvent>> = {
  onLogin: 'login',
  onRefresh: 'refresh',
  onReuse: 'reuse',
  onRevoke: 'revoke',
  onRefused: 'refused',
}

/** Counts it, and tells a hook, if there is one. It can neither fail nor delay what is told. */
export function tell(
  { hooks, logger, metrics }: Audience,
  name: keyof AuditHooks,
  event: Omit<AuditEvent, 'address'> & Partial<Pick<AuditEvent, 'address'>>,
): void {
  metrics.count(COUNTED[name], event.reason)
  const hook = hooks[name]
  if (hook === undefined) return
  const failed = (error: unknown): void =>
    logger.error({ err: loggable(error) }, `the hook ${name} failed; nothing else changes`)
  try {
    const answer = hook(Object.freeze({ address: null, ...event }))
    if (isThenable(answer)) answer.then(undefined, failed)
  } catch (error) {
    failed(error)
  }
}
