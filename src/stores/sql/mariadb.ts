import { type Kysely, sql } from 'kysely'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { SqlLanguage } from './language.ts'
import type { Database } from './tables.ts'

/** Compares bytes, and spaces at the end too: `utf8mb4_bin` would not. */
const EXACT = 'character set utf8mb4 collate utf8mb4_nopad_bin'

/** A server's variable, what it has to be for us, and why. */
interface Requirement {
  readonly variable: string
  readonly isMet: (value: string) => boolean
  readonly mend: string
}

const REQUIREMENTS: readonly Requirement[] = [
  {
    variable: 'version',
    isMet: (value) => /mariadb/i.test(value),
    mend: 'use MariaDB 10.5 or newer; MySQL has no collation of that name',
  },
  {
    variable: 'default_storage_engine',
    isMet: (value) => value === 'InnoDB',
    mend: 'set it to InnoDB: the others have no transactions',
  },
  {
    variable: 'innodb_flush_log_at_trx_commit',
    isMet: (value) => value === '1',
    mend: 'set it to 1: a crash would otherwise undo logouts that were acknowledged',
  },
  {
    variable: 'sql_mode',
    isMet: (value) => /STRICT_(TRANS|ALL)_TABLES/.test(value) && !value.includes('NO_BACKSLASH_ESCAPES'),
    mend: 'add STRICT_TRANS_TABLES, without which texts are cut off, and take out NO_BACKSLASH_ESCAPES, under which the driver does not escape them',
  },
]

/** MariaDB, for `MysqlDialect` over mysql2. */
export const mariadb: SqlLanguage = {
  types: { whole: 'bigint', name: `varchar(255) ${EXACT}`, text: `text ${EXACT}` },
  isolation: 'read committed',
  // In UTC: the hour that a time zone repeats in autumn would be told twice.
  now: (shift) =>
    sql<number>`timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000 + cast(${shift} as signed)`,
  check,
  isMissingTable: (error) => codeOf(error) === 'ER_NO_SUCH_TABLE',
  isUndone: (error) => ['ER_LOCK_DEADLOCK', 'ER_CHECKREAD'].includes(codeOf(error)),
  // The messages of the server have values of rows in them, and the driver's errors the statement.
  explain: (error) =>
    codeOf(error) || (error instanceof Error && !('sql' in error) ? error.message : 'failed'),
}

async function check(db: Kysely<Database>): Promise<void> {
  for (const { variable, isMet, mend } of REQUIREMENTS) {
    const { rows } = await sql<{ value: unknown }>`select ${sql.raw(`@@${variable}`)} as value`.execute(db)
    const value = String(rows[0]?.value)
    if (!isMet(value)) throw new ConfigurationError(`its ${variable} is ${value}; ${mend}`)
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}
