import { ConfigurationError } from './configuration-error.ts'

/** What systems, drivers and our own time limits say of a store that cannot be asked, or that refuses whoever asks. */
const CODES = /^(E(?!RR_)[A-Z_]{3,}|SQLITE_[A-Z_]+|[0-9A-Z]{2}[0-9A-Z]{3})$/
const WORDS =
  /no answer (within|for) \d+ ms|not to be read within \d+ ms|socket closed|client is closed|connection (is )?(closed|terminated)|connection timeout|timeout exceeded|there was no time left/i
/** What Redis' refusals begin with, after the server's name. */
const REFUSALS =
  /\b(NOAUTH|WRONGPASS|NOPERM|READONLY|NOREPLICAS|OOM|MISCONF|LOADING|BUSY|MASTERDOWN|CLUSTERDOWN) /

/** Whether an error says that somebody else's server cannot be asked. Its stack would tell of our waiting, and nothing else. */
export function isOutage(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 4) return false
  const { code, message, cause } = error as Error & { readonly code?: unknown }
  if (typeof code === 'string' && CODES.test(code)) return true
  // A server that is set up wrong, or another one since a failover.
  if (error instanceof ConfigurationError) return true
  return (
    (typeof message === 'string' && (WORDS.test(message) || REFUSALS.test(message))) ||
    isOutage(cause, depth + 1)
  )
}
