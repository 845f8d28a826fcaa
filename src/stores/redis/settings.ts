import { ConfigurationError } from '../../core/configuration-error.ts'
import { checkNames, milliseconds, nearest, whole } from '../../core/option-checks.ts'

/** What a server that loses revocations does; each has to be accepted by name. */
const LOSSES = ['eviction', 'no-persistence'] as const

/** See {@link RedisOptions.accept}. */
export type RedisLoss = (typeof LOSSES)[number]

/** What {@link redis} takes beside the URL; each but the clock can come in the URL too. */
export interface RedisOptions {
  /** Before every key. Its braces keep all keys on one node of a cluster; without any, the whole gets some. @default 'authx' */
  readonly prefix?: string
  /** Milliseconds that a connection may take. @default 1000 */
  readonly connectTimeout?: number
  /** Milliseconds that a command may take; a write that is not answered by then may have happened, and is not acknowledged. @default 1000 */
  readonly commandTimeout?: number
  /** How many replicas have to have a write before it is acknowledged (`WAIT`). @default 0 */
  readonly replicas?: number
  /**
   * What of a server's settings is accepted although revocations can be lost by it: `eviction`, a `maxmemory-policy` other than `noeviction`; `no-persistence`,
   * no append-only file. @default none
   */
  readonly accept?: readonly RedisLoss[]
  /** Milliseconds to add to the server's clock, which is the store's: for the contract's tests. @default 0 */
  readonly clockShift?: () => number
}

/** The options, checked. */
export interface RedisSettings extends Required<RedisOptions> {
  readonly url: string
  /** What messages call the server: its host, no password. */
  readonly name: string
}

/** Every option, and what reads it out of a URL; the clock is not to be had there. */
const NAMES: Readonly<Record<keyof RedisOptions, ((text: string) => unknown) | undefined>> = {
  prefix: String,
  connectTimeout: Number,
  commandTimeout: Number,
  replicas: Number,
  accept: (text) => text.split(','),
  clockShift: undefined,
}

/**
 * Reads the options, and those that come in the URL: `redis://cache.internal/0?prefix=shop&replicas=1&accept=eviction`.
 *
 * @throws ConfigurationError naming the option and the mend; it never has the URL, which has the password
 */
export function readSettings(url: string, options: RedisOptions = {}): RedisSettings {
  const parsed = parse(url)
  checkNames('redis', options, NAMES)
  const given: RedisOptions = { ...fromUrl(parsed), ...options }
  parsed.search = ''
  const { prefix = 'authx', connectTimeout = 1000, commandTimeout = 1000, replicas = 0 } = given
  const { accept = [], clockShift = () => 0 } = given
  return Object.freeze({
    url: parsed.href,
    name: `redis ${parsed.hostname}${parsed.port && `:${parsed.port}`}`,
    prefix: readPrefix(prefix),
    connectTimeout: milliseconds('redis.connectTimeout', connectTimeout, 1, 60_000),
    commandTimeout: milliseconds('redis.commandTimeout', commandTimeout, 1, 60_000),
    replicas: whole('redis.replicas', replicas, 0, 100),
    accept: readAccepted(accept),
    clockShift,
  })
}

function parse(url: string): URL {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !isPlain(parsed)) {
    throw new ConfigurationError(
      'redis: must be a URL such as redis://user:password@host:6379/0, or rediss: for TLS (signs in the password as %XX)',
    )
  }
  return parsed
}

/**
 * A password with a `?`, `/` or `#` that is not escaped ends where that stands, and its rest would be taken for an option or a database, its beginning for a port.
 * What is left of it then has an `@`.
 */
function isPlain({ protocol, hostname, username, password, pathname, search, hash }: URL): boolean {
  const isEscaped = [username, password].every((text) => !/%(?![\da-f]{2})/i.test(text))
  const isRest = search.includes('@') || hash !== '' || !/^\/?\d*$/.test(pathname)
  return /^rediss?:$/.test(protocol) && hostname !== '' && isEscaped && !isRest
}

function fromUrl({ searchParams }: URL): RedisOptions {
  const readers: Readonly<Record<string, ((text: string) => unknown) | undefined>> = NAMES
  return Object.fromEntries(
    [...searchParams].map(([name, text]) => {
      const read = Object.hasOwn(readers, name) ? readers[name] : undefined
      if (read !== undefined) return [name, read(text)]
      const known = Object.keys(readers).filter((one) => readers[one] !== undefined)
      const meant = nearest(name, known) ?? ''
      // Which it is, is not said: it may have been meant as a password.
      throw new ConfigurationError(
        `redis: the URL has an option that there is not; there are ${known.join(', ')}${meant && `; did you mean ${meant}?`}`,
      )
    }),
  )
}

function readPrefix(prefix: unknown): string {
  if (typeof prefix !== 'string' || !/^[\w:{}.-]{1,100}$/.test(prefix)) {
    throw new ConfigurationError('redis.prefix: must be 1 to 100 letters, digits or signs of - _ : . { }')
  }
  return /\{[^}]+\}/.test(prefix) ? `${prefix}:` : `{${prefix.replace(/[{}]/g, '')}}:`
}

function readAccepted(accept: unknown): readonly RedisLoss[] {
  const isList = Array.isArray(accept) && accept.every((one) => (LOSSES as readonly unknown[]).includes(one))
  if (!isList) throw new ConfigurationError(`redis.accept: must be a list of ${LOSSES.join(', ')}`)
  return Object.freeze([...accept])
}
