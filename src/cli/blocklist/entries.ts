import type { BlocklistStore, LogEntry } from '../../core/blocklist.ts'
import { utc } from '../../server/utc.ts'

/** How many entries are read or removed at once, so that the server gets its turn in between. */
export const BATCH = 1000

/** What is in force after a position of the log, page by page, each with where it ends. */
export async function* pagesAfter(
  store: BlocklistStore,
  position: number,
): AsyncGenerator<readonly LogEntry[], void> {
  for (let cursor = position; ; ) {
    const { entries } = await store.readSince(cursor, BATCH)
    const last = entries.at(-1)
    if (last === undefined) return
    yield entries
    cursor = last.position
  }
}

/** One entry as one line of JSON. */
export function lineOf({ kind, issuer, key, epoch, expiresAt }: LogEntry): string {
  return JSON.stringify({
    kind,
    ...(issuer === '' ? {} : { issuer }),
    key,
    ...(kind === 'subject' ? { epoch } : {}),
    until: utc(expiresAt),
  })
}
