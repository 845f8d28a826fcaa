import type { BlocklistStore, LogPage } from '../../src/core/blocklist.ts'
import { memory } from '../../src/stores/memory.ts'

/** A store in memory that is across a network, which a test can slow down, cut off or set back. */
export interface DistantStore extends BlocklistStore {
  /** How many times the log was read. */
  readonly reads: number
  /** Reads are held back until they are let go; or they fail. */
  network: 'up' | 'held' | 'down'
  /** Lets go what is held: each read sees what was there when it was sent, as over a slow network, or when it arrives. */
  release(): void
  /** Loses all that came after a position, as a failover to a replica that lagged does. */
  setBack(position: number): Promise<void>
}

export function distantStore(clock: () => number): DistantStore {
  let store = memory({ clock })
  let held: (() => void)[] = []
  const state: { network: DistantStore['network']; reads: number } = { network: 'up', reads: 0 }
  const read = async (position: number, limit: number): Promise<LogPage> => {
    state.reads += 1
    if (state.network === 'down') throw new Error('the network is down')
    const page = await store.readSince(position, limit)
    if (state.network === 'held') await new Promise<void>((resolve) => held.push(resolve))
    return page
  }
  return {
    remote: true,
    get reads() {
      return state.reads
    },
    get network() {
      return state.network
    },
    set network(network) {
      state.network = network
    },
    release() {
      const waiting = held
      held = []
      for (const resolve of waiting) resolve()
    },
    async setBack(position) {
      const { entries } = await store.readSince(0, 1_000_000)
      const old = store
      store = memory({ clock })
      const now = clock()
      for (const { kind, issuer, key, position: at, expiresAt } of entries) {
        if (at > position) continue
        const retention = Math.round((expiresAt - now) / 1000)
        if (kind === 'token') await store.revoke({ kind, issuer, jti: key, expiresAt: expiresAt / 1000 })
        else if (kind === 'session') await store.revoke({ kind, issuer, sid: key, retention })
        else await store.revoke({ kind, issuer, sub: key, retention })
      }
      await old.close()
    },
    revoke: (revocation) => store.revoke(revocation),
    isRevoked: (identity) => store.isRevoked(identity),
    readEpoch: (issuer, sub) => store.readEpoch(issuer, sub),
    readSince: read,
    onAppend: (wake) => store.onAppend(wake),
    purge: (limit) => store.purge(limit),
    ping: () => store.ping(),
    close: () => store.close(),
  }
}
