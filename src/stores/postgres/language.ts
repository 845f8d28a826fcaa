import { type Kysely, sql } from 'kysely'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { SqlLanguage } from '../sql/language.ts'
import type { ColumnTypes } from '../sql/migrations.ts'
import type { Database } from '../sql/tables.ts'

/** The channel on which writers tell of new lines. */
export const CHANNEL = 'authx_log'

export const STANDBY = 'is a standby, which does not know yet what was just revoked; name the primary'
const READ_ONLY =
  'takes no writes, so nothing can be revoked in it; name the primary, or turn default_transaction_read_only off where it is set'
/** `read_only_sql_transaction`. */
const REFUSED_WRITE = '25006'
/** What the time of a standby fails with: a pooler may lead to one over a connection that was there before. */
const DIVISION_BY_ZERO = '22012'

/** "C" compares bytes: what an index is sorted by stays the same when the system's rules for languages change. */
export const COLUMNS: ColumnTypes = { whole: 'bigint', name: 'text collate "C"', text: 'text collate "C"' }

/** PostgreSQL. */
export const POSTGRES: SqlLanguage = {
  types: COLUMNS,
  isolation: 'read committed',
  // The server takes it when the statement arrives, and looks at the tables after that; `clock_timestamp()` would be read later.
  now: (shift) =>
    sql<number>`floor(extract(epoch from statement_timestamp()) * 1000)::bigint + ${shift}::bigint + (select 0 / (not pg_is_in_recovery())::int)`,
  check,
  notify,
  isMissingTable: (error) => codeOf(error) === '42P01',
  isUndone: (error) => ['40001', '40P01'].includes(codeOf(error)),
  explain,
}

interface Standing {
  readonly encoding: string
  /** Where it is said that transactions are read-only, in the words of `pg_settings`; null where they are not. */
  readonly readOnly: string | null
}

async function check(db: Kysely<Database>): Promise<void> {
  const { rows } = await sql<Standing>`select current_setting('server_encoding') as encoding,
    (select source from pg_settings where name = 'default_transaction_read_only' and setting = 'on') as "readOnly"`.execute(
    db,
  )
  const { encoding, readOnly } = rows[0] as Standing
  if (encoding !== 'UTF8') {
    throw new ConfigurationError(
      `keeps texts as ${encoding}, which does not have every character; make a database with: create database … encoding 'UTF8' template template0`,
    )
  }
  if (readOnly !== null) throw new ConfigurationError(`${READ_ONLY} (set by: ${readOnly})`)
}

/** Without a payload: what is new is for the log to say. */
async function notify(trx: Kysely<Database>): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, '')`.execute(trx)
}

/** PostgreSQL's SQLSTATE, or the system's code; empty where there is none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

/** The server's own words name tables and settings; those about data may have the data in them. */
function explain(error: unknown): string {
  const code = codeOf(error)
  if (code === DIVISION_BY_ZERO) return STANDBY
  if (code === REFUSED_WRITE) return `${READ_ONLY} (${code})`
  if (/^22...$/.test(code)) return `the server refused a value (${code})`
  const problem = error instanceof Error && error.message !== '' ? error.message : code || 'failed'
  return code === '' || problem.includes(code) ? problem : `${problem} (${code})`
}
