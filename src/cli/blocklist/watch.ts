import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../../core/store.ts'
import { withInstance } from '../instance.ts'
import { print } from '../printing.ts'
import { lineOf, pagesAfter } from './entries.ts'

/** Milliseconds between two looks, where no hint comes: as long as servers may take to know. */
const PAUSE = 500

/** `graphql-authx blocklist watch`: each revocation as it is recorded, by whichever process, until it is interrupted. */
export async function watch(): Promise<void> {
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())
  await withInstance(({ store }) => follow(store, ending.signal))
}

async function follow(store: Store, ending: AbortSignal): Promise<void> {
  let { head: position } = await store.readSince(0, 1)
  let wake = (): void => {}
  const endHints = store.onAppend(() => wake())
  try {
    while (!ending.aborted) {
      for await (const page of pagesAfter(store, position)) {
        for (const entry of page) {
          print(lineOf(entry))
          position = entry.position
        }
      }
      const hinted = new Promise<void>((resolve) => {
        wake = resolve
      })
      await Promise.race([hinted, sleep(PAUSE, undefined, { signal: ending }).catch(() => undefined)])
    }
  } finally {
    endHints()
  }
}
