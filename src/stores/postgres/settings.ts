import { ConfigurationError } from '../../core/configuration-error.ts'
import { checkNames, milliseconds, whole } from '../../core/option-checks.ts'
import { checkUrlParameters } from './url-parameters.ts'

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

const NAMES: Readonly<Record<keyof PostgresOptions, true>> = {
  connections: true,
  connectTimeout: true,
  commandTimeout: true,
  migrate: true,
  clockShift: true,
}

/** @throws ConfigurationError naming the option and the mend; it never has the URL, which has the password */
export function readSettings(url: string, options: PostgresOptions = {}): PostgresSettings {
  checkNames('postgres', options, NAMES)
  const {
    connections = 10,
    connectTimeout = 1000,
    commandTimeout = 1000,
    migrate = true,
    clockShift = () => 0,
  } = options
  return Object.freeze({
    url,
    ...addressOf(url),
    connections: whole('postgres.connections', connections, 1, 1000),
    connectTimeout: milliseconds('postgres.connectTimeout', connectTimeout, 1, 60_000),
    commandTimeout: milliseconds('postgres.commandTimeout', commandTimeout, 1, 60_000),
    migrate,
    clockShift,
  })
}

function addressOf(url: string): Pick<PostgresSettings, 'name' | 'isPooled'> {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol) || isCutOff(parsed)) {
    throw new ConfigurationError(
      'postgres: must be a URL such as postgres://user:password@host:5432/database (signs in the password as %XX)',
    )
  }
  const host = parsed.searchParams.get('host') ?? parsed.hostname
  const name = `postgres ${host}${parsed.port && `:${parsed.port}`}${parsed.pathname}`
  checkUrlParameters(name, parsed)
  return { name, isPooled: parsed.searchParams.get('pgbouncer') === 'true' }
}

/** Whether a password ended at a `?`, `/` or `#` that is not escaped: then its rest is taken for parameters or a database, and has the `@`. */
function isCutOff({ pathname, search, hash }: URL): boolean {
  return hash !== '' || pathname.includes('@') || search.includes('@')
}
