import type { Kysely, RawBuilder } from 'kysely'
import type { Database } from './tables.ts'

/** How statements say what time it is: SQL around one number of ours, so that a query can be built before the number is known. */
export interface SqlClock {
  /** What this process's clock says, or the milliseconds by which the database's own clock is shifted. */
  number(): number
  /**
   * Milliseconds since the epoch, a whole number, and no later than the moment whose rows the statement sees.
   *
   * @param number what {@link number} said
   */
  time(number: number): RawBuilder<number>
}

/** How the SQL store reaches its database. All that a dialect does in its own way is behind this. */
export interface SqlAccess {
  /** Whether the database is across a network. */
  readonly remote: boolean
  readonly clock: SqlClock
  /** Runs queries outside a transaction: each is a snapshot of its own. */
  read<Answer>(work: (db: Kysely<Database>) => Promise<Answer>): Promise<Answer>
  /**
   * Runs a transaction that no other `write` overlaps, in any process: what it reads stays true until it ends. What it wrote is durable when this resolves,
   * and undone when it rejects, unless the connection was lost at its very end: then nobody knows. The work may run more than once, so it must do nothing
   * but query.
   *
   * @param work is told the time, as it was once nobody else could write: one from before a wait for that could undercut a revocation
   */
  write<Answer>(work: (trx: Kysely<Database>, now: number) => Promise<Answer>): Promise<Answer>
  /** Calls `wake` when somebody may have written; see `BlocklistStore.onAppend`. */
  onWrite(wake: () => void): () => void
  /** Lets the work under way finish. */
  close(): Promise<void>
}
