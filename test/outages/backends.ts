import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import BetterSqlite3 from 'better-sqlite3'
import { openStore } from '../../src/server/database.ts'
import { query, startOwnPostgres } from '../harness/postgres.ts'
import { command, startOwnRedis } from '../harness/redis.ts'
import type { Service } from '../harness/service.ts'
import { tcpProxy } from '../harness/tcp-proxy.ts'

/** Something that goes wrong with a store for a while. */
export interface StoreFault {
  readonly name: string
  /** Resolves when it is over. */
  happen(): Promise<void>
}

/** A store that several processes share, and what can happen to it. */
export interface Backend extends AsyncDisposable {
  /** Where each of three processes finds it. */
  readonly urls: readonly string[]
  /** Milliseconds: the bound that is promised. */
  readonly maxStaleness: number
  /** Whether it has a clock of its own, so that those of the processes may differ. */
  readonly keepsTime: boolean
  readonly faults: readonly StoreFault[]
  /** How many clients write at the same time: more than it can take turns with only wait until they are refused. */
  readonly writers: number
}

export const STORES = ['sqlite', 'postgres', 'redis'] as const
export type StoreName = (typeof STORES)[number]

export const BACKENDS: Readonly<Record<StoreName, () => Promise<Backend>>> = {
  sqlite: openSqlite,
  postgres: async () => {
    const service = await startOwnPostgres()
    const url = await service.database()
    return networked(service, url, 10, () =>
      query(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and pid <> pg_backend_pid()",
      ),
    )
  },
  redis: async () => {
    const service = await startOwnRedis()
    const url = await service.database()
    return networked(service, url, 30, () =>
      command(url.replace(/\?.*/, ''), 'CLIENT', 'KILL', 'TYPE', 'pubsub'),
    )
  },
}

async function openSqlite(): Promise<Backend> {
  const folder = mkdtempSync(join(tmpdir(), 'authx-outages-'))
  const path = join(folder, 'store.db')
  const url = `sqlite:${path}`
  await (await openStore(url)).close()
  return {
    urls: [url, url, url],
    // Each question reads the file.
    maxStaleness: 0,
    keepsTime: false,
    writers: 10,
    faults: [
      {
        name: 'a neighbour holds the lock',
        async happen() {
          const connection = new BetterSqlite3(path)
          connection.exec('begin immediate')
          await sleep(between(200, 1500))
          connection.close()
        },
      },
    ],
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The third process reaches the server through a proxy of its own. */
async function networked(
  service: Service,
  url: string,
  writers: number,
  endHints: () => Promise<unknown>,
): Promise<Backend> {
  const { port } = new URL(url)
  const proxy = await tcpProxy(Number(port))
  const through = new URL(url)
  through.port = String(proxy.port)
  await (await openStore(url)).close()
  return {
    urls: [url, url, through.href],
    maxStaleness: 500,
    keepsTime: true,
    writers,
    faults: [
      {
        name: 'the store is stopped',
        async happen() {
          service.freeze()
          await sleep(between(200, 3000))
          service.thaw()
        },
      },
      {
        name: 'the store is killed',
        async happen() {
          await service.kill()
          await sleep(between(0, 500))
          await service.restart()
        },
      },
      {
        name: 'a network swallows what it is given',
        async happen() {
          proxy.swallow()
          await sleep(between(300, 3000))
          proxy.release()
        },
      },
      {
        name: 'a network hangs up',
        async happen() {
          proxy.cut()
        },
      },
      {
        name: 'hints are lost',
        async happen() {
          await endHints().catch(() => undefined)
        },
      },
    ],
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await service[Symbol.asyncDispose]()
    },
  }
}

export function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}
