import BetterSqlite3 from 'better-sqlite3'
import { RateLimiterSQLite } from 'rate-limiter-flexible'
import type { Attempts } from '../../core/attempts.ts'
import { counterOver, optionsOf, type Runner } from '../attempts.ts'
import { isBusy, PATIENCE, untilFree } from './busy.ts'

const TABLE = 'authx_attempts'
/** The next window of a key ends no sooner than one whole window after this one. */
const GIVE_BACK = `update ${TABLE} set points = points - 1 where key = ? and points > 0 and expire > ? and expire < ?`
/** Milliseconds between two removals of what has expired. */
const PURGE_INTERVAL = 60_000

/**
 * Counts tries in a file that a store has been opened in, for any number of processes.
 *
 * It has a connection of its own: the limiter's statements would become part of a transaction that the store has open on the same one, and be undone with it.
 */
export function sqliteAttempts(path: string): Attempts {
  const connection = new BetterSqlite3(path, { timeout: 0, fileMustExist: true })
  // Counts may be lost when the power fails; each login waiting for the disk several times would be the worse bargain.
  connection.pragma('synchronous = NORMAL')
  const run: Runner = (query) => untilFree(query, performance.now() + PATIENCE)
  // The limiter's own timer would end the process when it met a locked file.
  const purging = setInterval(() => purge(connection), PURGE_INTERVAL).unref()
  return {
    counter(allowance) {
      const limiter = new RateLimiterSQLite({
        ...optionsOf(allowance),
        storeClient: connection,
        storeType: 'better-sqlite3',
        tableName: TABLE,
        // By our migrations.
        tableCreated: true,
      })
      return counterOver(limiter, allowance.window, run, async (key, ends) =>
        connection.prepare(GIVE_BACK).run(limiter.getKey(key), Date.now(), ends + allowance.window * 1000),
      )
    },
    async close() {
      clearInterval(purging)
      connection.close()
    },
  }
}

function purge(connection: BetterSqlite3.Database): void {
  try {
    connection.prepare(`delete from ${TABLE} where expire < ?`).run(Date.now())
  } catch (error) {
    // The next one finds the same rows.
    if (!isBusy(error)) throw error
  }
}
