import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { type ClientBase, DatabaseError, Pool, type PoolClient, type PoolConfig } from 'pg'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { statementName } from './statement-names.ts'
import { fromRow, toParameter } from './text.ts'

const STANDBY = 'is a standby, which does not know yet what was just revoked; name the primary'

/**
 * The driver's pool, as Kysely wants it, but for what goes wrong: a connection that did not answer in time is never used again, since nobody knows what it
 * will answer next, nor whether it is in a transaction.
 */
export function createPool(config: PoolConfig): Pool & PostgresPool {
  const pool = new Pool({ ...config, allowExitOnIdle: true, onConnect: prepare })
  // Nobody listens while a client is lent, and an error event without a listener ends the process.
  pool.on('connect', (client) => client.on('error', ignore))
  pool.on('error', ignore)
  return pool
}

/** The pool as Kysely uses it. */
export function careful(pool: Pool): PostgresPool {
  return {
    options: {},
    connect: async () => new CarefulClient(await pool.connect()) as unknown as PostgresPoolClient,
    end: () => pool.end(),
  }
}

class CarefulClient {
  readonly #client: PoolClient
  #isLost = false

  constructor(client: PoolClient) {
    this.#client = client
  }

  async query(text: string, parameters: readonly unknown[]): Promise<object> {
    try {
      if (this.#isLost) throw new Error('the connection was lost')
      const name = statementName(text)
      const statement = { text, values: parameters.map(toParameter), ...(name && { name }) }
      const { command, rowCount, rows } = await this.#client.query(statement)
      // A transaction in which something has failed is undone instead, and the server calls that no error.
      if (text === 'commit' && command !== 'COMMIT') throw new Error('the server undid the transaction')
      return { command, rowCount, rows: rows.map(fromRow) }
    } catch (error) {
      this.#isLost ||= !isAnswer(error)
      // What failed before it says more, and the server undoes by itself what a lost connection began.
      if (text === 'rollback' && this.#isLost) return { command: 'ROLLBACK', rowCount: null, rows: [] }
      throw error
    }
  }

  release(): void {
    this.#client.release(this.#isLost)
  }
}

/** Whether the server said no, and goes on listening. */
function isAnswer(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === 'ERROR'
}

/**
 * Looks at a new connection: a standby does not know yet what was just revoked, and after a failover the same name may lead to one.
 *
 * A server that is set to acknowledge before the disk has it is told to wait in these sessions; what is set beyond that stays.
 */
async function prepare(client: ClientBase): Promise<void> {
  const { rows } = await client.query(
    "select pg_is_in_recovery() as standby, current_setting('synchronous_commit') as commit",
  )
  const [{ standby, commit }] = rows as [{ standby: boolean; commit: string }]
  if (standby) throw new ConfigurationError(STANDBY)
  if (commit === 'off') await client.query('set synchronous_commit = on')
}

function ignore(): void {}
