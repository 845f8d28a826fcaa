import type { BlocklistStore } from '../blocklist.ts'
import { FOREVER, type NamedLine } from './line.ts'

/** How many are written at the same time. */
const WRITERS = 8

/**
 * Writes into a store again what it had acknowledged and has lost, and says how many lines that were.
 *
 * Any number of processes can do so at once: what is there for as long changes nothing, and an epoch is raised until it is reached and no further.
 *
 * @param now the store's clock, milliseconds since the epoch
 */
export async function writeAgain(
  store: BlocklistStore,
  lost: Iterable<NamedLine>,
  now: number,
): Promise<number> {
  let written = 0
  // Everybody takes from the same iterator, so each line has one writer.
  const lines = lost[Symbol.iterator]()
  const writer = async (): Promise<void> => {
    for (let next = lines.next(); next.done !== true; next = lines.next()) {
      if (next.value.until * 1000 <= now || next.value.until === FOREVER) continue
      await write(store, next.value, now)
      written += 1
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  return written
}

async function write(
  store: BlocklistStore,
  { kind, issuer, key, until, epoch }: NamedLine,
  now: number,
): Promise<void> {
  const retention = Math.ceil(until - now / 1000)
  if (kind === 'token') return store.revoke({ kind, issuer, jti: key, expiresAt: until })
  if (kind === 'session') return store.revoke({ kind, issuer, sid: key, retention })
  return store.revoke({ kind, issuer, sub: key, retention, epoch })
}
