import { type ClientConfig, types } from 'pg'
import type { PostgresSettings } from './settings.ts'

/** What every client is given: a limit for each thing that can take for ever, since PostgreSQL's driver has none by itself. */
export function clientConfig(settings: PostgresSettings): ClientConfig {
  const { url, connectTimeout, commandTimeout, isPooled } = settings
  return {
    connectionString: url,
    fallback_application_name: 'graphql-authx',
    connectionTimeoutMillis: connectTimeout,
    query_timeout: commandTimeout,
    ...(isPooled ? {} : serverLimits(settings)),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  }
}

type ServerLimits = Pick<
  ClientConfig,
  'statement_timeout' | 'lock_timeout' | 'idle_in_transaction_session_timeout'
>

/** What the server is to hold a session to, in milliseconds by the names of its settings. */
export function serverLimits({ commandTimeout }: PostgresSettings): ServerLimits {
  return {
    // Sooner than the driver's own, after which the connection is of no more use.
    statement_timeout: Math.ceil(commandTimeout * 0.9),
    lock_timeout: Math.ceil(commandTimeout * 0.8),
    // A process that was stopped in the middle of a transaction keeps all others from writing.
    idle_in_transaction_session_timeout: commandTimeout,
  }
}

const INT8 = types.builtins.INT8

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8 && format !== 'binary') return wholeNumber
  return types.getTypeParser(oid, format as 'text')
}

/** The driver would answer with a text, which compares and adds up in ways of its own. */
function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw new Error('a number of the database is beyond 53 bits')
  return number
}
