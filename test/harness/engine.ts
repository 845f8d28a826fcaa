import { Authentication, type Engine } from '../../src/core/authentication.ts'
import type { BlocklistStore } from '../../src/core/blocklist.ts'
import type { Carrier } from '../../src/core/carrier.ts'
import type { TokenType } from '../../src/core/claims.ts'
import { Codec } from '../../src/core/codec.ts'
import { Endings } from '../../src/core/endings.ts'
import { TokenIssuer } from '../../src/core/issuer.ts'
import { Reports } from '../../src/core/reports.ts'
import { RevocationCheck, type TokenBlocklistCallback } from '../../src/core/revocation.ts'
import { Sessions } from '../../src/core/sessions.ts'
import type { AuthXOptions, Settings } from '../../src/core/settings.ts'
import { type SettableClock, settableClock } from './clock.ts'
import { type TestLog, testLog, testSettings, type WatchedStore, watchedMemory } from './instance.ts'

/** The parts of floor 0, put together as an instance does, with everything in reach. */
export interface TestEngine extends Engine {
  readonly settings: Settings
  readonly issuer: TokenIssuer
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
  const codec = new Codec(settings)
  const issuer = new TokenIssuer(settings, codec)
  const revocation = new RevocationCheck(settings)
  revocation.callback = callback
  const sessions = new Sessions(settings, issuer)
  const endings = new Endings(settings, codec)
  const subjects = { getter: settings.subject }
  const engine: Engine = {
    settings,
    codec,
    issuer,
    revocation,
    sessions,
    endings,
    subjects,
    reports: new Reports(settings),
    contextKey: Symbol('test'),
  }
  const request = (carrier: Carrier, type: TokenType = 'access'): Authentication =>
    new Authentication(engine, carrier, type)
  return { ...engine, issuer, clock, log, store, request }
}
