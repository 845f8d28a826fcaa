import { pino } from 'pino'
import type { AuditHooks } from '../core/audit.ts'
import { auditLog } from '../server/audit-log.ts'
import { readEnvironment } from '../server/environment.ts'
import type { Pino } from '../server/logging.ts'
import { SessionEvents } from '../server/session-events.ts'

/** What a command reports is its output; a log beside it would hide that. */
export const silent: Pick<Pino, 'info' | 'warn' | 'error'> = {
  info: () => {},
  warn: () => {},
  error: () => {},
}

/** The audit log of a command: the lines that the server writes in production, on standard error, so that output stays what it is. */
export function auditToStderr(): AuditHooks {
  const log = pino({ level: readEnvironment().logLevel }, pino.destination({ dest: 2, sync: true }))
  return auditLog(log, new SessionEvents())
}
