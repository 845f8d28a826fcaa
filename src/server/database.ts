import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Attempts } from '../core/attempts.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'

/** Whether the database that a URL names is there already, so that looking at it makes none; one across a network always is. */
export function databaseExists(url: string): boolean {
  const path = sqlitePath(url)
  return path === undefined || existsSync(path)
}

/** What messages and logs call the store of a URL: its kind and where it is, without user and password. */
export function storeName(url: string): string {
  if (url === 'memory:') return 'memory'
  const path = sqlitePath(url)
  // As the store itself says it.
  if (path !== undefined) return path === ':memory:' ? path : resolve(path)
  if (!URL.canParse(url)) return 'the store'
  const { protocol, hostname, host, pathname, searchParams } = new URL(url)
  if (isRedis(url)) return `redis ${host}`
  const socket = searchParams.get('host')
  return `${protocol.replace(/^postgres(ql)?:$/, 'postgres')} ${socket === null ? host : host.replace(hostname, socket)}${pathname}`
}

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

/**
 * Opens the store that a URL names, `sqlite:<path>`, `postgres://…`, `redis://…` or `memory:`, and the counters of tries beside it.
 *
 * A driver is loaded only when its store is asked for.
 *
 * @throws ConfigurationError naming what is wrong with the URL or the database
 */
export async function openDatabase(url: string): Promise<Database> {
  const store = await openStore(url)
  try {
    return { store, attempts: await openAttempts(url) }
  } catch (error) {
    await store.close()
    throw error
  }
}

async function openAttempts(url: string): Promise<Attempts> {
  if (isRedis(url)) {
    const { redisAttempts } = await import('../stores/redis/attempts.ts')
    return redisAttempts(url)
  }
  if (isPostgres(url)) {
    const { postgresAttempts } = await import('../stores/postgres/attempts.ts')
    return postgresAttempts(url)
  }
  const path = sqlitePath(url)
  // Another connection to an SQLite database in memory would be another database.
  if (path === undefined || path === ':memory:') {
    const { memoryAttempts } = await import('../stores/memory/attempts.ts')
    return memoryAttempts()
  }
  const { sqliteAttempts } = await import('../stores/sqlite/attempts.ts')
  return sqliteAttempts(path)
}

/** Opens the store alone. Throws as {@link openDatabase} does. */
export async function openStore(url: string, { migrate = true }: OpenOptions = {}): Promise<Store> {
  if (url === 'memory:') {
    const { memory } = await import('../stores/memory.ts')
    return memory()
  }
  const path = sqlitePath(url)
  if (path !== undefined) {
    const { sqlite } = await import('../stores/sqlite.ts')
    return sqlite(path)
  }
  if (isPostgres(url)) {
    const { postgres } = await import('../stores/postgres.ts')
    return postgres(url, { migrate })
  }
  if (isRedis(url)) {
    const { redis } = await import('../stores/redis.ts')
    return redis(url)
  }
  throw new ConfigurationError(
    'AUTHX_DATABASE_URL: must be sqlite:<path> (such as sqlite:data/authx.db), postgres://<user>:<password>@<host>/<database>, redis://<host> or memory:',
  )
}

function isRedis(url: string): boolean {
  return /^rediss?:/.test(url)
}

function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url)
}

function sqlitePath(url: string): string | undefined {
  return /^sqlite:(.+)$/.exec(url)?.[1]
}
