import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { Listeners } from '../listeners.ts'
import type { SqlAccess, SqlClock, Turn } from '../sql/access.ts'
import { LogEnd, selectEnd, storeEnd } from '../sql/log-end.ts'
import type { Database } from '../sql/tables.ts'
import { isBusy, PATIENCE, untilFree } from './busy.ts'

/** Queries over one connection to one file. */
export class SqliteAccess implements SqlAccess {
  readonly remote = false
  readonly clock: SqlClock
  /** Told of this process's writes: SQLite tells nobody of another's. */
  readonly #writers = new Listeners()
  readonly #db: Kysely<Database>
  readonly #path: string
  #lastWrite: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** @param clock milliseconds since the epoch */
  constructor(db: Kysely<Database>, path: string, clock: () => number) {
    this.#db = db
    this.#path = path
    this.clock = { number: clock, time: (number) => sql<number>`${number}` }
  }

  async read<Answer>(work: (db: Kysely<Database>) => Promise<Answer>): Promise<Answer> {
    this.#assertOpen()
    return await this.#explained(() => untilFree(() => work(this.#db), performance.now() + PATIENCE))
  }

  async write<Answer>(work: (turn: Turn) => Promise<Answer>): Promise<Answer> {
    this.#assertOpen()
    const deadline = performance.now() + PATIENCE
    // One at a time: a crowd that waits for a foreign lock would otherwise ask for it all at once, again and again.
    const turn = this.#lastWrite.then(() =>
      this.#explained(() => untilFree(() => this.#transaction(work), deadline)),
    )
    // A commit takes this thread for as long as the disk takes; in between, others get it.
    this.#lastWrite = turn.then(nextTurn, nextTurn)
    const answer = await turn
    this.#writers.call()
    return answer
  }

  #transaction<Answer>(work: (turn: Turn) => Promise<Answer>): Promise<Answer> {
    return this.#db.transaction().execute(async (trx) => {
      const log = new LogEnd((await selectEnd(trx).executeTakeFirstOrThrow()).position)
      const answer = await work({ trx, now: this.clock.number(), log })
      await storeEnd(trx, log)
      return answer
    })
  }

  onWrite(wake: () => void): () => void {
    return this.#writers.add(wake)
  }

  close(): Promise<void> {
    this.#closing ??= this.#lastWrite
      // Its turn comes after the reads that are waiting for the connection.
      .then(() => this.#db.connection().execute(async () => undefined))
      .then(() => this.#db.destroy())
    return this.#closing
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new Error(`${this.#path}: the SQLite store is closed`)
  }

  /** SQLite's messages name tables and columns, never a value, so the cause can be logged. */
  async #explained<Answer>(query: () => Promise<Answer>): Promise<Answer> {
    try {
      return await query()
    } catch (cause) {
      const problem = cause instanceof Error ? cause.message : String(cause)
      const mend = isBusy(cause) ? ` by another process for ${PATIENCE} ms; nothing was changed` : ''
      throw new Error(`${this.#path}: ${problem}${mend}`, { cause })
    }
  }
}

async function nextTurn(): Promise<void> {
  await setImmediate()
}
