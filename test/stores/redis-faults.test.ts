import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Revocation } from '../../src/core/blocklist.ts'
import type { Store } from '../../src/core/store.ts'
import { type RedisOptions, redis } from '../../src/stores/redis.ts'
import { ISSUER, identity, readLog } from '../../src/testing/clause.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { command, OWN_REDIS, type RedisConfig, startOwnRedis } from '../harness/redis.ts'
import type { Service } from '../harness/service.ts'
import { tcpProxy } from '../harness/tcp-proxy.ts'
import { reaches, recovery } from './postgres-steps.ts'

const LIMITS: RedisOptions = { connectTimeout: 300, commandTimeout: 300 }
/** What a rejection takes at most: the limits, and a busy machine. */
const SOON = 5000

const revocation = (sid: string): Revocation => ({ kind: 'session', issuer: ISSUER, sid, retention: 1000 })

async function rejection(call: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await expect(Promise.resolve(call())).rejects.toThrow(/^redis 127\.0\.0\.1:\d+: /)
  return performance.now() - before
}

async function withStore(
  work: (store: Store, server: Service, url: string) => Promise<void>,
  options: RedisOptions = {},
  config: RedisConfig = {},
): Promise<void> {
  await using server = await startOwnRedis(config)
  const url = await server.database()
  const store = await redis(url, options)
  try {
    await work(store, server, url)
  } finally {
    await store.close()
  }
}

const plain = (url: string): string => url.replace(/\?.*$/, '')

