/**
 * What logouts take of a store: how many a second one process can record, and the bytes that an entry is in the store. Servers of their own are started for it.
 *
 *     node bench/sizing.ts
 */
import { randomUUID } from 'node:crypto'
import type { Store } from '../src/core/store.ts'
import { postgres } from '../src/stores/postgres.ts'
import { redis } from '../src/stores/redis.ts'
import { query, startOwnPostgres } from '../test/harness/postgres.ts'
import { command, startOwnRedis } from '../test/harness/redis.ts'

const ENTRIES = 20_000
const AT_ONCE = 50

async function revokeAll(store: Store): Promise<number> {
  const began = performance.now()
  let left = ENTRIES
  const writer = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await store.revoke({ kind: 'session', issuer: '', sid: randomUUID(), retention: 1025 })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, writer))
  return Math.round((ENTRIES * 1000) / (performance.now() - began))
}

async function report(name: string, store: Store, bytes: () => Promise<number>): Promise<void> {
  const before = await bytes()
  const rate = await revokeAll(store)
  const each = Math.round(((await bytes()) - before) / ENTRIES)
  console.log(`${name.padEnd(10)} ${rate} revocations a second, ${each} bytes an entry`)
  await store.close()
}

{
  await using server = await startOwnRedis()
  const url = await server.database()
  const memory = async (): Promise<number> => {
    const info = String(await command(url.replace(/\?.*/, ''), 'INFO', 'memory'))
    return Number(/used_memory:(\d+)/.exec(info)?.[1])
  }
  await report('redis', await redis(url, { commandTimeout: 10_000 }), memory)
}
{
  await using server = await startOwnPostgres()
  const url = await server.database()
  const size = async (): Promise<number> => {
    const [row] = await query(url, "select pg_total_relation_size('authx_log') as size")
    return Number(row?.size)
  }
  await report('postgres', await postgres(url, { connectTimeout: 10_000, commandTimeout: 10_000 }), size)
}
