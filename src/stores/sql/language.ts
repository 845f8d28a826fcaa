import type { IsolationLevel, Kysely, RawBuilder } from 'kysely'
import type { ColumnTypes } from './migrations.ts'
import type { Database } from './tables.ts'

/** What a database that processes share across a network says in its own way. */
export interface SqlLanguage {
  readonly types: ColumnTypes
  /** For transactions, where what the server is set to would not do: each statement must see what was committed before it, the last writer's rows too. */
  readonly isolation?: IsolationLevel
  /**
   * The database's own clock as the statement begins, before it looks at a row: milliseconds since the epoch, a whole number, whatever time zone the
   * session is in.
   *
   * @param shift milliseconds to add; a parameter
   */
  now(shift: number): RawBuilder<number>
  /**
   * Looks at whether the server keeps what it acknowledges, and texts as they are, before anything is asked of it.
   *
   * @throws ConfigurationError naming the server's setting and the mend
   */
  check(db: Kysely<Database>): Promise<void>
  /** Tells processes that listen of new lines in the log, as the transaction commits. */
  notify?(trx: Kysely<Database>): Promise<void>
  /** Whether an error of a statement says that a table is not there. */
  isMissingTable(error: unknown): boolean
  /** Whether an error says that the server undid the transaction for the sake of another one, so that it may be run again. */
  isUndone(error: unknown): boolean
  /** What to say of a driver's error, without a value of a row, a statement or a password. */
  explain(error: unknown): string
}
