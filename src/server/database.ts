import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Attempts } from '../core/attempts.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'

/** How a store is opened. */
export interface OpenOptions {
  /** Whether tables in a shared database are made and brought up to date; else one without them is refused. @default true */
  readonly migrate?: boolean
}

/** Everything that the server keeps. */
export interface Database {
  readonly store: Store
  readonly attempts: Attempts
}

/** A kind of database. Its driver is loaded only when it is opened. */
interface Kind {
  /** What its URLs begin with, or are. */
  readonly url: RegExp
  /** A URL of it, for messages. */
  readonly example: string
  /** As its store calls itself in messages: what it is and where, without user and password. */
  nameOf(url: string): string
  openStore(url: string, options: OpenOptions): Promise<Store>
  openAttempts(url: string): Promise<Attempts>
}

const SQLITE = /^sqlite:(.+)$/

const KINDS: readonly Kind[] = [
  {
    url: SQLITE,
    example: 'sqlite:<path> (such as sqlite:data/authx.db)',
    nameOf: (url) => (isInMemory(url) ? pathOf(url) : resolve(pathOf(url))),
    async openStore(url) {
      const { sqlite } = await import('../stores/sqlite.ts')
      return sqlite(pathOf(url))
    },
    async openAttempts(url) {
      // Another connection to an SQLite database in memory would be another database.
      if (isInMemory(url)) return memoryAttempts()
      const { sqliteAttempts } = await import('../stores/sqlite/attempts.ts')
      return sqliteAttempts(pathOf(url))
    },
  },
  {
    url: /^postgres(ql)?:/,
    example: 'postgres://<user>:<password>@<host>/<database>',
    nameOf(url) {
      const { hostname, host, pathname, searchParams } = new URL(url)
      const socket = searchParams.get('host')
      return `postgres ${socket === null ? host : host.replace(hostname, socket)}${pathname}`
    },
    async openStore(url, { migrate = true }) {
      const { postgres } = await import('../stores/postgres.ts')
      return postgres(url, { migrate })
    },
    async openAttempts(url) {
      const { postgresAttempts } = await import('../stores/postgres/attempts.ts')
      return postgresAttempts(url)
    },
  },
  {
    url: /^rediss?:/,
    example: 'redis://<host>',
    nameOf: (url) => `redis ${new URL(url).host}`,
    async openStore(url) {
      const { redis } = await import('../stores/redis.ts')
      return redis(url)
    },
    async openAttempts(url) {
      const { redisAttempts } = await import('../stores/redis/attempts.ts')
      return redisAttempts(url)
    },
  },
  {
    url: /^memory:$/,
    example: 'memory:',
    nameOf: () => 'memory',
    async openStore() {
      const { memory } = await import('../stores/memory.ts')
      return memory()
    },
    openAttempts: memoryAttempts,
  },
]

/** Whether the database that a URL names is there already, so that looking at it makes none; one across a network always is. */
export function databaseExists(url: string): boolean {
  return !SQLITE.test(url) || existsSync(pathOf(url))
}

/** What messages and logs call the store of a URL, whatever is wrong with it. */
export function storeName(url: string): string {
  try {
    return kindOf(url).nameOf(url)
  } catch {
    return 'the store'
  }
}

/**
 * Opens the store that a URL names, and the counters of tries beside it.
 *
 * @throws ConfigurationError naming what is wrong with the URL or the database
 */
export async function openDatabase(url: string): Promise<Database> {
  const store = await openStore(url)
  try {
    return { store, attempts: await kindOf(url).openAttempts(url) }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Opens the store alone. Throws as {@link openDatabase} does. */
export async function openStore(url: string, options: OpenOptions = {}): Promise<Store> {
  return kindOf(url).openStore(url, options)
}

function kindOf(url: string): Kind {
  const kind = KINDS.find((one) => one.url.test(url))
  if (kind !== undefined) return kind
  const examples = KINDS.map(({ example }) => example)
  throw new ConfigurationError(
    `AUTHX_DATABASE_URL: must be ${examples.slice(0, -1).join(', ')} or ${examples.at(-1)}`,
  )
}

async function memoryAttempts(): Promise<Attempts> {
  const { memoryAttempts: open } = await import('../stores/memory/attempts.ts')
  return open()
}

function pathOf(url: string): string {
  return SQLITE.exec(url)?.[1] as string
}

function isInMemory(url: string): boolean {
  return pathOf(url) === ':memory:'
}
