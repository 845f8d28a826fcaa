import type { TokenType } from '../core/claims.ts'
import type { LocationName } from '../core/location-settings.ts'

/** The server's settings, checked. */
export interface ServerSettings {
  readonly port: number
  readonly host: string
  readonly databaseUrl: string
  /** Milliseconds that a process may not know of a revocation by another, where the database is across a network. */
  readonly maxStaleness: number
  readonly secret: string | undefined
  readonly keysFile: string | undefined
  readonly issuer: string | undefined
  readonly audience: string | undefined
  readonly accessTokenTtl: number
  readonly refreshTokenTtl: number
  /** Where tokens are looked for, in order. */
  readonly locations: Readonly<Record<TokenType, readonly LocationName[]>>
  /** Seconds before the end of an access token in a cookie in which an answer brings the next one; 0: never. */
  readonly implicitRefresh: number
  /** How many sessions a user may have. */
  readonly maxSessions: number
  readonly corsOrigins: readonly string[]
  readonly graphiql: boolean
  readonly demoUser: string
  readonly demoPassword: string | undefined
  readonly logLevel: string
  readonly drainTimeout: number
  readonly production: boolean
  /** What clients that ask for the schema get: all of it, what the caller may have of it, or nothing. */
  readonly introspection: 'described' | 'caller' | false
  /** Whether `/metrics` tells what is counted. */
  readonly metrics: boolean
  /** How many proxies in front are ours, so that what they say about addresses counts. */
  readonly trustedProxies: number
  readonly logins: LoginLimitSettings
  readonly requests: RequestLimitSettings
  readonly sockets: SocketLimitSettings
}

/** How many WebSockets may be open at the same time. */
export interface SocketLimitSettings {
  readonly total: number
  /** From one address. */
  readonly bySource: number
}

/** How many passwords may be tried. */
export interface LoginLimitSettings {
  /** For one account from one address. */
  readonly tries: number
  /** From one address, whatever the account. */
  readonly triesBySource: number
  /** For one account from addresses that it never logged in from. */
  readonly triesByAccount: number
  /** Seconds. */
  readonly window: number
  /** How many passwords are hashed at once. */
  readonly hashes: number
  /** How many logins may wait for that. */
  readonly waiting: number
}

/** How large a request may be, and its document. */
export interface RequestLimitSettings {
  /** Bytes. */
  readonly body: number
  readonly tokens: number
  readonly depth: number
  readonly fields: number
  readonly rootFields: number
  readonly aliases: number
  readonly directives: number
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
    says: 'sqlite:<path>, postgres://…, redis://…, or memory: (forgets everything at exit)',
    example: 'sqlite:data/authx.db',
  },
  {
    name: 'AUTHX_ALLOW_MEMORY',
    says: 'true: memory: may serve in production too, where a restart brings every revoked token back',
    example: 'false',
  },
  {
    name: 'AUTHX_MAX_STALENESS',
    says: 'milliseconds after which every process on one PostgreSQL or Redis knows of a logout; 0: each asks each time',
    example: '500',
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
  {
    name: 'AUTHX_ACCESS_LOCATIONS',
    says: 'where access tokens travel, in order: headers, cookies, json, query',
    example: 'headers',
  },
  { name: 'AUTHX_REFRESH_LOCATIONS', says: 'where refresh tokens travel', example: 'headers' },
  {
    name: 'AUTHX_IMPLICIT_REFRESH',
    says: 'seconds before its end in which an access token in a cookie is renewed by itself',
    example: '0: never',
  },
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
  {
    name: 'AUTHX_TRUST_PROXY',
    says: 'how many proxies in front may say in X-Forwarded-For whom they speak for',
    example: '0: none',
  },
  {
    name: 'AUTHX_LOGIN_TRIES',
    says: 'failed logins for one account from one address, in one window',
    example: '10',
  },
  { name: 'AUTHX_LOGIN_TRIES_SOURCE', says: 'failed logins from one address, in one window', example: '100' },
  {
    name: 'AUTHX_LOGIN_TRIES_ACCOUNT',
    says: 'failed logins for one account from addresses new to it, in one window',
    example: '100',
  },
  { name: 'AUTHX_LOGIN_WINDOW', says: 'seconds that failed logins count', example: '900' },
  { name: 'AUTHX_HASH_CONCURRENCY', says: 'passwords that are checked at the same time', example: '2' },
  { name: 'AUTHX_HASH_QUEUE', says: 'logins that may wait for that; more are refused', example: '100' },
  {
    name: 'AUTHX_INTROSPECTION',
    says: 'who may ask for the schema: true, everybody; caller, each for what they may have; false, nobody',
    example: 'true, in production false',
  },
  {
    name: 'AUTHX_METRICS',
    says: 'true or false: whether /metrics tells what is counted, in the format of Prometheus',
    example: 'true',
  },
  { name: 'AUTHX_MAX_SOCKETS', says: 'WebSockets that may be open', example: '10000' },
  { name: 'AUTHX_MAX_SOCKETS_SOURCE', says: 'WebSockets that may be open from one address', example: '200' },
  { name: 'AUTHX_MAX_BODY', says: 'bytes of a request body', example: '100000' },
  { name: 'AUTHX_MAX_TOKENS', says: 'words and signs of a document', example: '1000' },
  { name: 'AUTHX_MAX_DEPTH', says: 'levels of nested fields', example: '10' },
  { name: 'AUTHX_MAX_FIELDS', says: 'fields of an operation, fragments written out', example: '500' },
  { name: 'AUTHX_MAX_ROOT_FIELDS', says: 'fields at the top of an operation', example: '20' },
  { name: 'AUTHX_MAX_ALIASES', says: 'aliases of an operation', example: '20' },
  { name: 'AUTHX_MAX_DIRECTIVES', says: 'directives of an operation', example: '20' },
  { name: 'LOG_LEVEL', says: 'trace, debug, info, warn, error, fatal or silent', example: 'info' },
  {
    name: 'NODE_ENV',
    says: 'production: needs a configured key, makes no demo user',
    example: 'development',
  },
]
