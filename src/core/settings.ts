import { KeyObject, randomBytes } from 'node:crypto'
import type { MeterProvider } from '@opentelemetry/api'
import { type AuditHooks, HOOKS } from './audit.ts'
import type { BlocklistStore } from './blocklist.ts'
import type { TokenType } from './claims.ts'
import { ConfigurationError } from './configuration-error.ts'
import { createKeyRing, createSecretRing, type KeyOptions, type KeyRing } from './keys.ts'
import { type LocationOptions, type LocationSettings, readLocationSettings } from './location-settings.ts'
import { consoleLogger, type Logger } from './logger.ts'
import { type Metrics, readMetrics } from './metrics.ts'
import { callable, checkNames, milliseconds, oneOf, seconds, text, whole } from './option-checks.ts'
import type { SessionStore } from './session-store.ts'
import type { SubjectGetter } from './subject.ts'
import { isThenable } from './thenable.ts'

/** What `createAuthX` takes. Only a key is needed: `secret` or `keys`. */
export interface AuthXOptions extends AuditHooks, LocationOptions {
  /** One HS256 secret of at least 32 random bytes. Instead of `keys`. */
  readonly secret?: string | Uint8Array | KeyObject | undefined
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
  /**
   * What holds for a field that says nothing: `public`, anybody may have it; `protected`, it needs an access token unless it is `@public`; `declared`, a field
   * of a root type has to say something, or the schema is refused. @default 'public'
   */
  readonly defaultPolicy?: DefaultPolicy
  /**
   * What becomes of what a caller may not have: `field`, each field is refused by itself; `operation`, an operation that selects any of it is refused before a
   * resolver runs; `report`, nothing is refused, and what would be is logged and counted (`authx.reports()`). @default 'field'
   */
  readonly enforcement?: EnforcementMode
  /**
   * What a question about the schema is answered with: `full`, the whole schema; `described`, the same, and each field says in its description what it needs;
   * `caller`, described, and without what the caller may not have. A bad token is refused then, as everywhere. @default 'full'
   */
  readonly introspection?: IntrospectionMode
  /**
   * Where revocations are kept. With this alone, and no session store, nobody refuses refresh tokens but the entries themselves, so each is kept as long as those live
   * (`refreshTokenTtl`, 20 days): size the store for that. @default the session store, else this process's memory, which no other process sees
   */
  readonly blocklist?: BlocklistStore
  /** Keeps sessions, so that refresh tokens rotate. It is the blocklist too. @default none */
  readonly sessions?: SessionStore
  /** Live sessions that one user may have; a login beyond that ends the oldest. @default any number */
  readonly maxSessions?: number
  /**
   * Milliseconds that a "not revoked" may be old, 0 to 60000, where the store is across a network: each process then keeps a copy of all revocations in force. With 0
   * every check waits for the store, and those that come together share one question. A store of this process is asked directly. @default 500
   */
  readonly maxStaleness?: number
  /** Loads whom a token is for, for `context.auth.subject()`; see `authx.setSubjectGetter`. @default none */
  readonly subject?: SubjectGetter
  /** Milliseconds that the callback and the blocklist may take to answer. Silence refuses. @default 2000 */
  readonly callbackTimeout?: number
  /** Milliseconds after which the callback is asked again about a token by which a stream stays open, where no event made it be asked before. @default 5000 */
  readonly callbackInterval?: number
  /**
   * How many tokens that were found good twice are remembered in this process at most, so that their signatures need not be computed again; together they take 2 KiB times this at most, and
   * where tokens are longer than 512 characters fewer are kept. One goes when newer ones push it out, or when it comes again and has expired. Whether it is in time and not revoked is
   * asked all the same. 0 for none. @default 10000
   */
  readonly rememberedTokens?: number
  /** Where counters and gauges go (OpenTelemetry). @default the provider that is registered with its API */
  readonly meterProvider?: MeterProvider
  /** @default the console */
  readonly logger?: Logger
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number
  /** Unpredictable bytes. @default crypto.randomBytes */
  readonly random?: (size: number) => Uint8Array
}

