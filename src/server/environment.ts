import { ConfigurationError } from '../core/configuration-error.ts'

/** The server's settings, checked. */
export interface ServerSettings {
  readonly port: number
  readonly host: string
  readonly databaseUrl: string
  readonly secret: string | undefined
  readonly keysFile: string | undefined
  readonly issuer: string | undefined
  readonly audience: string | undefined
  readonly accessTokenTtl: number
  readonly refreshTokenTtl: number
  readonly maxSessions: number
  readonly corsOrigins: readonly string[]
  readonly graphiql: boolean
  readonly demoUser: string
  readonly demoPassword: string | undefined
  readonly logLevel: string
  readonly drainTimeout: number
  readonly production: boolean
}

interface Setting {
  /** The environment variable. */
  readonly name: string
  readonly says: string
  readonly example: string
}

/** Every setting there is, for `--help` and for the refusal of misspelt ones. */
export const SETTINGS: readonly Setting[] = [
  { name: 'PORT', says: 'the port to listen on; 0 takes a free one', example: '4000' },
  { name: 'HOST', says: 'the address to listen on; 0.0.0.0 for all', example: '127.0.0.1' },
  {
    name: 'AUTHX_DATABASE_URL',
    says: 'sqlite:<path>, or memory: (forgets everything at exit)',
    example: 'sqlite:data/authx.db',
  },
  {
    name: 'AUTHX_SECRET',
    says: 'one HS256 secret of at least 32 random bytes',
    example: 'a generated key file',
  },
  {
    name: 'AUTHX_KEYS_FILE',
    says: 'a JWK Set with private keys; the first signs',
    example: 'data/keys.json',
  },
  { name: 'AUTHX_ISSUER', says: 'the iss of the tokens', example: 'none' },
  { name: 'AUTHX_AUDIENCE', says: 'the aud of the tokens', example: 'none' },
  { name: 'AUTHX_ACCESS_TOKEN_TTL', says: 'seconds an access token lives', example: '900' },
  { name: 'AUTHX_REFRESH_TOKEN_TTL', says: 'seconds a refresh token lives', example: '1728000' },
  { name: 'AUTHX_MAX_SESSIONS', says: 'sessions a user may have; the oldest make room', example: '20' },
  {
    name: 'AUTHX_CORS_ORIGINS',
    says: 'comma-separated origins that may call from a browser',
    example: 'none',
  },
  {
    name: 'AUTHX_GRAPHIQL',
    says: 'true or false: whether /graphql shows GraphiQL',
    example: 'true, in production false',
  },
  { name: 'AUTHX_DEMO_USER', says: 'the user made at the first start outside production', example: 'demo' },
  { name: 'AUTHX_DEMO_PASSWORD', says: 'its password, when it is made', example: 'random, printed once' },
  { name: 'AUTHX_DRAIN_TIMEOUT', says: 'seconds that running operations get at SIGTERM', example: '10' },
  { name: 'LOG_LEVEL', says: 'trace, debug, info, warn, error or silent', example: 'info' },
  {
    name: 'NODE_ENV',
    says: 'production: needs a configured key, makes no demo user',
    example: 'development',
  },
]

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

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
  const production = environment.NODE_ENV === 'production'
  const settings: ServerSettings = {
    port: whole('PORT', get('PORT'), 4000, 0, 65_535),
    host: get('HOST') ?? '127.0.0.1',
    databaseUrl: get('AUTHX_DATABASE_URL') ?? 'sqlite:data/authx.db',
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
    maxSessions: whole('AUTHX_MAX_SESSIONS', get('AUTHX_MAX_SESSIONS'), 20, 1, 10_000),
    corsOrigins: origins(get('AUTHX_CORS_ORIGINS')),
    graphiql: yesOrNo('AUTHX_GRAPHIQL', get('AUTHX_GRAPHIQL'), !production),
    demoUser: get('AUTHX_DEMO_USER') ?? 'demo',
    demoPassword: get('AUTHX_DEMO_PASSWORD'),
    logLevel: oneOf('LOG_LEVEL', get('LOG_LEVEL'), 'info', LOG_LEVELS),
    drainTimeout: whole('AUTHX_DRAIN_TIMEOUT', get('AUTHX_DRAIN_TIMEOUT'), 10, 0, 3600),
    production,
  }
  if (settings.secret !== undefined && settings.keysFile !== undefined) {
    throw new ConfigurationError('AUTHX_SECRET, AUTHX_KEYS_FILE: set one of the two')
  }
  if (production && settings.secret === undefined && settings.keysFile === undefined) {
    throw new ConfigurationError(
      'AUTHX_KEYS_FILE: in production the key must be configured; make one with: graphql-authx keys generate --file keys.json',
    )
  }
  return Object.freeze(settings)
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
  throw new ConfigurationError(`${name}: must be a whole number from ${least} to ${most}`)
}

function yesOrNo(name: string, value: string | undefined, otherwise: boolean): boolean {
  return value === undefined ? otherwise : oneOf(name, value, 'false', ['true', 'false']) === 'true'
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

function origins(value: string | undefined): readonly string[] {
  const list = (value ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean)
  for (const origin of list) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new ConfigurationError(
        'AUTHX_CORS_ORIGINS: each must be an origin such as https://app.example.com, without a path',
      )
    }
  }
  return list
}
