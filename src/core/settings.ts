import type { KeyObject } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import type { BlocklistStore } from './blocklist.ts'
import type { TokenType } from './claims.ts'
import { ConfigurationError } from './configuration-error.ts'
import { createKeyRing, type KeyOptions, type KeyRing } from './keys.ts'
import { bearerHeader, type TokenLocation } from './locations.ts'
import { consoleLogger, type Logger } from './logger.ts'
import type { SessionStore } from './session-store.ts'

/** What `createAuthX` takes. Only a key is needed: `secret` or `keys`. */
export interface AuthXOptions {
  /** One HS256 secret of at least 32 random bytes. Instead of `keys`. */
  readonly secret?: string | Uint8Array | KeyObject
  /** Several keys or other algorithms: the first signs, all verify, each by its `kid`. Instead of `secret`. */
  readonly keys?: readonly KeyOptions[]
  /** The `iss` of our tokens, and the only one accepted. Without it none is set or asked for. */
  readonly issuer?: string
  /** The `aud` of our tokens; a token must name one of them. Without it a token that names any is refused. */
  readonly audience?: string | readonly string[]
  /** Seconds. @default 900 (15 minutes) */
  readonly accessTokenTtl?: number
  /** Seconds; also how long a session lives unless it is refreshed. @default 1728000 (20 days) */
  readonly refreshTokenTtl?: number
  /** Seconds that a session lives at most, however often it is refreshed. @default 7776000 (90 days) */
  readonly sessionTtl?: number
  /**
   * Seconds between `iat` and `exp` that are accepted at most. When you shorten a lifetime, name the old one here until the
   * last token made under it has expired: revocations are kept that long. @default the two lifetimes
   */
  readonly maxTokenAge?: Readonly<Partial<Record<TokenType, number>>>
  /** Seconds by which clocks may differ, 0 to 60. @default 5 */
  readonly leeway?: number
  /** Milliseconds in which a spent refresh token gets its successor again. @default 10000 */
  readonly refreshGrace?: number
  /** Where tokens are looked for, in this order. @default the Authorization header, for both */
  readonly locations?: Readonly<Partial<Record<TokenType, readonly TokenLocation[]>>>
  /** Where revocations are kept. @default the session store, else this process's memory */
  readonly blocklist?: BlocklistStore
  /** Keeps sessions, so that refresh tokens rotate. It is the blocklist too. @default none */
  readonly sessions?: SessionStore
  /** Milliseconds that the callback and the blocklist may take to answer. Silence refuses. @default 2000 */
  readonly callbackTimeout?: number
  /** @default the console */
  readonly logger?: Logger
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number
  /** Unpredictable bytes. @default crypto.randomBytes */
  readonly random?: (size: number) => Uint8Array
}

/** The options, checked, complete and frozen. */
export interface Settings {
  readonly keys: KeyRing
  readonly issuer: string | undefined
  readonly audience: readonly string[]
  readonly accessTokenTtl: number
  readonly refreshTokenTtl: number
  readonly sessionTtl: number
  readonly maxTokenAge: Readonly<Record<TokenType, number>>
  readonly leeway: number
  readonly refreshGrace: number
  readonly locations: Readonly<Record<TokenType, readonly TokenLocation[]>>
  readonly blocklist: BlocklistStore
  readonly sessions: SessionStore | undefined
  readonly callbackTimeout: number
  readonly logger: Logger
  readonly clock: () => number
  readonly random: (size: number) => Uint8Array
}

/** Seconds that revocations outlive the last token they can meet, for processes whose clocks disagree. */
export const CLOCK_SKEW = 120

const OPTION_NAMES: Readonly<Record<keyof AuthXOptions, true>> = {
  secret: true,
  keys: true,
  issuer: true,
  audience: true,
  accessTokenTtl: true,
  refreshTokenTtl: true,
  sessionTtl: true,
  maxTokenAge: true,
  leeway: true,
  refreshGrace: true,
  locations: true,
  blocklist: true,
  sessions: true,
  callbackTimeout: true,
  logger: true,
  clock: true,
  random: true,
}

/**
 * Checks the options once, so that nothing has to be checked again.
 *
 * @param memoryBlocklist makes the blocklist of a user who names none
 * @throws ConfigurationError naming the option and the mend
 */