/** The options, checked, complete and frozen. */
export interface Settings extends LocationSettings {
  readonly keys: KeyRing
  readonly issuer: string | undefined
  readonly audience: readonly string[]
  readonly accessTokenTtl: number
  readonly refreshTokenTtl: number
  readonly sessionTtl: number
  readonly maxTokenAge: Readonly<Record<TokenType, number>>
  readonly leeway: number
  readonly refreshGrace: number
  readonly defaultPolicy: DefaultPolicy
  readonly enforcement: EnforcementMode
  readonly introspection: IntrospectionMode
  readonly blocklist: BlocklistStore
  readonly sessions: SessionStore | undefined
  readonly maxSessions: number | undefined
  readonly maxStaleness: number
  readonly subject: SubjectGetter | undefined
  readonly hooks: AuditHooks
  readonly callbackTimeout: number
  readonly callbackInterval: number
  readonly rememberedTokens: number
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: () => number
  /** Milliseconds from anywhere, which nobody sets back or forward. */
  readonly monotonic: () => number
  readonly random: (size: number) => Uint8Array
}

/** What holds for a field that says nothing about who may have it. */
export type DefaultPolicy = 'public' | 'protected' | 'declared'

/** Every {@link DefaultPolicy}, the default first. */
export const DEFAULT_POLICIES: readonly DefaultPolicy[] = ['public', 'protected', 'declared']

/** Where and whether what a caller may not have is refused. */
export type EnforcementMode = 'field' | 'operation' | 'report'

const ENFORCEMENT_MODES: readonly EnforcementMode[] = ['field', 'operation', 'report']

/** What a caller learns of the schema. */
export type IntrospectionMode = 'full' | 'described' | 'caller'

const INTROSPECTION_MODES: readonly IntrospectionMode[] = ['full', 'described', 'caller']

/** Seconds that revocations outlive the last token they can meet, for processes whose clocks disagree. */
export const CLOCK_SKEW = 120

/** What a session store has beside a blocklist. */
const SESSION_METHODS = [
  'createSession',
  'rotateSession',
  'listSessions',
  'endSession',
  'endSessions',
] as const satisfies readonly (keyof SessionStore)[]

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
  cookies: true,
  csrf: true,
  defaultPolicy: true,
  enforcement: true,
  introspection: true,
  blocklist: true,
  sessions: true,
  maxSessions: true,
  maxStaleness: true,
  subject: true,
  onLogin: true,
  onRefresh: true,
  onReuse: true,
  onRevoke: true,
  onRefused: true,
  callbackTimeout: true,
  callbackInterval: true,
  rememberedTokens: true,
  meterProvider: true,
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
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ConfigurationError('createAuthX takes an object with at least `secret` or `keys`')
  }
  checkNames('', options, OPTION_NAMES)
  // Only what is left out has a default; null is a mistake, as from a setting that was not there.
  const { accessTokenTtl = 900, refreshTokenTtl = 1_728_000, leeway = 5, refreshGrace = 10_000 } = options
  const {
    maxStaleness = 500,
    callbackTimeout = 2000,
    callbackInterval = 5000,
    rememberedTokens = 10_000,
    logger = consoleLogger,
    clock = Date.now,
    random = randomBytes,
  } = options
  seconds('accessTokenTtl', accessTokenTtl, 1)
  seconds('refreshTokenTtl', refreshTokenTtl, 1)
  const { sessionTtl = Math.max(7_776_000, refreshTokenTtl) } = options
  return Object.freeze({
    keys: readKeys(options),
    issuer: options.issuer === undefined ? undefined : text('issuer', options.issuer),
    audience: readAudience(options.audience),
    accessTokenTtl,
    refreshTokenTtl,
    sessionTtl: seconds('sessionTtl', sessionTtl, refreshTokenTtl),
    maxTokenAge: readMaxTokenAge(options.maxTokenAge, { access: accessTokenTtl, refresh: refreshTokenTtl }),
    leeway: seconds('leeway', leeway, 0, 60),
    refreshGrace: milliseconds('refreshGrace', refreshGrace, 0, 60_000),
    ...readLocationSettings(options, accessTokenTtl),
    defaultPolicy: oneOf('defaultPolicy', options.defaultPolicy, DEFAULT_POLICIES),
    enforcement: oneOf('enforcement', options.enforcement, ENFORCEMENT_MODES),
    introspection: oneOf('introspection', options.introspection, INTROSPECTION_MODES),
    blocklist: readBlocklist(options) ?? memoryBlocklist(callable('clock', clock)),
    sessions: options.sessions,
    maxSessions: options.maxSessions === undefined ? undefined : whole('maxSessions', options.maxSessions, 1),
    maxStaleness: milliseconds('maxStaleness', maxStaleness, 0, 60_000),
    subject: options.subject === undefined ? undefined : callable('subject', options.subject),
    hooks: readHooks(options),
    callbackTimeout: milliseconds('callbackTimeout', callbackTimeout, 1, 60_000),
    callbackInterval: milliseconds('callbackInterval', callbackInterval, 100, 3_600_000),
    rememberedTokens: whole('rememberedTokens', rememberedTokens, 0, 1_000_000),
    metrics: readMetrics(options.meterProvider),
    logger: readLogger(logger),
    clock: callable('clock', clock),
    monotonic: () => performance.now(),
    random: callable('random', random),
  })
}

