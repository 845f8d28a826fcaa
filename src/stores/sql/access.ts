import type { Kysely } from 'kysely'
import type { Database } from './tables.ts'

/** How the SQL store reaches its database. All that a dialect does in its own way is behind this. */
export interface SqlAccess {
  /** Whether the database is across a network. */
  readonly remote: boolean
  /** Runs queries outside a transaction: each is a snapshot of its own. */
  read<Answer>(work: (db: Kysely<Database>) => Promise<Answer>): Promise<Answer>
  /**
   * Runs a transaction that no other `write` overlaps, in any process: what it reads stays true until it ends. What it wrote is durable when this resolves,
   * and undone when it rejects. The work may run more than once, so it must do nothing but query.
   */
  write<Answer>(work: (trx: Kysely<Database>) => Promise<Answer>): Promise<Answer>
  /** Calls `wake` when somebody may have written; see `BlocklistStore.onAppend`. */
  onWrite(wake: () => void): () => void
  /** Lets the work under way finish. */
  close(): Promise<void>
}
