import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { ISSUER, identity, readLog } from '../../src/testing/clause.ts'
import { createSession } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query, startOwnPostgres } from '../harness/postgres.ts'
import type { Service } from '../harness/service.ts'
import { tcpProxy } from '../harness/tcp-proxy.ts'
import { Neighbour } from './processes.ts'

const revocation = (sid: string) => ({ kind: 'session', issuer: ISSUER, sid, retention: 1000 }) as const

/** Short, so that the tests are. */
const LIMITS = { connectTimeout: 300, commandTimeout: 300 }
/** What a rejection takes at most: the limits, and a busy machine. */
const SOON = 1500

/** Milliseconds that a call took to reject. */
async function rejection(call: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await expect(Promise.resolve(call())).rejects.toThrow(/^postgres 127\.0\.0\.1:\d+\/\w+: /)
  return performance.now() - before
}

/** Milliseconds until a call succeeds, tried over and over. */
async function recovery(call: () => Promise<unknown>, limit = 5000): Promise<number> {
  const before = performance.now()
  for (;;) {
    try {
      await call()
      return performance.now() - before
    } catch (error) {
      expect(performance.now() - before, String(error)).toBeLessThan(limit)
      await sleep(20)
    }
  }
}

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres()', () => {
  let server: Service
  let url: string
  beforeAll(async () => {
    server = await startOwnPostgres()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    url = await server.database()
  })

  async function withStore(work: (store: Store) => Promise<void>, options: object = LIMITS): Promise<void> {
    const store = await postgres(url, options)
    try {
      await work(store)
    } finally {
      await store.close()
    }
  }

  test('OPS-01, REV-13, REV-14: rejects in time while the server is stopped, however many ask, and goes on when it does', () =>
    withStore(async (store) => {
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
      expect(await recovery(() => store.revoke(revocation('after')))).toBeLessThan(SOON)
      for (const sid of ['before', 'after']) expect(await store.isRevoked(identity({ sid }))).toBe(true)
    }))

  test('OPS-01, REV-14: gives up connections over which nothing comes any more, and goes on over others', async () => {
    await using proxy = await tcpProxy(Number(new URL(url).port))
    const store = await postgres(url.replace(/:\d+\//, `:${proxy.port}/`), { ...LIMITS, connections: 2 })
    try {
      await Promise.all([store.ping(), store.revoke(revocation('before'))])
      for (let round = 0; round < 2; round += 1) {
        proxy.swallow()
        expect(await rejection(async () => store.isRevoked(identity()))).toBeLessThan(SOON)
        await recovery(() => store.ping())
        await recovery(() => store.revoke(revocation(`after-${round}`)))
      }
    } finally {
      await store.close()
    }
  })

  test('REV-18: lets writers take turns where the database would have them fail instead', async () => {
    const name = new URL(url).pathname.slice(1)
    await query(url, `alter database ${name} set default_transaction_isolation = 'repeatable read'`)
    await withStore(async (store) => {
      const stores = [store, await postgres(url), await postgres(url)]
      try {
        const raises = stores.flatMap((one) =>
          Array.from({ length: 15 }, () =>
            one.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 }),
          ),
        )
        const outcomes = await Promise.allSettled(raises)
        expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
        expect((await store.readEpoch(ISSUER, 'ada')).epoch).toBe(45)
      } finally {
        await Promise.all(stores.slice(1).map((one) => one.close()))
      }
    }, {})
  })

  test('REV-06, REV-14: leaves no transaction open on a connection that did not answer in time', () =>
    withStore(async (store) => {
      for (let round = 0; round < 3; round += 1) {
        const writes = [1, 2, 3].map((index) => store.revoke(revocation(`${round}-${index}`)))
        await sleep(round * 3)
        server.freeze()
        await Promise.allSettled(writes)
        server.thaw()
        await recovery(() => store.revoke(revocation(`after-${round}`)))
      }
      const left = await query(
        url,
        "select state from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
      )
      expect(left).toEqual([])
      const keys = (await readLog(store)).map(({ key }) => key)
      expect(keys.filter((key) => key.startsWith('after'))).toHaveLength(3)
      expect((await store.readSince(0, 1)).head).toBe(keys.length)
    }))

  test('REV-06, REV-11, REV-13: rejects at once when the server is killed, and keeps every acknowledged revocation through it', () =>
    withStore(async (store) => {
      const acknowledged: string[] = []
      for (let round = 0; round < 2; round += 1) {
        let isUp = true
        const writers = [1, 2].map(async (writer) => {
          for (let index = 0; isUp; index += 1) {
            const sid = `${round}-${writer}-${index}`
            await store.revoke(revocation(sid)).then(
              () => acknowledged.push(sid),
              () => undefined,
            )
          }
        })
        await sleep(100)
        await server.kill()
        isUp = false
        await Promise.all(writers)
        expect(await rejection(async () => store.isRevoked(identity()))).toBeLessThan(LIMITS.connectTimeout)
        expect(await rejection(() => store.revoke(revocation('down')))).toBeLessThan(LIMITS.connectTimeout)
        await server.restart()
        await recovery(() => store.ping())
        const keys = new Set((await readLog(store)).map(({ key }) => key))
        expect(acknowledged.filter((sid) => !keys.has(sid))).toEqual([])
      }
      expect(acknowledged.length).toBeGreaterThan(20)
    }))

  test('REV-06, REV-11: waits for the disk where the database is set to acknowledge without it', async () => {
    await query(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`)
    await withStore(async (store) => {
      const sids = Array.from({ length: 20 }, (_, index) => `session-${index}`)
      for (const sid of sids) await store.revoke(revocation(sid))
      await server.kill()
      await server.restart()
      await recovery(() => store.ping())
      expect((await readLog(store)).map(({ key }) => key)).toEqual(sids)
    })
  })

  test("REV-13: survives the end of every connection, the pool's and the listener's, and tells listeners what they may have missed", () =>
    withStore(async (store) => {
      const other = await postgres(url)
      let heard = 0
      const end = store.onAppend(() => {
        heard += 1
      })
      try {
        await expect.poll(() => heard, { timeout: 5000 }).toBe(1)
        await other.revoke(revocation('heard'))
        await expect.poll(() => heard, { timeout: 5000 }).toBe(2)
        await query(
          url,
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
        )
        await recovery(() => store.ping())
        await expect.poll(() => heard, { timeout: 5000 }).toBe(3)
        await recovery(() => other.revoke(revocation('heard too')))
        await expect.poll(() => heard, { timeout: 5000 }).toBe(4)
      } finally {
        end()
        await other.close()
      }
    }))

  test('listens over one connection while somebody does, and hears of new lines only', () =>
    withStore(async (store) => {
      const listeners = () =>
        query(
          url,
          "select 1 from pg_stat_activity where datname = current_database() and query like 'listen%'",
        )
      expect(await listeners()).toHaveLength(0)
      let heard = 0
      const ends = [1, 2, 3].map(() =>
        store.onAppend(() => {
          heard += 1
        }),
      )
      await expect.poll(() => heard, { timeout: 5000 }).toBe(3)
      expect(await listeners()).toHaveLength(1)
      await createSession(store)
      const token = { kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt: 9e9 } as const
      await store.revoke(token)
      await store.revoke(token)
      await store.readSince(0, 1)
      await expect.poll(() => heard, { timeout: 5000 }).toBe(6)
      await sleep(50)
      expect(heard).toBe(6)
      for (const end of ends) end()
      await expect.poll(async () => (await listeners()).length, { timeout: 5000 }).toBe(0)
    }))

  test('REV-02: shows a follower both of two transactions that were open at once, in the order of their commits', () =>
    withStore(async (store) => {
      const { Client } = await import('pg')
      const first = new Client({ connectionString: url })
      await first.connect()
      try {
        await first.query('begin')
        await first.query('update authx_log_head set position = position + 1')
        await first.query(
          `insert into authx_log (position, kind, issuer, key, epoch, expires_at) select position, 'session', '${ISSUER}', 'first', 0, 9e15 from authx_log_head`,
        )
        const second = store.revoke(revocation('second'))
        await sleep(100)
        expect(await store.readSince(0, 10)).toMatchObject({ entries: [], head: 0 })
        const { rows } = await first.query(
          'select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as released',
        )
        await first.query('commit')
        await second
        const { entries, head } = await store.readSince(0, 10)
        expect(entries.map(({ key }) => key)).toEqual(['first', 'second'])
        expect(head).toBe(2)
        // Its time is from after the wait: a retention that began before it would end too soon.
        expect((entries[1]?.expiresAt ?? 0) - 1_000_000).toBeGreaterThanOrEqual(rows[0].released)
      } finally {
        await first.end()
      }
    }))

  test('REV-06: lets others write again when a process that writes was stopped for good', () =>
    withStore(async (store) => {
      const neighbour = new Neighbour('revoke', url)
      try {
        await neighbour.line()
        // It is in the middle of a transaction nearly always.
        neighbour.freeze()
        await recovery(() => store.revoke(revocation('mine')))
      } finally {
        await neighbour.kill()
      }
    }))

  test('REV-06, REV-11: every revocation that was acknowledged is in force after writing processes are killed', async () => {
    await withStore(async (store) => {
      const acknowledged: string[] = []
      const children = Array.from({ length: 3 }, () => new Neighbour('revoke', url))
      for (const child of children) {
        for (let acks = 0; acks < 10; acks += 1) acknowledged.push(await child.line())
        await child.kill()
        acknowledged.push(...(await child.rest()))
      }
      await recovery(() => store.ping())
      const keys = new Set((await readLog(store)).map(({ key }) => key))
      expect(acknowledged.filter((sid) => !keys.has(sid))).toEqual([])
    })
  })
})