function readKeys({ secret, keys }: AuthXOptions): KeyRing {
  if (secret !== undefined && keys !== undefined) {
    throw new ConfigurationError(
      'secret, keys: give one of the two; for several keys put the secret into `keys`',
    )
  }
  if (keys !== undefined) {
    if (!Array.isArray(keys)) throw new ConfigurationError('keys: must be a list of { kid, alg, key }')
    return createKeyRing(keys)
  }
  if (secret === undefined) {
    throw new ConfigurationError(
      'secret: missing; give at least 32 random bytes (is the environment variable set?), or `keys`',
    )
  }
  if (!(typeof secret === 'string' || secret instanceof Uint8Array || secret instanceof KeyObject)) {
    throw new ConfigurationError('secret: must be a text, bytes or a secret KeyObject')
  }
  return createSecretRing(secret)
}

function readAudience(audience: AuthXOptions['audience']): readonly string[] {
  if (audience === undefined) return []
  const list = typeof audience === 'string' ? [audience] : audience
  if (!Array.isArray(list) || list.length === 0) {
    throw new ConfigurationError('audience: must be a text or a list of texts; leave it out to have none')
  }
  return Object.freeze(list.map((one) => text('audience', one)))
}

function readMaxTokenAge(
  maxTokenAge: NonNullable<AuthXOptions['maxTokenAge']> = {},
  lifetimes: Settings['maxTokenAge'],
): Settings['maxTokenAge'] {
  checkNames('maxTokenAge', maxTokenAge, lifetimes)
  const { access = lifetimes.access, refresh = lifetimes.refresh } = maxTokenAge
  return Object.freeze({
    access: seconds('maxTokenAge.access', access, lifetimes.access),
    refresh: seconds('maxTokenAge.refresh', refresh, lifetimes.refresh),
  })
}

function readLogger(logger: Logger): Logger {
  if (typeof logger?.warn !== 'function' || typeof logger.error !== 'function') {
    throw new ConfigurationError('logger: must have the methods warn and error, as pino and the console do')
  }
  return logger
}

function readBlocklist({ blocklist, sessions }: AuthXOptions): BlocklistStore | undefined {
  if (sessions !== undefined && blocklist !== undefined && sessions !== blocklist) {
    throw new ConfigurationError(
      'blocklist: the session store is the blocklist too, since ending a session is one write; leave `blocklist` out',
    )
  }
  const store = sessions === undefined ? blocklist : sessions
  if (isThenable(store)) {
    throw new ConfigurationError(
      `${sessions === undefined ? 'blocklist' : 'sessions'}: is a promise; await it first`,
    )
  }
  if (store !== undefined && typeof store?.isRevoked !== 'function') {
    throw new ConfigurationError(
      `${sessions === undefined ? 'blocklist' : 'sessions'}: not a store; give await sqlite(…), postgres(…) or redis(…), memory(), or your own`,
    )
  }
  if (sessions !== undefined && SESSION_METHODS.some((name) => typeof sessions?.[name] !== 'function')) {
    throw new ConfigurationError(
      'sessions: this store keeps no sessions; give await sqlite(…), postgres(…) or redis(…), or your own SessionStore',
    )
  }
  return store
}

function readHooks(options: AuthXOptions): AuditHooks {
  const given = HOOKS.filter((name) => options[name] !== undefined)
  return Object.freeze(Object.fromEntries(given.map((name) => [name, callable(name, options[name])])))
}
