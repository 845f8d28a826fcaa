import type { Database as Connection, Statement } from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'

/** Kysely's SQLite dialect over one open connection, with transactions that hold the write lock from their first moment. */
export class ImmediateDialect extends SqliteDialect {
  readonly #connection: Connection

  constructor(connection: Connection) {
    super({ database: connection })
    this.#connection = connection
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.#connection)
  }

  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter()
  }
}

class ImmediateDriver extends SqliteDriver {
  readonly #connection: Connection

  constructor(connection: Connection) {
    super({ database: remembering(connection) })
    this.#connection = connection
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // A plain `begin` takes the lock at the first write, and fails there if another process wrote since the first read.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // SQLite rolls back by itself when the disk is full; a second rollback would hide why.
    if (this.#connection.inTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'))
  }
}

/** Tells the migrator that a migration may run inside the caller's transaction: SQLite's DDL is undone with it. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/** Prepares each text once: the store's queries are a few dozen, and preparing costs more than running them. */
function remembering(connection: Connection): {
  prepare(sql: string): Statement
  close(): void
} {
  const statements = new Map<string, Statement>()
  return {
    prepare(sql) {
      const known = statements.get(sql) ?? connection.prepare(sql)
      statements.set(sql, known)
      return known
    },
    close() {
      connection.close()
    },
  }
}
