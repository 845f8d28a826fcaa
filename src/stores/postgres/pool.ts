import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { type ClientBase, DatabaseError, Pool, type PoolClient } from 'pg'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { clientConfig } from './client-config.ts'
import { STANDBY } from './language.ts'
import type { PostgresSettings } from './settings.ts'
import { statementName } from './statement-names.ts'
import { fromRow, toParameter } from './text.ts'

const SWALLOWED =
  'its time limits do not reach the server, so there is a pooler in between; add pgbouncer=true to the URL, or name the server itself'

/**
 * The driver's pool, as Kysely wants it, but for what goes wrong: a connection that did not answer in time is never used again, since nobody knows what it
 * will answer next, nor whether it is in a transaction.
 */
export function createPool(settings: PostgresSettings, max: number): Pool & PostgresPool {
  const onConnect = (client: ClientBase) => prepare(client, settings)
  const pool = new Pool({ ...clientConfig(settings), max, allowExitOnIdle: true, onConnect })
  // Nobody listens while a client is lent, and an error event without a listener ends the process.
  pool.on('connect', (client) => client.on('error', ignore))
  pool.on('error', ignore)
  return pool
}

/** The pool as Kysely uses it. */
export function careful(pool: Pool, { isPooled }: PostgresSettings): PostgresPool {
  return {
    options: {},
    connect: async () => new CarefulClient(await pool.connect(), !isPooled) as unknown as PostgresPoolClient,
    end: () => pool.end(),
  }
}

class CarefulClient {
  readonly #client: PoolClient
  readonly #keepsPlans: boolean
  #isLost = false

  /** @param keepsPlans whether the next statement meets the same session */
  constructor(client: PoolClient, keepsPlans: boolean) {
    this.#client = client
    this.#keepsPlans = keepsPlans
  }

  async query(text: string, parameters: readonly unknown[]): Promise<object> {
    try {
      if (this.#isLost) throw new Error('the connection was lost')
      const name = this.#keepsPlans ? statementName(text) : undefined
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
 * A server that is set to acknowledge before the disk has it is told to wait in these sessions; what is set beyond that stays. Behind a pooler each
 * transaction says so itself.
 */
async function prepare(client: ClientBase, { isPooled }: PostgresSettings): Promise<void> {
  const { rows } = await client.query(
    `select pg_is_in_recovery() as standby, current_setting('synchronous_commit') as commit,
      current_setting('lock_timeout') = '0' as swallowed`,
  )
  const [{ standby, commit, swallowed }] = rows as [{ standby: boolean; commit: string; swallowed: boolean }]
  if (standby) throw new ConfigurationError(STANDBY)
  if (isPooled) return
  if (swallowed) throw new ConfigurationError(SWALLOWED)
  if (commit === 'off') await client.query('set synchronous_commit = on')
}

function ignore(): void {}