describe.skipIf(isSkipped(OWN_REDIS))('redis()', () => {
  test('OPS-01, REV-13, REV-14: rejects in time while the server is stopped, however many ask, and goes on when it does', () =>
    withStore(async (store, server) => {
      await store.revoke(revocation('before'))
      server.freeze()
      try {
        for (let round = 0; round < 2; round += 1) {
          const calls = Array.from({ length: 30 }, (_, index) => [
            rejection(async () => store.isRevoked(identity())),
            rejection(() => store.revoke(revocation(`during-${index}`))),
            rejection(() => store.readEpoch(ISSUER, 'ada')),
          ]).flat()
          expect(Math.max(...(await Promise.all(calls)))).toBeLessThan(SOON)
        }
      } finally {
        server.thaw()
      }
      await recovery(() => store.revoke(revocation('after')))
      for (const sid of ['before', 'after']) expect(await store.isRevoked(identity({ sid }))).toBe(true)
    }, LIMITS))

  test('OPS-01, REV-14: gives up a connection over which nothing comes any more, and goes on over another', async () => {
    await using server = await startOwnRedis()
    const url = await server.database()
    await using proxy = await tcpProxy(Number(new URL(url).port))
    const store = await redis(url.replace(/:\d+\?/, `:${proxy.port}?`), LIMITS)
    try {
      for (let round = 0; round < 2; round += 1) {
        await recovery(() => store.ping())
        proxy.swallow()
        expect(await rejection(() => store.ping())).toBeLessThan(SOON)
        await recovery(() => store.revoke(revocation(`after-${round}`)))
      }
    } finally {
      await store.close()
    }
  })

  test('REV-06, REV-11, REV-13: rejects at once when the server is killed, and keeps every acknowledged revocation through it', () =>
    withStore(async (store, server) => {
      const acknowledged: string[] = []
      for (let round = 0; round < 2; round += 1) {
        let isUp = true
        const writers = [1, 2].map(async (writer) => {
          for (let index = 0; isUp; index += 1) {
            const sid = `${round}-${writer}-${index}`
            await store.revoke(revocation(sid)).then(
              () => acknowledged.push(sid),
              () => sleep(5),
            )
          }
        })
        const enough = acknowledged.length + 20
        while (acknowledged.length < enough) await sleep(1)
        await server.kill()
        isUp = false
        await Promise.all(writers)
        expect(await rejection(async () => store.isRevoked(identity()))).toBeLessThan(SOON)
        await server.restart()
        await recovery(() => store.ping())
        const keys = new Set((await readLog(store)).map(({ key }) => key))
        expect(acknowledged.filter((sid) => !keys.has(sid))).toEqual([])
      }
    }))

  test('OPS-03, REV-02: answers nothing over a connection to a server that became a replica', () =>
    withStore(async (store, _server, url) => {
      await store.revoke(revocation('a'))
      await command(plain(url), 'REPLICAOF', '127.0.0.1', '1')
      expect(await rejection(() => store.readSince(0, 10))).toBeLessThan(SOON)
      expect(await rejection(async () => store.isRevoked(identity()))).toBeLessThan(SOON)
      expect(await rejection(() => store.revoke(revocation('b')))).toBeLessThan(SOON)
      await command(plain(url), 'REPLICAOF', 'NO', 'ONE')
      await recovery(() => store.ping())
      expect(await store.isRevoked(identity({ sid: 'a' }))).toBe(true)
    }))

  test('purges an entry that had expired before it was written', () =>
    withStore(async (store) => {
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'old', expiresAt: -5 })
      expect(await store.purge(10)).toBe(1)
    }))

  test('goes on with a server that has forgotten the script', () =>
    withStore(async (store, _server, url) => {
      await command(plain(url), 'SCRIPT', 'FLUSH')
      await store.revoke(revocation('a'))
      expect(await store.isRevoked(identity({ sid: 'a' }))).toBe(true)
    }))

  test('REV-06: fails loudly when memory is full, and has changed nothing', () =>
    withStore(async (store, _server, url) => {
      await createSession(store)
      await command(plain(url), 'CONFIG', 'SET', 'maxmemory', '1mb')
      await command(plain(url), 'SET', 'noise', 'x'.repeat(2_000_000)).catch(() => undefined)
      await expect(store.revoke(revocation('session-1'))).rejects.toThrow(/OOM/)
      await command(plain(url), 'CONFIG', 'SET', 'maxmemory', '0')
      expect(await store.isRevoked(identity())).toBe(false)
      expect((await store.readSince(0, 1)).head).toBe(0)
      expect(await rotate(store, 0)).toMatchObject({ status: 'rotated' })
    }, {}))

  test.each([
    [
      'maxmemory-policy',
      'allkeys-lru',
      'eviction',
      /maxmemory-policy is allkeys-lru.*CONFIG SET maxmemory-policy noeviction/,
    ],
    ['appendonly', 'no', 'no-persistence', /no append-only file.*CONFIG SET appendonly yes/],
  ] as const)(
    'OPS-02: refuses a server with %s %s, unless that is accepted by name',
    async (name, value, loss, message) => {
      await using server = await startOwnRedis({ [name]: value })
      const url = await server.database()
      await expect(redis(url)).rejects.toThrow(message)
      await (await redis(url, { accept: [loss] })).close()
      await (await redis(`${url}&accept=${loss}`)).close()
    },
  )

  test('OPS-03: refuses a replica, and acknowledges nothing that too few replicas have', async () => {
    await using server = await startOwnRedis()
    const url = await server.database()
    const { port } = new URL(url)
    await expect(redis(url, { replicas: 1 })).rejects.toThrow(
      'has 0 replicas, and 1 have to have every write',
    )
    await using replica = await startOwnRedis({ replicaof: `127.0.0.1 ${port}` })
    const ofReplica = await replica.database()
    await expect(redis(ofReplica)).rejects.toThrow('is a replica')
    const store = await recoveredStore(url)
    try {
      // It counts as connected before it has caught up.
      await recovery(() => store.revoke(revocation('a')))
      replica.freeze()
      await expect(store.revoke(revocation('b'))).rejects.toThrow(/0 of 1 replicas have the write/)
      replica.thaw()
      await recovery(() => store.revoke(revocation('c')))
    } finally {
      await store.close()
    }
  })

  test('REV-02: hints at what others append, also after the connection of hints was lost', () =>
    withStore(async (store, _server, url) => {
      const other = await redis(url)
      let hints = 0
      const end = store.onAppend(() => {
        hints += 1
      })
      await recovery(async () => {
        await other.revoke(revocation(`until-it-listens-${hints}`))
        await sleep(50)
        if (hints < 2) throw new Error('not yet')
      })
      await command(plain(url), 'CLIENT', 'KILL', 'TYPE', 'pubsub')
      const before = hints
      await recovery(async () => {
        if (hints === before) throw new Error('not yet')
      })
      end()
      await reaches(
        async () => String(await command(plain(url), 'CLIENT', 'LIST', 'TYPE', 'pubsub')).length,
        0,
      )
      await other.close()
    }))

  test('keeps all its keys on one node of a cluster', async () => {
    await using server = await startOwnRedis({ 'cluster-enabled': 'yes' })
    const url = await server.database()
    await command(plain(url), 'CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
    await recovery(async () => {
      const info = String(await command(plain(url), 'CLUSTER', 'INFO'))
      if (!info.includes('cluster_state:ok')) throw new Error('not yet')
    })
    const store = await redis(url)
    await createSession(store)
    await store.createAccount({ id: '1', username: 'ada', passwordHash: '', disabled: false, scopes: [] })
    await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1 })
    const keys = (await command(plain(url), 'KEYS', '*')) as string[]
    const slots = await Promise.all(keys.map((key) => command(plain(url), 'CLUSTER', 'KEYSLOT', key)))
    expect([keys.length > 8, new Set(slots).size]).toEqual([true, 1])
    await store.close()
  })

  test.each([
    ['no URL', 'localhost:6379', {}, 'redis: must be a URL such as'],
    ['another scheme', 'http://localhost', {}, 'redis: must be a URL such as'],
    [
      'an unknown option',
      'redis://localhost',
      { timeout: 5 },
      'redis.timeout: no such option; there are prefix, ',
    ],
    [
      'an unknown option in the URL',
      'redis://localhost?perfix=a',
      {},
      'redis: the URL has an option that there is not; there are prefix, connectTimeout, ',
    ],
    [
      'a time that is none',
      'redis://localhost?commandTimeout=soon',
      {},
      'redis.commandTimeout: must be a whole number of milliseconds, from 1',
    ],
    [
      'a loss that is none',
      'redis://localhost?accept=everything',
      {},
      'redis.accept: must be a list of eviction',
    ],
    ['an empty prefix', 'redis://localhost', { prefix: '' }, 'redis.prefix: must be'],
    ['nobody there', 'redis://:hunter2@127.0.0.1:1', {}, /^redis 127\.0\.0\.1:1: .*is the server there/],
  ])('refuses %s, and says no password', async (_what, url, options, message) => {
    const error = await redis(url, options as RedisOptions).then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    expect(error?.name).toBe('ConfigurationError')
    expect(error?.message).toMatch(message)
    expect(String(error?.message)).not.toContain('hunter2')
  })
})

async function recoveredStore(url: string): Promise<Store> {
  let store: Store | undefined
  await recovery(async () => {
    store = await redis(url, { replicas: 1, commandTimeout: 1000 })
  })
  return store as Store
}
