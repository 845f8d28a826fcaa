import { type Kysely, sql } from 'kysely'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { Database } from '../sql/tables.ts'

const EVERYTHING = ['select', 'insert', 'update', 'delete']

/** What serving asks of each table: as much as its statements use, and no more. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  authx_migration: ['select'],
  authx_log: ['select', 'insert', 'delete'],
  authx_log_head: ['select', 'update'],
  authx_epochs: ['select', 'insert', 'update'],
  authx_sessions: EVERYTHING,
  authx_accounts: EVERYTHING,
  authx_attempts: EVERYTHING,
}

interface Missing {
  readonly role: string
  /** As this session would name it. */
  readonly table: string
  readonly privileges: string
}

/**
 * Looks, in one query, at whether this user may do to the tables that are there what the store will: else somebody's logout would be the first to find out.
 *
 * @throws ConfigurationError naming each table, what is missing, and the statements that grant it
 */
export async function checkGrants(db: Kysely<Database>): Promise<void> {
  const needed = Object.entries(NEEDED).flatMap(([table, privileges], place) =>
    privileges.map((privilege, order) => sql`(${table}, ${privilege}, ${place * 10 + order}::int)`),
  )
  const { rows } = await sql<Missing>`
    select quote_ident(current_user) as role, to_regclass(name)::text as table,
      string_agg(privilege, ', ' order by place) as privileges
    from (values ${sql.join(needed)}) as needed (name, privilege, place)
    where not has_table_privilege(to_regclass(name), privilege)
    group by name order by min(place)`.execute(db)
  const [first] = rows
  if (first === undefined) return
  const missing = rows.map(({ table, privileges }) => `${privileges} on ${table}`)
  const grants = rows.map(({ table, privileges, role }) => `grant ${privileges} on ${table} to ${role};`)
  throw new ConfigurationError(
    `the user ${first.role} lacks ${missing.join('; ')}; run as the tables' owner: ${grants.join(' ')}`,
  )
}
