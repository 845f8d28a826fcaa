import type { Kysely, RawBuilder } from 'kysely'
import type { LogEnd } from './log-end.ts'
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

/** What a write is given: it is alone in the database, and what it sees stays true until it ends. */
export interface Turn {
  readonly trx: Kysely<Database>
  /** The time, as it was once nobody else could write: one from before a wait for that could undercut a revocation. */
  readonly now: number
  readonly log: LogEnd
}

/** How the SQL store reaches its database. All that a dialect does in its own way is behind this. */
export interface SqlAccess {
  /** Whether the database is across a network. */
  readonly remote: boolean
  readonly clock: SqlClock
  /** Runs queries outside a transaction: each is a snapshot of its own. */
  read<Answer>(work: (db: Kysely<Database>) => Promise<Answer>): Promise<Answer>
  /**
   * Runs queries in a transaction that no other `write` overlaps, in any process; some may run in it before and after. What it wrote is durable when this
   * resolves, and undone when it rejects, unless the connection was lost at its very end, or the time was up: then nobody knows. The work may run more
   * than once, so it must do nothing but query.
   */
  write<Answer>(work: (turn: Turn) => Promise<Answer>): Promise<Answer>
  /** Calls `wake` when somebody may have written; see `BlocklistStore.onAppend`. */
  onWrite(wake: () => void): () => void
  /** Lets the work under way finish. */
  close(): Promise<void>
}
