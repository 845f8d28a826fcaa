import { type AuthX, createAuthX } from '../../src/authx.ts'
import type { BlocklistStore } from '../../src/core/blocklist.ts'
import type { Carrier } from '../../src/core/carrier.ts'
import type { Logger } from '../../src/core/logger.ts'
import { type AuthXOptions, readSettings, type Settings } from '../../src/core/settings.ts'
import { memory } from '../../src/stores/memory.ts'
import { countingRandom, type SettableClock, settableClock } from './clock.ts'
import { SECRET } from './keys.ts'

/** A logger that keeps its lines, as an operator would read them. */
export interface TestLog extends Logger {
  readonly lines: string[]
}

export function testLog(): TestLog {
  const lines: string[] = []
  const keep = (level: string) => (details: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(details)}`)
  }
  return { lines, warn: keep('warn'), error: keep('error') }
}

/** A memory blocklist that notes which of its methods were called, in order. */
export interface WatchedStore extends BlocklistStore {
  readonly calls: string[]
}

export function watchedMemory(clock: () => number): WatchedStore {
  const calls: string[] = []
  const store: BlocklistStore = memory({ clock })
  return new Proxy(store, {
    get(target, name) {
      if (name === 'calls') return calls
      const member = Reflect.get(target, name) as unknown
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        calls.push(String(name))
        return Reflect.apply(member, target, args) as unknown
      }
    },
  }) as WatchedStore
}

export interface Instance {
  readonly authx: AuthX
  readonly clock: SettableClock
  readonly log: TestLog
  readonly store: WatchedStore
}

/** An AuthX instance on a standing clock, predictable bytes and a watched memory store. Its timer does not keep a process alive. */
export function openAuthX(options: AuthXOptions = {}): Instance {
  const clock = settableClock()
  const log = testLog()
  const store = watchedMemory(clock)
  const blocklist = options.sessions === undefined ? { blocklist: store } : {}
  const authx = createAuthX({ ...testOptions(options), clock, logger: log, ...blocklist, ...options })
  return { authx, clock, log, store }
}

/** Checked settings on a standing clock, for the parts of floor 0. */
export function testSettings(options: AuthXOptions = {}): Settings {
  const clock = settableClock()
  return readSettings({ ...testOptions(options), clock, logger: testLog(), ...options }, (time) =>
    memory({ clock: time }),
  )
}

/** A request with these headers and nothing else. */
export function carrier(headers: Readonly<Record<string, string | readonly string[]>> = {}): Carrier {
  return {
    headerValues(name) {
      const value = headers[name]
      return value === undefined ? [] : typeof value === 'string' ? [value] : value
    },
  }
}

/** A request with `Authorization: Bearer …`. */
export function bearer(token: string): Carrier {
  return carrier({ authorization: `Bearer ${token}` })
}

function testOptions({ keys }: AuthXOptions): AuthXOptions {
  return { ...(keys === undefined ? { secret: SECRET } : {}), random: countingRandom() }
}
