import { Kysely, PostgresAdapter, PostgresDialect, sql } from 'kysely'
import type { Pool } from 'pg'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { SqlAccess } from '../sql/access.ts'
import { type MigrationState, migrate, readMigrations } from '../sql/migrations.ts'
import { SharedAccess } from '../sql/shared-access.ts'
import type { Database } from '../sql/tables.ts'
import { clientConfig, serverLimits } from './client-config.ts'
import { checkGrants } from './grants.ts'
import { COLUMNS, codeOf, POSTGRES } from './language.ts'
import { LogListener } from './log-listener.ts'
import { careful, createPool } from './pool.ts'
import type { PostgresSettings } from './settings.ts'

/** Milliseconds that bringing the tables up to date may take, other processes that are at it included. */
const MIGRATION_PATIENCE = 60_000

/** @throws ConfigurationError naming the database and the mend */
export async function openPostgres(settings: PostgresSettings): Promise<SqlAccess> {
  const { name, connections, connectTimeout, commandTimeout } = settings
  const pool = createPool(settings, connections)
  try {
    const db = databaseOver(pool, settings)
    await POSTGRES.check(db)
    await checkGrants(db)
    const state = await readMigrations(db, POSTGRES.isMissingTable)
    if (state.missing.length > 0) {
      if (!settings.migrate) throw outdated(state)
      await bringUpToDate(settings, state)
    }
    return new SharedAccess(db, POSTGRES, {
      name,
      patience: connectTimeout + commandTimeout,
      shift: settings.clockShift,
      // A pooler that lends connections for a transaction tells nobody of anything.
      ...(settings.isPooled
        ? { prepare: (trx) => limitTransaction(trx, settings) }
        : { hints: new LogListener(clientConfig(settings)) }),
    })
  } catch (cause) {
    await pool.end()
    throw new ConfigurationError(`${name}: ${explain(cause)}`)
  }
}

function databaseOver(pool: Pool, settings: PostgresSettings): Kysely<Database> {
  return new Kysely<Database>({ dialect: new LockedDialect({ pool: careful(pool, settings) }) })
}

/** What a session is told otherwise; it ends with the transaction. */
async function limitTransaction(trx: Kysely<Database>, settings: PostgresSettings): Promise<void> {
  const limits = Object.entries(serverLimits(settings)).map(
    ([name, limit]) => sql`set_config(${name}, ${String(limit)}, true)`,
  )
  const commit = sql`set_config('synchronous_commit', 'on', true)
    where current_setting('synchronous_commit') = 'off'`
  await sql`select ${sql.join(limits)}`.execute(trx)
  await sql`select ${commit}`.execute(trx)
}

/** A migration runs in a transaction of ours that holds a lock already; Kysely's own would outlive one that fails. */
class LockedDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new LockedAdapter()
  }
}

class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/** Over a connection of its own, whose statements may take their time. */
async function bringUpToDate(settings: PostgresSettings, state: MigrationState): Promise<void> {
  const patient = { ...settings, commandTimeout: MIGRATION_PATIENCE }
  const db = databaseOver(createPool(patient, 1), patient)
  try {
    await db.transaction().execute(async (trx) => {
      // The text is the lock's name, in this database.
      await sql`select pg_advisory_xact_lock(hashtext('graphql-authx migrations'))`.execute(trx)
      const schema = await schemaToMigrate(trx, state)
      await migrate(trx, COLUMNS, { schema })
    })
  } finally {
    await db.destroy()
  }
}

/** Looked at before anything fails: in a transaction, whatever is said after that hides why. */
async function schemaToMigrate(trx: Kysely<Database>, state: MigrationState): Promise<string> {
  const { rows } = await sql<{ schema: string | null; isOpen: boolean | null }>`
    select current_schema() as schema, has_schema_privilege(current_schema(), 'create') as "isOpen"`.execute(
    trx,
  )
  const [{ schema, isOpen } = { schema: null, isOpen: false }] = rows
  if (schema === null) {
    throw new ConfigurationError(
      'has no schema in its search_path that this user may use; make one, grant usage on it, or name another',
    )
  }
  if (isOpen !== true) {
    throw new ConfigurationError(
      `its tables are not up to date (without ${state.missing.join(', ')}), and this user may not create tables in the schema ${schema}; as one who may, ${sqlAfter(state)}`,
    )
  }
  return schema
}

function outdated(state: MigrationState): ConfigurationError {
  return new ConfigurationError(
    `its tables are not up to date (without ${state.missing.join(', ')}), and migrate is false; ${sqlAfter(state)}, or open it once with a user who may create tables and without migrate: false`,
  )
}

/** What prints the SQL of just the migrations that are missing. */
function sqlAfter({ last }: MigrationState): string {
  const [command, call] = last === undefined ? ['', ''] : [` --after ${last}`, `{ after: '${last}' }`]
  return `run the SQL of: graphql-authx database schema${command} (in code: postgresSchema(${call}))`
}

function explain(cause: unknown): string {
  if (cause instanceof ConfigurationError) return cause.message
  const code = codeOf(cause)
  const problem = POSTGRES.explain(cause)
  if (code === '42501') {
    return `${problem}; let this user do it, or bring the tables up to date as one who may, by the SQL of: graphql-authx database schema`
  }
  if (code === '28P01' || code === '28000')
    return `${problem}; set the user and the password in the URL right`
  if (code === '3D000') return `${problem}; make it, or name another`
  if (code === '08P01' && problem.includes('startup parameter')) {
    return `cannot be used: ${problem}; there is a pooler in between: add pgbouncer=true to the URL, or name the server itself`
  }
  return `cannot be used: ${problem}; see that it runs there and lets this machine in`
}
