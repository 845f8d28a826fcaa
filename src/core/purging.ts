import { setImmediate } from 'node:timers/promises'
import type { BlocklistStore } from './blocklist.ts'
import { type Logger, loggable } from './logger.ts'

/** How often expired revocations are removed, milliseconds. */
const INTERVAL = 60_000
/** How many at once, so that a purge never holds a store for long. */
const BATCH = 1000

/** Removes what has expired from a store, every minute and when it is told to. It keeps no process alive. */
export class Purging {
  readonly #store: BlocklistStore
  readonly #logger: Logger
  readonly #timer: NodeJS.Timeout

  constructor(store: BlocklistStore, logger: Logger) {
    this.#store = store
    this.#logger = logger
    this.#timer = setInterval(() => void this.run(), INTERVAL).unref()
  }

  /** Says how many entries were removed. A failure is logged, and the next run tries again. */
  async run(): Promise<number> {
    let removed = 0
    try {
      for (;;) {
        const count = await this.#store.purge(BATCH)
        removed += count
        if (count < BATCH) return removed
        await setImmediate()
      }
    } catch (error) {
      this.#logger.error({ err: loggable(error) }, 'purging expired revocations failed; it is tried again')
      return removed
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
