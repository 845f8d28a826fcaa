import { onTestFinished, vi } from 'vitest'
import type { BlocklistStore, TokenIdentity } from '../../src/core/blocklist.ts'
import { FollowedSessions } from '../../src/core/replica/followed-store.ts'
import type { FollowerSettings } from '../../src/core/replica/follower.ts'
import { Replica } from '../../src/core/replica/replica.ts'
import type { SessionStore } from '../../src/core/session-store.ts'
import { countingRandom, NOW, settled } from './clock.ts'
import { type FarStore, farStore } from './far-store.ts'
import { type TestLog, testLog } from './instance.ts'

export const ISSUER = 'https://issuer.example'

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