export function readSettings(
  options: AuthXOptions,
  memoryBlocklist: (clock: () => number) => BlocklistStore,
): Settings {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError('createAuthX takes an object with at least `secret` or `keys`')
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(OPTION_NAMES, name)) {
      throw new ConfigurationError(
        `${name}: no such option; there are ${Object.keys(OPTION_NAMES).join(', ')}`,
      )
    }
  }
  const clock = options.clock ?? Date.now
  const accessTokenTtl = whole('accessTokenTtl', options.accessTokenTtl ?? 900, 1)
  const refreshTokenTtl = whole('refreshTokenTtl', options.refreshTokenTtl ?? 1_728_000, 1)
  return Object.freeze({
    keys: createKeyRing(readKeys(options)),
    issuer: options.issuer === undefined ? undefined : text('issuer', options.issuer),
    audience: readAudience(options.audience),
    accessTokenTtl,
    refreshTokenTtl,
    sessionTtl: whole(
      'sessionTtl',
      options.sessionTtl ?? Math.max(7_776_000, refreshTokenTtl),
      refreshTokenTtl,
    ),
    maxTokenAge: Object.freeze({
      access: whole('maxTokenAge.access', options.maxTokenAge?.access ?? accessTokenTtl, accessTokenTtl),
      refresh: whole('maxTokenAge.refresh', options.maxTokenAge?.refresh ?? refreshTokenTtl, refreshTokenTtl),
    }),
    leeway: whole('leeway', options.leeway ?? 5, 0, 60),
    refreshGrace: whole('refreshGrace', options.refreshGrace ?? 10_000, 0, 60_000),
    locations: Object.freeze({
      access: readLocations('access', options.locations?.access),
      refresh: readLocations('refresh', options.locations?.refresh),
    }),
    blocklist: readBlocklist(options) ?? memoryBlocklist(clock),
    sessions: options.sessions,
    callbackTimeout: whole('callbackTimeout', options.callbackTimeout ?? 2000, 1, 60_000),
    logger: options.logger ?? consoleLogger,
    clock,
    random: options.random ?? randomBytes,
  })
}

function readKeys({ secret, keys }: AuthXOptions): readonly KeyOptions[] {
  if (secret !== undefined && keys !== undefined) {
    throw new ConfigurationError(
      'secret, keys: give one of the two; for several keys put the secret into `keys`',
    )
  }
  if (keys !== undefined) {
    if (!Array.isArray(keys)) throw new ConfigurationError('keys: must be a list of { kid, alg, key }')
    return keys
  }
  if (secret === undefined) {
    throw new ConfigurationError(
      'secret: missing; give at least 32 random bytes (is the environment variable set?), or `keys`',
    )
  }
  if (typeof secret === 'object' && !(secret instanceof Uint8Array) && !('export' in secret)) {
    throw new ConfigurationError('secret: must be a text, bytes or a secret KeyObject')
  }
  return [{ alg: 'HS256', key: secret }]
}

function readAudience(audience: AuthXOptions['audience']): readonly string[] {
  if (audience === undefined) return []
  const list = typeof audience === 'string' ? [audience] : audience
  if (!Array.isArray(list) || list.length === 0) {
    throw new ConfigurationError('audience: must be a text or a list of texts; leave it out to have none')
  }
  return Object.freeze(list.map((one) => text('audience', one)))
}

function readLocations(
  type: TokenType,
  locations: readonly TokenLocation[] | undefined,
): readonly TokenLocation[] {
  const list = locations ?? [bearerHeader()]
  if (!Array.isArray(list) || list.some((one) => typeof one?.find !== 'function')) {
    throw new ConfigurationError(`locations.${type}: must be a list of locations, such as [bearerHeader()]`)
  }
  return Object.freeze([...list])
}

function readBlocklist({ blocklist, sessions }: AuthXOptions): BlocklistStore | undefined {
  if (sessions !== undefined && blocklist !== undefined && sessions !== blocklist) {
    throw new ConfigurationError(
      'blocklist: the session store is the blocklist too, since ending a session is one write; leave `blocklist` out',
    )
  }
  const store = sessions ?? blocklist
  if (store !== undefined && typeof store.isRevoked !== 'function') {
    throw new ConfigurationError(
      'blocklist: not a store; give memory(), sqlite(…) or your own BlocklistStore',
    )
  }
  if (sessions !== undefined && typeof sessions.rotateSession !== 'function') {
    throw new ConfigurationError(
      'sessions: this store keeps no sessions; give sqlite(…) or your own SessionStore',
    )
  }
  return store
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw new ConfigurationError(
      `${name}: must be a text that is not empty (is the environment variable set?)`,
    )
  }
  return value
}

function whole(name: string, value: unknown, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`
    throw new ConfigurationError(`${name}: must be a whole number ${range}`)
  }
  return value
}
