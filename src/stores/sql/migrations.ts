import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { Database } from './tables.ts'

const MIGRATION_TABLE = 'authx_migration'
const LOCK_TABLE = 'authx_migration_lock'

/** What the dialects write differently in the tables' definitions: the types of columns, as SQL. */
export interface ColumnTypes {
  /** At least 53 bits. SQLite's must be spelt `integer`: only that makes a primary key the row's own number. */
  readonly whole: string
  /** A text of up to 255 UTF-16 units that is compared as it is: by case, accents and spaces at its end. */
  readonly name: string
  /** A text of any length, compared likewise. */
  readonly text: string
}

/** What of our migrations a database has had. */
export interface MigrationState {
  readonly missing: readonly string[]
  /** The last one that it has had; undefined where it has had none. */
  readonly last: string | undefined
}

/**
 * Looks at which migrations a database has had, and changes nothing.
 *
 * @param isMissing whether an error says that a table is not there
 * @throws ConfigurationError where a newer version has been at work
 */
export async function readMigrations(
  db: Kysely<Database>,
  isMissing: (error: unknown) => boolean,
): Promise<MigrationState> {
  const known = Object.keys(migrationsFor(NO_TYPES))
  let done: ReadonlySet<string>
  try {
    done = new Set(await namesIn(db))
  } catch (error) {
    if (!isMissing(error)) throw error
    done = new Set()
  }
  refuseNewer([...done], known)
  return { missing: known.filter((name) => !done.has(name)), last: [...done].toSorted().at(-1) }
}

export interface MigrationPlace {
  /** Where the tables go, in a dialect whose list of tables has those of other schemas too. */
  readonly schema?: string
}

/**
 * Brings the tables up to date, or changes nothing where the dialect's DDL is part of a transaction.
 *
 * @param db a transaction that no other process can overlap; where DDL is not part of transactions, the database
 * @throws ConfigurationError where a newer version has been at work
 */
export async function migrate(
  db: Kysely<Database>,
  types: ColumnTypes,
  { schema }: MigrationPlace = {},
): Promise<void> {
  const migrations = migrationsFor(types)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: LOCK_TABLE,
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  // A transaction that has failed answers nothing more; then what failed first says why.
  refuseNewer(await namesIn(db).catch(() => []), Object.keys(migrations))
  throw error
}

async function namesIn(db: Kysely<Database>): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(db)
  return rows.map(({ name }) => name)
}

function refuseNewer(done: readonly string[], known: readonly string[]): void {
  const foreign = done.find((name) => !known.includes(name))
  if (foreign !== undefined) {
    throw new ConfigurationError(
      `was written by a newer version of graphql-authx (it has "${foreign}"); install that version, or name another database`,
    )
  }
}

const NO_TYPES: ColumnTypes = { whole: '', name: '', text: '' }

/** In order of their names, and never changed once they have been released. */
export function migrationsFor(types: ColumnTypes): Readonly<Record<string, Migration>> {
  return {
    '001-first': { up: (db) => createTables(db, types) },
    '002-logins': { up: (db) => createLogins(db, types) },
    '003-session-origin': { up: (db) => addSessionOrigin(db, types) },
    '004-account-scopes': { up: (db) => addAccountScopes(db, types) },
  }
}

/** Accounts that can be disabled, and the tries of logins; the columns of these are what rate-limiter-flexible expects. */
async function createLogins(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { whole, name } = columnsOf(types)
  await db.schema
    .alterTable('authx_accounts')
    .addColumn('disabled', whole, (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('authx_attempts')
    .addColumn('key', name, (column) => column.primaryKey())
    .addColumn('points', whole, (column) => column.notNull().defaultTo(0))
    .addColumn('expire', whole)
    .execute()
  await db.schema.createIndex('authx_attempts_expiry').on('authx_attempts').column('expire').execute()
}

/** Where a session was started from, so that its owner can tell it from another. */
async function addSessionOrigin(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { name } = columnsOf(types)
  for (const column of ['device', 'address']) {
    await db.schema.alterTable('authx_sessions').addColumn(column, name).execute()
  }
}

/** What an account's owner may do. */
async function addAccountScopes(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { text } = columnsOf(types)
  await db.schema
    .alterTable('authx_accounts')
    .addColumn('scopes', text, (column) => column.notNull().defaultTo('[]'))
    .execute()
}

async function createTables(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const { whole, name, text } = columnsOf(types)
  await db.schema
    .createTable('authx_log')
    .addColumn('position', whole, (column) => column.primaryKey())
    .addColumn('kind', 'varchar(10)', (column) => column.notNull())
    .addColumn('issuer', name, (column) => column.notNull())
    .addColumn('key', name, (column) => column.notNull())
    .addColumn('epoch', whole, (column) => column.notNull())
    .addColumn('expires_at', whole, (column) => column.notNull())
    .addUniqueConstraint('authx_log_key', ['kind', 'issuer', 'key'])
    .execute()
  await db.schema.createIndex('authx_log_expiry').on('authx_log').column('expires_at').execute()
  await db.schema
    .createTable('authx_log_head')
    .addColumn('position', whole, (column) => column.notNull())
    .execute()
  await sql`insert into authx_log_head (position) values (0)`.execute(db)
  await db.schema
    .createTable('authx_epochs')
    .addColumn('issuer', name, (column) => column.notNull())
    .addColumn('sub', name, (column) => column.notNull())
    .addColumn('epoch', whole, (column) => column.notNull())
    .addPrimaryKeyConstraint('authx_epochs_key', ['issuer', 'sub'])
    .execute()
  await db.schema
    .createTable('authx_sessions')
    .addColumn('issuer', name, (column) => column.notNull())
    .addColumn('sid', name, (column) => column.notNull())
    .addColumn('sub', name, (column) => column.notNull())
    .addColumn('generation', whole, (column) => column.notNull())
    .addColumn('created_at', whole, (column) => column.notNull())
    .addColumn('rotated_at', whole, (column) => column.notNull())
    .addColumn('expires_at', whole, (column) => column.notNull())
    .addColumn('closes_at', whole, (column) => column.notNull())
    .addColumn('ended_at', whole)
    .addPrimaryKeyConstraint('authx_sessions_key', ['issuer', 'sid'])
    .execute()
  await db.schema
    .createIndex('authx_sessions_subject')
    .on('authx_sessions')
    .columns(['issuer', 'sub'])
    .execute()
  await db.schema.createIndex('authx_sessions_expiry').on('authx_sessions').column('expires_at').execute()
  await db.schema
    .createTable('authx_accounts')
    .addColumn('id', name, (column) => column.primaryKey())
    .addColumn('username', text, (column) => column.notNull())
    .addColumn('username_key', name, (column) => column.notNull().unique())
    .addColumn('password_hash', text, (column) => column.notNull())
    .execute()
}

type Columns = Readonly<Record<keyof ColumnTypes, RawBuilder<unknown>>>

function columnsOf({ whole, name, text }: ColumnTypes): Columns {
  return { whole: sql.raw(whole), name: sql.raw(name), text: sql.raw(text) }
}
