import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import { Listeners } from '../listeners.ts'
import type { SqlAccess, SqlClock, Turn } from './access.ts'
import { GatheredWrites } from './gathered-writes.ts'
import type { SqlLanguage } from './language.ts'
import { LogEnd, selectEnd, storeEnd } from './log-end.ts'
import type { Database } from './tables.ts'

/** How many times a transaction is run that the server undoes for the sake of another one. */
const RUNS = 3

/** What a call is given. */
export interface SharedAccessOptions {
  /** What messages call the database; no password is in it. */
  readonly name: string
  /** Milliseconds that a call takes at most. */
  readonly patience: number
  /** Milliseconds that are added to the database's clock. */
  readonly shift: () => number
  /** Is run at the beginning of each transaction. */
  readonly prepare?: (trx: Kysely<Database>) => Promise<void>
  /** Hears of other processes' writes. @default only this one's are told of */
  readonly hints?: Hints
}

/** Hints that come from the database. */
export interface Hints {
  add(wake: () => void): () => void
  close(): Promise<void>
}

/** Queries over the connections to a database that other processes write to as well. */
export class SharedAccess implements SqlAccess {
  readonly remote = true
  readonly clock: SqlClock
  readonly #db: Kysely<Database>
  readonly #language: SqlLanguage
  readonly #options: SharedAccessOptions
  readonly #writers = new Listeners()
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #writes: GatheredWrites
  #closing: Promise<void> | undefined

  constructor(db: Kysely<Database>, language: SqlLanguage, options: SharedAccessOptions) {
    this.#db = db
    this.#language = language
    this.#options = options
    this.#writes = new GatheredWrites({
      transaction: (work) => this.#repeat(() => this.#transaction(work)),
      isUndone: (error) => language.isUndone(error),
    })
    this.clock = { number: options.shift, time: (shift) => language.now(shift) }
  }

  read<Answer>(work: (db: Kysely<Database>) => Promise<Answer>): Promise<Answer> {
    return this.#inTime(() => work(this.#db))
  }

  async write<Answer>(work: (turn: Turn) => Promise<Answer>): Promise<Answer> {
    const answer = await this.#inTime((isLate, silence) => this.#writes.add({ work, isLate, silence }))
    if (this.#options.hints === undefined) this.#writers.call()
    return answer
  }

  onWrite(wake: () => void): () => void {
    return (this.#options.hints ?? this.#writers).add(wake)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const ended = Promise.all([this.#options.hints?.close(), ...this.#underWay])
    // A driver without time limits of its own may wait for ever.
    await Promise.race([ended, sleep(this.#options.patience, undefined, { ref: false })])
    await Promise.race([this.#db.destroy(), sleep(this.#options.patience, undefined, { ref: false })])
  }

  async #transaction<Answer>(work: (turn: Turn) => Promise<Answer>): Promise<Answer> {
    const { isolation, notify } = this.#language
    const begin = this.#db.transaction()
    return await (isolation === undefined ? begin : begin.setIsolationLevel(isolation)).execute(
      async (trx) => {
        await this.#options.prepare?.(trx)
        // Whoever holds this row writes alone, in all processes. Positions are in the order of commits for that reason.
        const { position } = await selectEnd(trx).forUpdate().executeTakeFirstOrThrow()
        const log = new LogEnd(position)
        const answer = await work({ trx, now: await this.#now(trx), log })
        await storeEnd(trx, log)
        if (log.isMoved) await notify?.(trx)
        return answer
      },
    )
  }

  /** In a statement of its own: a time in the one that takes the lock may be from before the wait. */
  async #now(trx: Kysely<Database>): Promise<number> {
    const { rows } = await sql<{
      now: number
    }>`select ${this.clock.time(this.clock.number())} as now`.execute(trx)
    return (rows[0] as { now: number }).now
  }

  async #repeat<Answer>(transaction: () => Promise<Answer>): Promise<Answer> {
    for (let run = 1; ; run += 1) {
      try {
        return await transaction()
      } catch (error) {
        if (run === RUNS || !this.#language.isUndone(error)) throw error
      }
    }
  }

  /** Rejects when the time is up, whatever the driver waits for; it is told so, and what it still does is of no matter to anybody. */
  async #inTime<Answer>(
    query: (isLate: () => boolean, silence: Promise<never>) => Promise<Answer>,
  ): Promise<Answer> {
    const { name, patience } = this.#options
    if (this.#closing !== undefined) throw new Error(`${name}: the store is closed`)
    let timer: NodeJS.Timeout | undefined
    let late = false
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        late = true
        reject(new Error(`no answer for ${patience} ms`))
      }, patience)
    })
    const answer = query(() => late, silence)
    const ended: Promise<unknown> = answer.then(
      () => this.#underWay.delete(ended),
      () => this.#underWay.delete(ended),
    )
    this.#underWay.add(ended)
    try {
      return await Promise.race([answer, silence])
    } catch (error) {
      throw explained(name, this.#language.explain(error), error)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** An error without its cause: drivers put statements and rows into theirs. */
function explained(name: string, problem: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return Object.assign(new Error(`${name}: ${problem}`), typeof code === 'string' ? { code } : {})
}
