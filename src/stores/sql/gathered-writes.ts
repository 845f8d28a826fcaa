import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Turn } from './access.ts'

/** The most writes of one transaction. PostgreSQL remembers up to 64 savepoints of a transaction where other sessions find them quickly. */
const MOST = 50
/** Milliseconds after which a transaction takes up no more of its writes: other processes wait for it, and give up some time. */
const LONGEST = 100

/** A write that waits for its turn. */
export interface Write<Answer> {
  work(turn: Turn): Promise<Answer>
  /** Whether whoever asked has had an answer: that nothing is known. */
  isLate(): boolean
  /** Rejects when it becomes late. */
  readonly silence: Promise<never>
}

/** What a database does for writes. */
export interface WriteRunner {
  /** Runs work in a transaction that no other overlaps, more than once if need be; what it wrote is durable when this resolves. */
  transaction<Answer>(work: (turn: Turn) => Promise<Answer>): Promise<Answer>
  /** Whether an error says that the server undid the whole transaction. */
  isUndone(error: unknown): boolean
}

interface Waiting extends Write<unknown> {
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/** What became of a write, to be told once it is durable. */
type Outcome = { readonly answer: unknown } | { readonly error: unknown }

/**
 * Writes of one process that share transactions: while one is on its way to the disk, others gather for the next, in which they run one after the other.
 *
 * A write that fails is undone alone. What becomes of the transaction itself becomes of all.
 */
export class GatheredWrites {
  readonly #runner: WriteRunner
  readonly #waiting: Waiting[] = []
  #isBusy = false

  constructor(runner: WriteRunner) {
    this.#runner = runner
  }

  add<Answer>(write: Write<Answer>): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ ...write, resolve: resolve as (answer: unknown) => void, reject })
      if (!this.#isBusy) void this.#runAll()
    })
  }

  async #runAll(): Promise<void> {
    this.#isBusy = true
    while (this.#waiting.length > 0) {
      // Those who have just had their answer, and whatever else this turn of the loop brings, may come along.
      await setImmediate()
      const writes = this.#take(MOST)
      // One transaction at a time: all would wait for the same row, each on a connection that a read could use. A driver may wait for ever.
      await Promise.race([this.#together(writes), Promise.allSettled(writes.map(({ silence }) => silence))])
    }
    this.#isBusy = false
  }

  /** The first who wait; nobody needs to be told what becomes of those who are late. */
  #take(most: number): Waiting[] {
    const taken: Waiting[] = []
    while (taken.length < most) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      if (next.isLate()) next.reject(tooLate())
      else taken.push(next)
    }
    return taken
  }

  /** Settles each write, but those for which there was no time: they wait for the next transaction. */
  async #together(writes: Waiting[]): Promise<void> {
    if (writes.length === 0) return
    try {
      const outcomes = await this.#outcomes(writes)
      this.#waiting.unshift(...writes.splice(outcomes.length))
      for (const [index, write] of writes.entries()) settle(write, outcomes[index] as Outcome)
    } catch (error) {
      for (const { reject } of writes) reject(error)
    }
  }

  /** Savepoints cost one more way to the server for each write, so there are none until a write has failed and its transaction is undone. */
  async #outcomes(writes: Waiting[]): Promise<readonly Outcome[]> {
    let hasFailed = false
    const bare: Attempt = async ({ work }, turn) => {
      hasFailed = false
      try {
        return { answer: await work(turn) }
      } catch (error) {
        hasFailed = writes.length > 1
        throw error
      }
    }
    try {
      return await this.#runner.transaction((turn) => {
        // Waiting for other processes took its time.
        writes.push(...this.#take(MOST - writes.length))
        return inTurn(writes, turn, bare)
      })
    } catch (error) {
      // A failed commit is no write's own failure; nobody may try that again.
      if (!hasFailed) throw error
    }
    return await this.#runner.transaction((turn) => inTurn(writes, turn, (write) => this.#apart(write, turn)))
  }

  /** Runs a write so that it can be undone alone. A later savepoint hides the one before, so none is released. */
  async #apart({ work }: Waiting, turn: Turn): Promise<Outcome> {
    const { trx, log } = turn
    const { position } = log
    await sql`savepoint authx_write`.execute(trx)
    try {
      return { answer: await work(turn) }
    } catch (error) {
      if (this.#runner.isUndone(error)) throw error
      await sql`rollback to savepoint authx_write`.execute(trx).catch(() => {
        // The transaction or the connection is gone, and this says why.
        throw error
      })
      log.position = position
      return { error }
    }
  }
}

type Attempt = (write: Waiting, turn: Turn) => Promise<Outcome>

/** The outcomes of as many writes as there was time for. */
async function inTurn(writes: readonly Waiting[], turn: Turn, attempt: Attempt): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const since = performance.now()
  for (const write of writes) {
    if (outcomes.length > 0 && performance.now() - since > LONGEST) break
    outcomes.push(await attempt(write, turn))
  }
  // Nobody waits for any of it.
  if (writes.slice(0, outcomes.length).every((write) => write.isLate())) throw tooLate()
  return outcomes
}

function settle({ resolve, reject }: Waiting, outcome: Outcome): void {
  if ('error' in outcome) reject(outcome.error)
  else resolve(outcome.answer)
}

function tooLate(): Error {
  return new Error('there was no time left for it')
}
