import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { postgres } from '../../src/stores/postgres.ts'
import { ISSUER, identity, readLog } from '../../src/testing/clause.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query } from '../harness/postgres.ts'
import { tcpProxy } from '../harness/tcp-proxy.ts'
import { LIMITS, recovery, revocation, usesOwnPostgres } from './postgres-steps.ts'

/** What a rejection takes at most: the limits, and a busy machine; far less than {@link PATIENT}. */
const SOON = 5000

/** Milliseconds that a call took to reject. */
async function rejection(call: () => Promise<unknown>): Promise<number> {
  const before = performance.now()
  await expect(Promise.resolve(call())).rejects.toThrow(/^postgres 127\.0\.0\.1:\d+\/\w+: /)
  return performance.now() - before
}

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres()', () => {
  const own = usesOwnPostgres()

  test('OPS-01, REV-13, REV-14: rejects in time while the server is stopped, however many ask, and goes on when it does', () =>
    own.withStore(async (store) => {
      await store.revoke(revocation('before'))
      own.server.freeze()
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
        own.server.thaw()
      }
      await recovery(() => store.revoke(revocation('after')))
      for (const sid of ['before', 'after']) expect(await store.isRevoked(identity({ sid }))).toBe(true)
    }, LIMITS))

  test('OPS-01, REV-14: gives up connections over which nothing comes any more, and goes on over others', async () => {
    await using proxy = await tcpProxy(Number(new URL(own.url).port))
    const store = await postgres(own.url.replace(/:\d+\//, `:${proxy.port}/`), { ...LIMITS, connections: 2 })
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

  test('REV-06, REV-14: leaves no transaction open on a connection that did not answer in time', () =>
    own.withStore(async (store) => {
      for (let round = 0; round < 3; round += 1) {
        const writes = [1, 2, 3].map((index) => store.revoke(revocation(`${round}-${index}`)))
        await sleep(round * 3)
        own.server.freeze()
        await Promise.allSettled(writes)
        own.server.thaw()
        await recovery(() => store.revoke(revocation(`after-${round}`)))
      }
      const left = await query(
        own.url,
        "select state from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
      )
      expect(left).toEqual([])
      const keys = (await readLog(store)).map(({ key }) => key)
      expect(keys.filter((key) => key.startsWith('after'))).toHaveLength(3)
      expect((await store.readSince(0, 1)).head).toBe(keys.length)
    }, LIMITS))

  test('REV-06, REV-11, REV-13: rejects at once when the server is killed, and keeps every acknowledged revocation through it', () =>
    own.withStore(async (store) => {
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
        const enough = acknowledged.length + 10
        while (acknowledged.length < enough) await sleep(1)
        await own.server.kill()
        isUp = false
        await Promise.all(writers)
        expect(await rejection(async () => store.isRevoked(identity()))).toBeLessThan(SOON)
        expect(await rejection(() => store.revoke(revocation('down')))).toBeLessThan(SOON)
        await own.server.restart()
        await recovery(() => store.ping())
        const keys = new Set((await readLog(store)).map(({ key }) => key))
        expect(acknowledged.filter((sid) => !keys.has(sid))).toEqual([])
      }
    }))

  test('OPS-03: acknowledges nothing that no standby has where one has to', () =>
    own.withStore(async (store) => {
      const name = async (standbys: string) => {
        await query(own.url, `alter system set synchronous_standby_names = '${standbys}'`)
        await query(own.url, 'select pg_reload_conf()')
      }
      await store.revoke(revocation('before'))
      await name('nobody')
      // Each session looks at its settings before its next statement.
      await sleep(200)
      try {
        expect(await rejection(() => store.revoke(revocation('alone')))).toBeLessThan(SOON)
      } finally {
        await name('')
      }
      await recovery(() => store.revoke(revocation('after')))
    }, LIMITS))

  test('REV-06, REV-11: waits for the disk where the database is set to acknowledge without it', async () => {
    await query(own.url, `alter database ${new URL(own.url).pathname.slice(1)} set synchronous_commit = off`)
    await own.withStore(async (store) => {
      const sids = Array.from({ length: 20 }, (_, index) => `session-${index}`)
      for (const sid of sids) await store.revoke(revocation(sid))
      await own.server.kill()
      await own.server.restart()
      await recovery(() => store.ping())
      expect((await readLog(store)).map(({ key }) => key)).toEqual(sids)
    })
  })
})
