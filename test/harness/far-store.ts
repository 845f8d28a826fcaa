import type { LogPage } from '../../src/core/blocklist.ts'
import type { Store } from '../../src/core/store.ts'
import { memory } from '../../src/stores/memory.ts'
import { NOW, settled } from './clock.ts'

/** A read of the log that has been sent. The store looks when it is told to, and its answer arrives when it is told to. */
export interface SentRead {
  readonly position: number
  /** Looks now, unless it has. */
  look(): void
  /** Looks, unless it has, and answers. */
  arrive(): Promise<void>
  fail(error?: Error): Promise<void>
}

/** A memory store that is as far away as the test says. */
export interface FarStore {
  readonly store: Store
  /** The store's own clock, milliseconds since the epoch. */
  storeTime: number
  /** Whether reads wait in {@link sent}; else they are answered at once. */
  isHeld: boolean
  /** Whether a read that waits has looked when it was sent; else it looks when it is told to. */
  looksWhenSent: boolean
  /** Whether the store tells when the log grows. Looked at when somebody wants to hear it. */
  hasHints: boolean
  /** What every read fails with. */
  failure: Error | undefined
  /** Makes something else of what is read. */
  alter: (page: LogPage) => LogPage
  readonly sent: SentRead[]
  /** Lets all that wait arrive. */
  release(): void
  /** How many reads there were. */
  reads: number
  /** Takes what was written back to how it was: as a failover to a replica that lagged behind does. */
  goBackTo(store: Store): void
}

export function farStore(): FarStore {
  let inside = memory({ clock: () => far.storeTime })
  const far: FarStore = {
    storeTime: NOW,
    isHeld: false,
    looksWhenSent: false,
    hasHints: true,
    failure: undefined,
    alter: (page) => page,
    sent: [],
    release() {
      for (const read of far.sent.splice(0)) void read.arrive()
    },
    reads: 0,
    goBackTo(store) {
      inside = store
    },
    store: new Proxy({} as Store, {
      get(_, name) {
        if (name === 'remote') return true
        if (name === 'readSince') return read
        if (name === 'onAppend' && !far.hasHints) return () => () => undefined
        const member = Reflect.get(inside, name) as unknown
        return typeof member === 'function' ? member.bind(inside) : member
      },
    }),
  }
  const read = (position: number, limit: number): Promise<LogPage> => {
    far.reads += 1
    const look = async () => far.alter(await inside.readSince(position, limit))
    if (far.failure !== undefined) return Promise.reject(far.failure)
    if (!far.isHeld) return look()
    return new Promise((resolve, reject) => {
      let page: Promise<LogPage> | undefined
      const read: SentRead = {
        position,
        look() {
          page ??= look()
        },
        async arrive() {
          page ??= look()
          resolve(await page)
          await settled()
        },
        async fail(error = new Error('the connection was lost')) {
          reject(error)
          await settled()
        },
      }
      if (far.looksWhenSent) read.look()
      far.sent.push(read)
    })
  }
  return far
}
