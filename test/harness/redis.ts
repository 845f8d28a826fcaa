import { existsSync } from 'node:fs'
import { createClient } from 'redis'
import type { Program } from './debian.ts'
import {
  folderFor,
  freePort,
  type Service,
  type SharedService,
  sharedService,
  startService,
} from './service.ts'

/** Where Redis is: at REDIS_URL, else where Debian puts it. */
export const REDIS: Program = {
  name: 'Redis',
  debianPackage: 'redis-server',
  tests: 'the tests of the Redis store',
  variable: 'REDIS_URL',
  find: () => process.env.REDIS_URL ?? installed(),
}

/** One that tests may stop and kill. */
export const OWN_REDIS: Program = { ...REDIS, find: installed }

const SERVER = '/usr/bin/redis-server'
const USER = 'redis'

function installed(): string | undefined {
  return [SERVER].find((path) => existsSync(path))
}

/** The server at REDIS_URL; without one, a server of our own. */
export async function startRedis(): Promise<SharedService> {
  const url = process.env.REDIS_URL
  return url === undefined ? startOwnRedis({ appendfsync: 'no' }) : sharedService(async () => database(url))
}

/** Settings of redis.conf, added to ours. */
export type RedisConfig = Readonly<Record<string, string | number>>

/** A server that can be stopped and killed. Nothing that it acknowledges is lost unless the configuration says otherwise. */
export async function startOwnRedis(config: RedisConfig = {}): Promise<Service> {
  const folder = folderFor(USER)
  const port = await freePort()
  const settings: RedisConfig = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    ...config,
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const url = `redis://127.0.0.1:${port}`
  return startService({
    command: { program: SERVER, args, user: USER },
    folder,
    data: folder,
    database: async () => database(url),
    ask: () => command(url, 'PING'),
  })
}

let count = 0

/** Keys of their own: a cluster has one database only. */
function database(url: string): string {
  count += 1
  return `${url}?prefix=test-${process.pid}-${count}`
}

/** Runs one command over a connection of its own. */
export async function command(url: string, ...words: string[]): Promise<unknown> {
  const client = createClient({ url, socket: { connectTimeout: 2000, reconnectStrategy: false } })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await client.sendCommand(words)
  } finally {
    client.destroy()
  }
}
