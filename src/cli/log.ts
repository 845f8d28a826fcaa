import { pino } from 'pino'
import type { AuditHooks } from '../core/audit.ts'
import { auditLog } from '../server/audit-log.ts'
import { readEnvironment } from '../server/environment.ts'
import type { Pino } from '../server/logging.ts'
import { SessionEvents } from '../server/session-events.ts'

/** What a command reports is its output; a log beside it would hide that. What was logged last is kept, for the line that a command fails with. */
class QuietLog implements Pick<Pino, 'info' | 'warn' | 'error'> {
  /** The message of the error that was logged last. */
  cause: string | undefined

  info(): void {}
  warn(): void {}
  error(details: object): void {
    const { err } = details as { err?: { message?: unknown } }
    if (typeof err?.message === 'string') this.cause = err.message
  }
}

export const quiet: QuietLog = new QuietLog()

/** The audit log of a command: the lines that the server writes in production, on standard error, so that output stays what it is. */
export function auditToStderr(): AuditHooks {
  const log = pino({ level: readEnvironment().logLevel }, pino.destination({ dest: 2, sync: true }))
  return auditLog(log, new SessionEvents())
}
