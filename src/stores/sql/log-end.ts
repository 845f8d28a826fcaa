import type { Kysely, SelectQueryBuilder } from 'kysely'
import type { Database } from './tables.ts'

/** The last position that was given out, within a transaction: it is read once and written once, however many lines there are in between. */
export class LogEnd {
  readonly #stored: number
  position: number

  /** @param position as it is stored */
  constructor(position: number) {
    this.#stored = position
    this.position = position
  }

  get isMoved(): boolean {
    return this.position !== this.#stored
  }

  next(): number {
    this.position += 1
    return this.position
  }
}

/** The one row that tells where the log ends. */
export function selectEnd(trx: Kysely<Database>): SelectQueryBuilder<Database, 'authx_log_head', Head> {
  return trx.selectFrom('authx_log_head').select('position')
}

type Head = Pick<Database['authx_log_head'], 'position'>

/** Has to come before the commit, or positions would be given out twice. */
export async function storeEnd(trx: Kysely<Database>, { position, isMoved }: LogEnd): Promise<void> {
  if (isMoved) await trx.updateTable('authx_log_head').set({ position }).execute()
}
