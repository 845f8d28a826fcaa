import { type Dialect, Kysely, sql as query } from 'kysely'
import { ConfigurationError } from '../core/configuration-error.ts'
import { checkNames, milliseconds } from '../core/option-checks.ts'
import type { Store } from '../core/store.ts'
import type { SqlLanguage } from './sql/language.ts'
import { migrate, readMigrations } from './sql/migrations.ts'
import { SharedAccess } from './sql/shared-access.ts'
import { SqlStore } from './sql/store.ts'
import type { Database } from './sql/tables.ts'

export type { SqlLanguage } from './sql/language.ts'
export { mariadb } from './sql/mariadb.ts'
export type { ColumnTypes } from './sql/migrations.ts'
export type { Database } from './sql/tables.ts'

/** A database, and how it is used. */
export interface SqlOptions {
  /** A dialect of Kysely over a pool of the driver's, which closes with the store. Give the driver time limits of its own. */
  readonly dialect: Dialect
  /** What the database says in its own way: {@link mariadb}, or your own. */
  readonly language: SqlLanguage
  /** What messages call the database. @default 'database' */
  readonly name?: string
  /** Milliseconds that a call takes at most. @default 2000 */
  readonly timeout?: number
  /** Whether opening brings the tables up to date; where it does not, it refuses tables that are not. @default true */
  readonly migrate?: boolean
  /** Milliseconds to add to the database's clock, which is the store's: for the contract's tests. @default 0 */
  readonly clockShift?: () => number
}

const NAMES: Readonly<Record<keyof SqlOptions, true>> = {
  dialect: true,
  language: true,
  name: true,
  timeout: true,
  migrate: true,
  clockShift: true,
}

/** The most milliseconds that a call may be given. */
const LONGEST = 60_000

/**
 * Opens a store over a dialect of Kysely, in a database that several processes share.
 *
 * Where its DDL is no part of transactions, as MariaDB's is not, a start that is killed while it makes the tables leaves them half made.
 *
 * @example
 * const dialect = new MysqlDialect({ pool: createPool({ uri: 'mysql://authx:secret@db.internal/authx' }) })
 * const store = await sql({ dialect, language: mariadb })
 *
 * @throws ConfigurationError naming the option or the database, and the mend, where it cannot be used
 */
export async function sql(options: SqlOptions): Promise<Store> {
  checkNames('sql', options, NAMES)
  const { dialect, language, name = 'database', timeout = 2000, clockShift = () => 0 } = options
  milliseconds('sql.timeout', timeout, 1, LONGEST)
  const db = new Kysely<Database>({ dialect })
  try {
    await language.check(db)
    await checkNumbers(db, language)
    const { missing } = await readMigrations(db, language.isMissingTable)
    if (missing.length > 0 && options.migrate === false) {
      throw new ConfigurationError(
        `its tables are not up to date (without ${missing.join(', ')}), and migrate is false; open it once with a user who may create tables, and without migrate: false`,
      )
    }
    if (missing.length > 0) await migrate(db, language.types)
  } catch (cause) {
    await db.destroy()
    const problem =
      cause instanceof ConfigurationError ? cause.message : `cannot be used: ${language.explain(cause)}`
    throw new ConfigurationError(`${name}: ${problem}`)
  }
  return new SqlStore(new SharedAccess(db, language, { name, patience: timeout, shift: clockShift }))
}

/** Some drivers answer with texts, which compare and add up in ways of their own. */
async function checkNumbers(db: Kysely<Database>, language: SqlLanguage): Promise<void> {
  const { rows } = await query<{ now: unknown }>`select ${language.now(0)} as now`.execute(db)
  if (Number.isSafeInteger(rows[0]?.now)) return
  throw new ConfigurationError(
    `its driver answers with ${typeof rows[0]?.now} for whole numbers of 64 bits; set it to answer with numbers`,
  )
}
