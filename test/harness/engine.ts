import { Authentication } from '../../src/core/authentication.ts'
import type { BlocklistStore } from '../../src/core/blocklist.ts'
import type { Carrier } from '../../src/core/carrier.ts'
import type { TokenType } from '../../src/core/claims.ts'
import type { TokenBlocklistCallback } from '../../src/core/revocation.ts'
import type { AuthXOptions } from '../../src/core/settings.ts'
import { createEngine, type Engine } from '../../src/graphql/engine.ts'
import { type SettableClock, settableClock } from './clock.ts'
import { type TestLog, testLog, testSettings, type WatchedStore, watchedMemory } from './instance.ts'

/** The parts of an instance, with everything in reach. */
export interface TestEngine extends Engine {
  readonly clock: SettableClock
  readonly log: TestLog
  readonly store: WatchedStore
  /** One request's authentication. */
  request(carrier: Carrier, type?: TokenType): Authentication
}

export function openEngine(options: AuthXOptions = {}, callback?: TokenBlocklistCallback): TestEngine {
  const clock = settableClock()
  const log = testLog()
  const store = watchedMemory(clock)
  const blocklist: BlocklistStore | undefined = options.sessions === undefined ? store : undefined
  const settings = testSettings({ clock, logger: log, ...(blocklist && { blocklist }), ...options })
  const engine = createEngine(settings)
  engine.revocation.callback = callback
  const request = (carrier: Carrier, type: TokenType = 'access'): Authentication =>
    new Authentication(engine, carrier, type)
  return { ...engine, clock, log, store, request }
}
