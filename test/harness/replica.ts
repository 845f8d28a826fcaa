import { onTestFinished, vi } from 'vitest'
import type { BlocklistStore, LogPage, TokenIdentity } from '../../src/core/blocklist.ts'
import { FollowedSessions } from '../../src/core/replica/followed-store.ts'
import type { FollowerSettings } from '../../src/core/replica/follower.ts'
import { Replica } from '../../src/core/replica/replica.ts'
import type { SessionStore } from '../../src/core/session-store.ts'
import type { Store } from '../../src/core/store.ts'
import { memory } from '../../src/stores/memory.ts'
import { countingRandom, NOW } from './clock.ts'
import { type TestLog, testLog } from './instance.ts'

export const ISSUER = 'https://issuer.example'

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
  /** Whether the store tells when the log grows. Looked at when somebody wants to hear it. */
  hasHints: boolean
  /** What every read fails with. */
  failure: Error | undefined
  /** Makes something else of what is read. */
  alter: (page: LogPage) => LogPage
  readonly sent: SentRead[]
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
    hasHints: true,
    failure: undefined,
    alter: (page) => page,
    sent: [],
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
      far.sent.push(read)
    })
  }
  return far
}

export interface TestReplica {
  readonly replica: Replica
  readonly far: FarStore
  /** What another process sees. */
  readonly elsewhere: SessionStore
  /** What this process ends sessions through. */
  readonly here: SessionStore
  readonly log: TestLog
  /** Moves every clock, and whatever waits for a time. */
  pass(milliseconds: number): Promise<void>
  /** Moves every clock at once, and only then whatever waited for a time, as where this process computed so long. */
  standStill(milliseconds: number): Promise<void>
  /** Moves this machine's wall clock alone. */
  jump(milliseconds: number): void
}

/** A replica on clocks that stand still until they are moved. */
export function openReplica(options: Partial<FollowerSettings> = {}): TestReplica {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const far = farStore()
  const log = testLog()
  let monotonic = 5000
  let wall = NOW + 77
  const settings: FollowerSettings = {
    maxStaleness: 500,
    callbackTimeout: 2000,
    logger: log,
    clock: () => wall,
    monotonic: () => monotonic,
    random: countingRandom(),
    ...options,
  }
  const replica = new Replica(far.store, settings)
  onTestFinished(() => {
    replica.stop()
    vi.useRealTimers()
  })
  return {
    replica,
    far,
    elsewhere: far.store,
    here: new FollowedSessions(far.store, replica),
    log,
    async pass(milliseconds) {
      for (let left = milliseconds; left > 0; left -= 1) {
        monotonic += 1
        wall += 1
        far.storeTime += 1
        vi.advanceTimersByTime(1)
        await settled()
      }
    },
    async standStill(milliseconds) {
      monotonic += milliseconds
      wall += milliseconds
      far.storeTime += milliseconds
      vi.advanceTimersByTime(milliseconds)
      await settled()
    },
    jump(milliseconds) {
      wall += milliseconds
    },
  }
}

/** Lets everything come to its end that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((done) => setImmediate(done))
}

/** A token of nobody in particular. */
export function token(differing: Partial<TokenIdentity> = {}): TokenIdentity {
  return { issuer: ISSUER, jti: 'token-1', sid: 'session-1', sub: 'ada', ue: 0, ...differing }
}

export function endSession(store: BlocklistStore, sid = 'session-1', retention = 1000): Promise<void> {
  return store.revoke({ kind: 'session', issuer: ISSUER, sid, retention })
}

/** What a check says now: an answer, or that it waits. */
export type Said = boolean | 'waits' | 'fails'

/** A check, and what it says at any moment. */
export function check(replica: Pick<Replica, 'isRevoked'>, identity: TokenIdentity = token()): () => Said {
  let said: Said = 'waits'
  const answer = replica.isRevoked(identity)
  if (typeof answer === 'boolean') said = answer
  else {
    answer.then(
      (isRevoked) => {
        said = isRevoked
      },
      () => {
        said = 'fails'
      },
    )
  }
  return () => said
}
