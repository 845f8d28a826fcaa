import type { LogEntry } from '../../core/blocklist.ts'
import { utc } from '../../server/utc.ts'
import { withInstance } from '../instance.ts'
import { print } from '../printing.ts'
import { pagesAfter } from './entries.ts'

/** `graphql-authx blocklist stats` */
export async function showStats(): Promise<void> {
  await withInstance(async ({ store }) => {
    const entries: Record<LogEntry['kind'], number> = { token: 0, session: 0, subject: 0 }
    let until = 0
    for await (const page of pagesAfter(store, 0)) {
      for (const { kind, expiresAt } of page) {
        entries[kind] += 1
        until = Math.max(until, expiresAt)
      }
    }
    const { head, now } = await store.readSince(0, 1)
    const total = entries.token + entries.session + entries.subject
    const last = total === 0 ? {} : { lastExpires: utc(until) }
    print(
      JSON.stringify({ entries: { total, ...entries }, ...last, revocationsEver: head, storeTime: utc(now) }),
    )
  })
}
