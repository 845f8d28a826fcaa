import { ConfigurationError } from '../core/configuration-error.ts'
import type { LocationName } from '../core/location-settings.ts'
import { readOrigins } from '../core/option-checks.ts'
import { SETTINGS, type ServerSettings } from './settings.ts'

/** The columns that the terminal is said to have, by COLUMNS. */
export function terminalColumns({ COLUMNS = '' }: Environment = process.env): number | undefined {
  return /^[1-9]\d*$/.test(COLUMNS) ? Number(COLUMNS) : undefined
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Where the key is kept that is made when none is configured. */
export const GENERATED_KEYS = 'data/keys.json'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads the settings from the environment: the only place that does.
 *
 * @throws ConfigurationError naming the variable that is wrong, or that does not exist
 */
export function readEnvironment(environment: Environment = process.env): ServerSettings {
  refuseMisspelt(environment)
  const get = (name: string): string | undefined => {
    const value = environment[name]
    if (value?.trim() === '')
      throw new ConfigurationError(`${name}: is set but empty; unset it or give it a value`)
    return value
  }
  const mode = oneOf('NODE_ENV', environment.NODE_ENV || undefined, 'development', [
    'development',
    'test',
    'production',
  ])
  const production = mode === 'production'
  const settings: ServerSettings = {
    port: whole('PORT', get('PORT'), 4000, 0, 65_535),
    host: get('HOST') ?? '127.0.0.1',
    databaseUrl: get('AUTHX_DATABASE_URL') ?? 'sqlite:data/authx.db',
    maxStaleness: whole('AUTHX_MAX_STALENESS', get('AUTHX_MAX_STALENESS'), 500, 0, 60_000),
    secret: get('AUTHX_SECRET'),
    keysFile: get('AUTHX_KEYS_FILE'),
    issuer: get('AUTHX_ISSUER'),
    audience: get('AUTHX_AUDIENCE'),
    accessTokenTtl: whole('AUTHX_ACCESS_TOKEN_TTL', get('AUTHX_ACCESS_TOKEN_TTL'), 900, 1, 86_400),
    refreshTokenTtl: whole(
      'AUTHX_REFRESH_TOKEN_TTL',
      get('AUTHX_REFRESH_TOKEN_TTL'),
      1_728_000,
      1,
      31_536_000,
    ),
    locations: {
      access: locations('AUTHX_ACCESS_LOCATIONS', get('AUTHX_ACCESS_LOCATIONS')),
      refresh: locations('AUTHX_REFRESH_LOCATIONS', get('AUTHX_REFRESH_LOCATIONS')),
    },
    implicitRefresh: whole('AUTHX_IMPLICIT_REFRESH', get('AUTHX_IMPLICIT_REFRESH'), 0, 0, 86_400),
    maxSessions: whole('AUTHX_MAX_SESSIONS', get('AUTHX_MAX_SESSIONS'), 20, 1, 10_000),
    corsOrigins: origins(get('AUTHX_CORS_ORIGINS')),
    graphiql: yesOrNo('AUTHX_GRAPHIQL', get('AUTHX_GRAPHIQL'), !production),
    demoUser: get('AUTHX_DEMO_USER') ?? 'demo',
    demoPassword: get('AUTHX_DEMO_PASSWORD'),
    logLevel: oneOf('LOG_LEVEL', get('LOG_LEVEL'), 'info', LOG_LEVELS),
    drainTimeout: whole('AUTHX_DRAIN_TIMEOUT', get('AUTHX_DRAIN_TIMEOUT'), 10, 0, 3600),
    production,
    introspection: introspection(get('AUTHX_INTROSPECTION'), !production),
    metrics: yesOrNo('AUTHX_METRICS', get('AUTHX_METRICS'), true),
    trustedProxies: whole('AUTHX_TRUST_PROXY', get('AUTHX_TRUST_PROXY'), 0, 0, 10),
    logins: {
      tries: whole('AUTHX_LOGIN_TRIES', get('AUTHX_LOGIN_TRIES'), 10, 1, 1_000_000),
      triesBySource: whole('AUTHX_LOGIN_TRIES_SOURCE', get('AUTHX_LOGIN_TRIES_SOURCE'), 100, 1, 1_000_000),
      triesByAccount: whole('AUTHX_LOGIN_TRIES_ACCOUNT', get('AUTHX_LOGIN_TRIES_ACCOUNT'), 100, 1, 1_000_000),
      // No longer than a day: whoever is locked out by others has to get in again.
      window: whole('AUTHX_LOGIN_WINDOW', get('AUTHX_LOGIN_WINDOW'), 900, 1, 86_400),
      hashes: whole('AUTHX_HASH_CONCURRENCY', get('AUTHX_HASH_CONCURRENCY'), 2, 1, 64),
      waiting: whole('AUTHX_HASH_QUEUE', get('AUTHX_HASH_QUEUE'), 100, 0, 10_000),
    },
    sockets: {
      total: whole('AUTHX_MAX_SOCKETS', get('AUTHX_MAX_SOCKETS'), 10_000, 1, 1_000_000),
      bySource: whole('AUTHX_MAX_SOCKETS_SOURCE', get('AUTHX_MAX_SOCKETS_SOURCE'), 200, 1, 1_000_000),
    },
    requests: {
      body: whole('AUTHX_MAX_BODY', get('AUTHX_MAX_BODY'), 100_000, 1000, 25_000_000),
      tokens: whole('AUTHX_MAX_TOKENS', get('AUTHX_MAX_TOKENS'), 1000, 10, 100_000),
      depth: whole('AUTHX_MAX_DEPTH', get('AUTHX_MAX_DEPTH'), 10, 1, 1000),
      fields: whole('AUTHX_MAX_FIELDS', get('AUTHX_MAX_FIELDS'), 500, 1, 100_000),
      rootFields: whole('AUTHX_MAX_ROOT_FIELDS', get('AUTHX_MAX_ROOT_FIELDS'), 20, 1, 100_000),
      aliases: whole('AUTHX_MAX_ALIASES', get('AUTHX_MAX_ALIASES'), 20, 0, 100_000),
      directives: whole('AUTHX_MAX_DIRECTIVES', get('AUTHX_MAX_DIRECTIVES'), 20, 0, 100_000),
    },
  }
  if (settings.secret !== undefined && settings.keysFile !== undefined) {
    throw new ConfigurationError('AUTHX_SECRET, AUTHX_KEYS_FILE: set one of the two')
  }
  if (production && settings.secret === undefined && settings.keysFile === undefined) {
    throw new ConfigurationError(
      'AUTHX_KEYS_FILE: in production the key must be configured; make one with: graphql-authx keys generate --file keys.json, and set AUTHX_KEYS_FILE=keys.json (or set AUTHX_SECRET)',
    )
  }
  const forgets = settings.databaseUrl === 'memory:' || settings.databaseUrl === 'sqlite::memory:'
  if (production && forgets && !yesOrNo('AUTHX_ALLOW_MEMORY', get('AUTHX_ALLOW_MEMORY'), false)) {
    throw new ConfigurationError(
      'AUTHX_DATABASE_URL: in production a database in memory brings every revoked token back at a restart; name another, such as sqlite:data/authx.db, or set AUTHX_ALLOW_MEMORY=true',
    )
  }
  if (settings.implicitRefresh > 0 && !settings.locations.access.includes('cookies')) {
    throw new ConfigurationError('AUTHX_IMPLICIT_REFRESH: needs cookies in AUTHX_ACCESS_LOCATIONS')
  }
  if (settings.implicitRefresh >= settings.accessTokenTtl) {
    throw new ConfigurationError(
      'AUTHX_IMPLICIT_REFRESH: must be less than AUTHX_ACCESS_TOKEN_TTL, or every answer brings a token',
    )
  }
  return Object.freeze(settings)
}

/** The key file that the server reads when no secret is set. */
export function keysFileInUse(environment: Environment = process.env): string {
  return environment.AUTHX_KEYS_FILE ?? GENERATED_KEYS
}

/** A misspelt setting would silently be the default, and nobody would find out until it matters. */
function refuseMisspelt(environment: Environment): void {
  const known = new Set(SETTINGS.map((setting) => setting.name))
  const wrong = Object.keys(environment).find((name) => name.startsWith('AUTHX_') && !known.has(name))
  if (wrong === undefined) return
  throw new ConfigurationError(`${wrong}: there is no such setting; see graphql-authx serve --help`)
}

function whole(
  name: string,
  value: string | undefined,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return otherwise
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
  if (number >= least && number <= most) return number
  throw new ConfigurationError(
    `${name}: must be a whole number${/TTL|TIMEOUT|REFRESH/.test(name) ? ' of seconds,' : ''} from ${least} to ${most}`,
  )
}

function yesOrNo(name: string, value: string | undefined, otherwise: boolean): boolean {
  return value === undefined ? otherwise : oneOf(name, value, 'false', ['true', 'false']) === 'true'
}

function introspection(value: string | undefined, otherwise: boolean): ServerSettings['introspection'] {
  const said = oneOf('AUTHX_INTROSPECTION', value, String(otherwise), ['true', 'caller', 'false'])
  if (said === 'caller') return said
  return said === 'true' ? 'described' : false
}

function oneOf(
  name: string,
  value: string | undefined,
  otherwise: string,
  allowed: readonly string[],
): string {
  if (value === undefined) return otherwise
  if (allowed.includes(value)) return value
  throw new ConfigurationError(`${name}: must be one of ${allowed.join(', ')}`)
}

const LOCATIONS = ['headers', 'cookies', 'json', 'query'] as const

function locations(name: string, value: string | undefined): readonly LocationName[] {
  const list = listOf(value ?? 'headers')
  if (list.length > 0 && list.every((one): one is LocationName => LOCATIONS.some((known) => known === one))) {
    return list
  }
  throw new ConfigurationError(`${name}: must be a comma-separated list of ${LOCATIONS.join(', ')}`)
}

function origins(value: string | undefined): readonly string[] {
  const list = listOf(value ?? '')
  return readOrigins('AUTHX_CORS_ORIGINS', list)
}

function listOf(value: string): readonly string[] {
  return value
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
}
