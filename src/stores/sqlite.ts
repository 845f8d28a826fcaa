// First: what comes after it loads the driver.
import './sqlite/node-version.ts'

import { callable, checkNames } from '../core/option-checks.ts'
import type { Store } from '../core/store.ts'
import { SqlStore } from './sql/store.ts'
import { openSqlite } from './sqlite/open.ts'

export interface SqliteOptions {
  /** Milliseconds since the epoch; processes that share a file must agree on it. @default Date.now */
  readonly clock?: () => number
}

const NAMES: Readonly<Record<keyof SqliteOptions, true>> = { clock: true }

/**
 * Opens a store in an SQLite file, for any number of processes on one machine; what it acknowledged survives a crash.
 *
 * The file is made where there is none (mode 0600, folders 0700), and its tables are brought up to date before this resolves. A write waits up to
 * two seconds for another process's, without blocking this one, then rejects.
 *
 * @example
 * const authx = createAuthX({ secret, sessions: await sqlite('data/authx.db') })
 *
 * @param path a file, or `:memory:`
 * @throws ConfigurationError naming the option or the path, and the mend, where the database cannot be used
 */
export async function sqlite(path: string, options: SqliteOptions = {}): Promise<Store> {
  checkNames('sqlite', options, NAMES)
  const clock = callable('sqlite.clock', options.clock ?? Date.now)
  return new SqlStore(await openSqlite(path, clock))
}
