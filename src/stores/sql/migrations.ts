import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { Database } from './tables.ts'

const MIGRATION_TABLE = 'authx_migration'
const LOCK_TABLE = 'authx_migration_lock'

/** What the dialects write differently in the tables' definitions. */
export interface ColumnTypes {
  /** At least 53 bits. SQLite's must be spelt `integer`: only that makes a primary key the row's own number. */
  readonly whole: 'integer' | 'bigint'
}

/**
 * Brings the tables up to date, or changes nothing.
 *
 * @param trx a transaction that no other process can overlap, in a dialect whose DDL is part of it
 * @throws ConfigurationError where a newer version has been at work
 */
export async function migrate(trx: Kysely<Database>, types: ColumnTypes): Promise<void> {
  const migrations = migrationsFor(types)
  const migrator = new Migrator({
    db: trx,
    provider: { getMigrations: async () => migrations },
    migrationTableName: MIGRATION_TABLE,
    migrationLockTableName: LOCK_TABLE,
  })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  await refuseNewer(trx, migrations)
  throw error
}

async function refuseNewer(trx: Kysely<Database>, known: Readonly<Record<string, Migration>>): Promise<void> {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(trx)
  const foreign = rows.find(({ name }) => !Object.hasOwn(known, name))
  if (foreign !== undefined) {
    throw new ConfigurationError(
      `was written by a newer version of graphql-authx (it has "${foreign.name}"); install that version, or name another database`,
    )
  }
}

/** In order of their names, and never changed once they have been released. */
function migrationsFor({ whole }: ColumnTypes): Readonly<Record<string, Migration>> {
  return {
    '001-first': { up: (db) => createTables(db, whole) },
    '002-logins': { up: (db) => createLogins(db, whole) },
    '003-session-origin': { up: addSessionOrigin },
    '004-account-scopes': { up: addAccountScopes },
  }
}

/** Accounts that can be disabled, and the tries of logins; the columns of these are what rate-limiter-flexible expects. */
async function createLogins(db: Kysely<unknown>, whole: ColumnTypes['whole']): Promise<void> {
  await db.schema
    .alterTable('authx_accounts')
    .addColumn('disabled', whole, (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('authx_attempts')
    .addColumn('key', 'varchar(255)', (column) => column.primaryKey())
    .addColumn('points', whole, (column) => column.notNull().defaultTo(0))
    .addColumn('expire', whole)
    .execute()
  await db.schema.createIndex('authx_attempts_expiry').on('authx_attempts').column('expire').execute()
}

/** Where a session was started from, so that its owner can tell it from another. */
async function addSessionOrigin(db: Kysely<unknown>): Promise<void> {
  for (const column of ['device', 'address']) {
    await db.schema.alterTable('authx_sessions').addColumn(column, 'varchar(255)').execute()
  }
}

/** What an account's owner may do. */
async function addAccountScopes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('authx_accounts')
    .addColumn('scopes', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute()
}

async function createTables(db: Kysely<unknown>, whole: ColumnTypes['whole']): Promise<void> {
  const name = 'varchar(255)'
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
    .addColumn('username', 'text', (column) => column.notNull())
    .addColumn('username_key', name, (column) => column.notNull().unique())
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .execute()
}
