import type { AuditEvent, AuditHooks } from '../core/audit.ts'
import { callingAddress } from './calling-address.ts'
import type { Pino } from './logging.ts'
import type { SessionEvent, SessionEvents } from './session-events.ts'
import { utc } from './utc.ts'

/** What every stranger and every tab that slept causes, and every request while the store is out of reach; a log of it all would hide the rest. */
const ROUTINE: ReadonlySet<string> = new Set(['TOKEN_MISSING', 'TOKEN_EXPIRED', 'REVOCATION_UNAVAILABLE'])

/** One line for each thing that happens to sessions and tokens (who, which session, why, when in UTC), and word of it to subscribers. */
export function auditLog(log: Pino, events: SessionEvents): AuditHooks {
  const write = (level: 'debug' | 'info' | 'warn', audit: string, event: AuditEvent): void => {
    const { sub, sid, jti, reason, at } = event
    const address = event.address ?? callingAddress()
    log[level]({ audit, sub, sid, jti, address, reason, at: utc(at) }, `${audit}: ${reason}`)
  }
  const publish = (kind: SessionEvent['kind'], { sub, sid, at }: AuditEvent): void => {
    if (sub !== null && sid !== null) events.publish(sub, { kind, session: sid, at: utc(at) })
  }
  return {
    onLogin(event) {
      write('info', 'login', event)
      publish('STARTED', event)
    },
    onRefresh(event) {
      write('info', 'refresh', event)
      // A repetition is the same refresh once more.
      if (event.reason === 'ROTATED') publish('REFRESHED', event)
    },
    onReuse(event) {
      write('warn', 'reuse', event)
      publish('REUSED', event)
    },
    onRevoke(event) {
      write('info', 'revoke', event)
      publish('ENDED', event)
    },
    onRefused(event) {
      write(ROUTINE.has(event.reason) ? 'debug' : 'info', 'refused', event)
    },
  }
}
