import { setTimeout as sleep } from 'node:timers/promises'
import type { BlocklistStore } from '../../core/blocklist.ts'
import type { Store } from '../../core/store.ts'
import { readEnvironment } from '../../server/environment.ts'
import { withInstance } from '../instance.ts'
import { print, printFailure } from '../printing.ts'
import { storeFailure } from '../store-failure.ts'
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
  const log = new FollowedLog(store, await store.readSince(0, 1))
  let wake = (): void => {}
  const endHints = store.onAppend(() => wake())
  let failing = false
  try {
    while (!ending.aborted) {
      try {
        await log.showNew()
        if (failing) console.error('graphql-authx: the store answers again; nothing was missed')
        failing = false
      } catch (error) {
        if (!failing) printFailure(storeFailure(error, readEnvironment().databaseUrl))
        if (!failing) console.error('graphql-authx: it is asked again until it answers')
        failing = true
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

/** The log from where it ended when somebody began to watch. */
class FollowedLog {
  readonly #store: BlocklistStore
  #position: number

  constructor(store: BlocklistStore, { head }: { readonly head: number }) {
    this.#store = store
    this.#position = head
  }

  async showNew(): Promise<void> {
    for await (const page of pagesAfter(this.#store, this.#position)) {
      for (const entry of page) {
        print(lineOf(entry))
        this.#position = entry.position
      }
    }
  }
}
