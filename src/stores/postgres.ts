import type { Store } from '../core/store.ts'
import { openPostgres } from './postgres/open.ts'
import { type PostgresOptions, readSettings } from './postgres/settings.ts'
import { SqlStore } from './sql/store.ts'

export { type PostgresSchemaOptions, postgresSchema } from './postgres/schema.ts'
export type { PostgresOptions } from './postgres/settings.ts'

/**
 * Opens a store in a PostgreSQL database, for any number of processes on any number of machines; what it acknowledged survives a crash.
 *
 * Its tables are brought up to date before this resolves, once, however many processes start together. The time is the database's. A call that the
 * database does not answer in time rejects, and so does one whose commit nobody knows the outcome of.
 *
 * @example
 * const authx = createAuthX({ secret, sessions: await postgres('postgres://authx:secret@db.internal/authx') })
 *
 * @param url the primary's; parameters after `?` as for the driver `pg`, such as `sslmode=verify-full`
 * @throws ConfigurationError naming the option or the database, and the mend, where it cannot be used
 */
export async function postgres(url: string, options?: PostgresOptions): Promise<Store> {
  return new SqlStore(await openPostgres(readSettings(url, options)))
}
