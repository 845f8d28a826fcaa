import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds that a query waits for another process's lock, all in all. */
export const PATIENCE = 2000
/** Short, because a busy neighbour leaves the lock free for moments only. */
const LONGEST_PAUSE = 10

/**
 * Tries again while another process holds the lock. SQLite's own `busy_timeout` would wait too, but with the event loop standing still.
 *
 * @param deadline by `performance.now()`; after it one more attempt is the last
 * @throws what the last attempt threw
 */
export async function untilFree<Answer>(attempt: () => Promise<Answer>, deadline: number): Promise<Answer> {
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
    }
    await sleep(pause)
  }
}

export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY')
}

/** SQLite's or the system's code for what went wrong, such as `SQLITE_FULL` or `EACCES`; empty where there is none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}
