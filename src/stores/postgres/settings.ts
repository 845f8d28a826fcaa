import { ConfigurationError } from '../../core/configuration-error.ts'

/** What can be said about how the database is used. */
export interface PostgresOptions {
  /** The most connections at a time; while somebody listens to the log, one more. @default 10 */
  readonly connections?: number
  /** Milliseconds that a connection may take, or the wait for one. @default 1000 */
  readonly connectTimeout?: number
  /** Milliseconds that a statement may take. A call takes no longer than this and {@link connectTimeout} together. @default 1000 */
  readonly commandTimeout?: number
  /** Whether opening brings the tables up to date; where it does not, it refuses tables that are not. @default true */
  readonly migrate?: boolean
  /** Milliseconds to add to the database's clock, which is the store's: for the contract's tests. @default 0 */
  readonly clockShift?: () => number
}

/** The options, checked. */
export interface PostgresSettings extends Required<PostgresOptions> {
  readonly url: string
  /** What messages call the database: host and name, no password. */
  readonly name: string
  /** Whether a pooler lends connections for a transaction, so that a session's settings and statements are somebody else's the next time. */
  readonly isPooled: boolean
}

const MOST = { connections: 1000, connectTimeout: 60_000, commandTimeout: 60_000 }

/** @throws ConfigurationError naming the option and the mend; it never has the URL, which has the password */
export function readSettings(url: string, options: PostgresOptions = {}): PostgresSettings {
  const known = new Set(['connections', 'connectTimeout', 'commandTimeout', 'migrate', 'clockShift'])
  const wrong = Object.keys(options).find((name) => !known.has(name))
  if (wrong !== undefined) {
    throw new ConfigurationError(`postgres: no such option as ${wrong}; there are ${[...known].join(', ')}`)
  }
  const settings = {
    url,
    ...addressOf(url),
    connections: 10,
    connectTimeout: 1000,
    commandTimeout: 1000,
    migrate: true,
    clockShift: () => 0,
    ...options,
  }
  for (const [name, most] of Object.entries(MOST)) {
    const value = settings[name as keyof typeof MOST]
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new ConfigurationError(`postgres: ${name} must be a whole number from 1 to ${most}`)
    }
  }
  return Object.freeze(settings)
}

function addressOf(url: string): Pick<PostgresSettings, 'name' | 'isPooled'> {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new ConfigurationError(
      'postgres: must be a URL such as postgres://user:password@host:5432/database (signs in the password as %XX)',
    )
  }
  const host = parsed.searchParams.get('host') ?? parsed.hostname
  const name = `postgres ${host}${parsed.port && `:${parsed.port}`}${parsed.pathname}`
  const pooled = parsed.searchParams.get('pgbouncer') ?? 'false'
  if (!/^(true|false)$/.test(pooled)) {
    throw new ConfigurationError(`${name}: pgbouncer must be true or false in the URL`)
  }
  return { name, isPooled: pooled === 'true' }
}
