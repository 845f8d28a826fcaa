import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { migrationsFor } from '../sql/migrations.ts'
import { COLUMNS } from './language.ts'

/** Which part of the schema is asked for. */
export interface PostgresSchemaOptions {
  /** The last migration that the database has had. @default none */
  readonly after?: string
}

/** What Kysely keeps its own account of migrations in. */
const ACCOUNT = [
  'create table if not exists "authx_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null)',
  'create table if not exists "authx_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null)',
  `insert into "authx_migration_lock" ("id", "is_locked") values ('migration_lock', 0) on conflict do nothing`,
]
const NOW = `to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/**
 * The SQL that makes the tables, for teams that run migrations themselves: one transaction, to be run once, by whoever may create tables in the schema.
 *
 * It also writes down that it was run, which is what {@link postgres} looks at when it opens the store.
 *
 * @example
 * await writeFile('migrations/0007-authx.sql', await postgresSchema())
 *
 * @throws ConfigurationError where there is no such migration
 */
export async function postgresSchema({ after }: PostgresSchemaOptions = {}): Promise<string> {
  const migrations = migrationsFor(COLUMNS)
  const names = Object.keys(migrations)
  if (after !== undefined && !names.includes(after)) {
    throw new ConfigurationError(`after: no such migration as ${after}; there are ${names.join(', ')}`)
  }
  const statements: string[] = [...ACCOUNT]
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (one) => new PostgresIntrospector(one),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => void statements.push(query.sql),
  })
  for (const name of names.filter((one) => after === undefined || one > after)) {
    await migrations[name]?.up(db)
    statements.push(`insert into "authx_migration" ("name", "timestamp") values ('${name}', ${NOW})`)
  }
  return ['begin', ...statements, 'commit'].map((statement) => `${statement};\n`).join('')
}
