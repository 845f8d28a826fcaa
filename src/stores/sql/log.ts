import type { Kysely, RawBuilder } from 'kysely'
import type { LogEntry, LogPage } from '../../core/blocklist.ts'
import type { Turn } from './access.ts'
import type { Database } from './tables.ts'

/** A line to write; its position is the log's to give. */
export type NewEntry = Omit<LogEntry, 'position'>

/** Writes a line at the end, unless the key has one that reaches as far. */
export async function append({ trx, log }: Turn, entry: NewEntry): Promise<void> {
  const { kind, issuer, key, epoch, expiresAt } = entry
  const known = await trx
    .selectFrom('authx_log')
    .select(['position', 'epoch', 'expires_at'])
    .where('kind', '=', kind)
    .where('issuer', '=', issuer)
    .where('key', '=', key)
    .executeTakeFirst()
  if (known !== undefined) {
    if (known.expires_at >= expiresAt && known.epoch >= epoch) return
    await trx.deleteFrom('authx_log').where('position', '=', known.position).execute()
  }
  const until = Math.max(expiresAt, known?.expires_at ?? expiresAt)
  await trx
    .insertInto('authx_log')
    .values({ position: log.next(), kind, issuer, key, epoch, expires_at: until })
    .execute()
}

/** One statement, so that the page and the head belong together: an entry between the two reads would be skipped for ever. */
export async function readLog(
  db: Kysely<Database>,
  position: number,
  limit: number,
  now: RawBuilder<number>,
): Promise<LogPage> {
  const rows = await db
    .selectFrom('authx_log_head as head')
    // Cut off by itself: in the order of a join, databases would sort the whole log for each page of it.
    .leftJoin(
      (from) =>
        from
          .selectFrom('authx_log')
          .selectAll()
          .where('position', '>', position)
          .where('expires_at', '>', now)
          .orderBy('position')
          .limit(limit)
          .as('log'),
      (join) => join.onTrue(),
    )
    .select(['head.position as head', 'log.position', 'log.kind', 'log.issuer', 'log.key', 'log.epoch'])
    .select(['log.expires_at', now.as('now')])
    .orderBy('log.position')
    .execute()
  const [first] = rows
  if (first === undefined) throw new Error('the log has no head; was the database changed by hand?')
  return { entries: rows.flatMap(entryOf), head: first.head, now: first.now }
}

/** Removes expired lines, the oldest first. */
export async function purgeLog({ trx, now }: Turn, limit: number): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom('authx_log')
    .where('position', 'in', (query) =>
      query
        .selectFrom((inner) =>
          // MariaDB takes a limit in a derived table, not in the operand of `in`.
          inner
            .selectFrom('authx_log')
            .select('position')
            .where('expires_at', '<=', now)
            .orderBy('expires_at')
            .orderBy('position')
            .limit(limit)
            .as('oldest'),
        )
        .select('oldest.position'),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

type JoinedRow = {
  readonly [Column in 'position' | 'kind' | 'issuer' | 'key' | 'epoch' | 'expires_at']:
    | Database['authx_log'][Column]
    | null
}

function entryOf({ position, kind, issuer, key, epoch, expires_at: expiresAt }: JoinedRow): LogEntry[] {
  if (
    position === null ||
    kind === null ||
    issuer === null ||
    key === null ||
    epoch === null ||
    expiresAt === null
  )
    return []
  return [{ position, kind, issuer, key, epoch, expiresAt }]
}
