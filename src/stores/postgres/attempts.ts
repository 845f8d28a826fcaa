import { RateLimiterPostgres } from 'rate-limiter-flexible'
import type { Attempts } from '../../core/attempts.ts'
import { counterOver, optionsOf, type Runner } from '../attempts.ts'
import { POSTGRES } from './language.ts'
import { createPool } from './pool.ts'
import { type PostgresOptions, readSettings } from './settings.ts'

const TABLE = 'authx_attempts'
/** The next window of a key ends no sooner than one whole window after this one. */
const GIVE_BACK = `update ${TABLE} set points = points - 1 where key = $1 and points > 0 and expire > $2 and expire < $3`
/** Milliseconds between two removals of what has expired. */
const PURGE_INTERVAL = 60_000
/** Enough, since a login that is let in hashes a password for longer than these statements take. */
const CONNECTIONS = 4

/**
 * Counts tries in a database that a store has been opened in, for any number of processes, by the clocks of their machines.
 *
 * @throws ConfigurationError naming the option that is wrong
 */
export function postgresAttempts(url: string, options?: PostgresOptions): Attempts {
  const settings = readSettings(url, options)
  const pool = createPool(settings, CONNECTIONS)
  const query = (text: string, values: readonly unknown[]) => pool.query(text, [...values])
  const run: Runner = async (work) => {
    try {
      return await work()
    } catch (error) {
      throw new Error(`${settings.name}: ${POSTGRES.explain(error)}`)
    }
  }
  const purging = setInterval(() => {
    // The next one finds the same rows.
    query(`delete from ${TABLE} where expire < $1`, [Date.now()]).catch(() => undefined)
  }, PURGE_INTERVAL).unref()
  return {
    counter(allowance) {
      const limiter = new RateLimiterPostgres({
        ...optionsOf(allowance),
        // Not by the names that the limiter gives its statements: poolers that lend connections for a transaction do not know them.
        storeClient: { query: ({ text, values }: Statement) => query(text, values) },
        storeType: 'client',
        tableName: TABLE,
        // By our migrations.
        tableCreated: true,
        clearExpiredByTimeout: false,
      })
      return counterOver(limiter, allowance.window, run, (key, ends) =>
        query(GIVE_BACK, [limiter.getKey(key), Date.now(), ends + allowance.window * 1000]),
      )
    },
    async close() {
      clearInterval(purging)
      await pool.end()
    },
  }
}

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
}
