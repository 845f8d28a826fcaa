/** How bad it is where a server does otherwise (RFC 2119). */
type Level = 'MUST' | 'SHOULD'

/** What an audit found out. */
export interface AuthAuditResult {
  /** Stays the same when the wording changes. */
  readonly id: string
  readonly name: `${Level} ${string}`
  /** `error`: a MUST is broken. `warn`: a SHOULD is. `skip`: it could not be tried. */
  readonly status: 'ok' | 'warn' | 'error' | 'skip'
  /** What was tried, what happened instead, or why nothing was tried. It never holds a token. */
  readonly reason: string
}

/** One rule about logins that a server must or should keep, and how to find out whether it does. */
export interface AuthAudit {
  /** Stays the same when the wording changes. */
  readonly id: string
  readonly name: `${Level} ${string}`
  /** Asks the server; what happens there never makes it reject. */
  fn(): Promise<AuthAuditResult>
}

/** How the reason begins of what was skipped because an option was left out; its name follows. */
export const NOT_GIVEN = 'not given: '

/** Why a rule cannot be tried. */
class Skipped extends Error {}

/** How a rule is broken. */
class Broken extends Error {}

export function skip(reason: string): never {
  throw new Skipped(reason)
}

/** Ends an audit unless something holds. */
export function hold(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Broken(otherwise)
}

/** Whether an error is what an audit ends with that tried nothing, or that found something. */
export function isFinding(error: unknown): boolean {
  return error instanceof Skipped || error instanceof Broken
}

/**
 * An audit of a function that resolves with what it tried.
 *
 * @param run ends with {@link hold} or {@link skip}; whatever else it throws is an error of its own, also under a SHOULD
 */
export function audit(id: string, name: AuthAudit['name'], run: () => Promise<string>): AuthAudit {
  const result = (status: AuthAuditResult['status'], reason: string): AuthAuditResult => ({
    id,
    name,
    status,
    reason,
  })
  return {
    id,
    name,
    async fn() {
      try {
        return result('ok', await run())
      } catch (error) {
        if (error instanceof Skipped) return result('skip', error.message)
        if (error instanceof Broken) return result(name.startsWith('MUST') ? 'error' : 'warn', error.message)
        return result('error', `could not be tried: ${messageOf(error)}`)
      }
    },
  }
}

/** What an error says, or its code: one of several tries to connect has no message. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.message === '' ? String((error as NodeJS.ErrnoException).code) : error.message
}
