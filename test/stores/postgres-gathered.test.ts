import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { careful, createPool } from '../../src/stores/postgres/pool.ts'
import { readSettings } from '../../src/stores/postgres/settings.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { identity, readLog } from '../../src/testing/clause.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query } from '../harness/postgres.ts'
import { tcpProxy } from '../harness/tcp-proxy.ts'
import { LIMITS, PATIENT, recovery, revocation, usesOwnPostgres } from './postgres-steps.ts'
import { Neighbour } from './processes.ts'

const names = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
const revokeEach = (store: Store, sids: readonly string[]) =>
  Promise.allSettled(sids.map((sid) => store.revoke(revocation(sid))))
const refused = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
const keysOf = async (store: Store) => (await readLog(store)).map(({ key }) => key)

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres() with writes that share a transaction', () => {
  const own = usesOwnPostgres()

  /** Transactions that wrote a line, by the row version that each left. */
  const transactions = async () => {
    const [row] = await query(own.url, 'select count(distinct xmin::text) as count from authx_log')
    return Number(row?.count)
  }

  /** Makes the database refuse a line of this key. */
  const refuse = (key: string) =>
    query(own.url, `alter table authx_log add constraint refusing check (key <> '${key}')`)

  test('REV-11: waits for the disk once for many, in the order in which they came', () =>
    own.withStore(async (store) => {
      const sids = names('session', 60)
      expect(refused(await revokeEach(store, sids))).toEqual([])
      expect(await keysOf(store)).toEqual(sids)
      expect(await transactions()).toBeLessThan(10)
    }))

  test('REV-13: one that fails takes no other with it, and leaves no trace', () =>
    own.withStore(async (store) => {
      await refuse('bad')
      const good = [...names('before', 5), ...names('after', 5)]
      const outcomes = await revokeEach(store, good.toSpliced(5, 0, 'bad'))
      expect(outcomes.map(({ status }) => status).indexOf('rejected')).toBe(5)
      expect(refused(outcomes)).toEqual([expect.stringMatching(/violates check constraint "refusing"/)])
      expect(await keysOf(store)).toEqual(good)
      // As though it had never come: no position is lost, and nothing of it is in force.
      expect((await store.readSince(0, 1)).head).toBe(good.length)
      expect(await store.isRevoked(identity({ sid: 'bad' }))).toBe(false)
    }))

  test('REV-06, REV-13: a commit that the server refuses is a failure of all that shared it, and nothing is tried again', () =>
    own.withStore(async (store) => {
      await query(
        own.url,
        `create sequence commits;
         create function refuse() returns trigger language plpgsql as $$
           begin perform nextval('commits'); raise 'refused at the commit'; end $$;
         create constraint trigger refusing after update on authx_log_head
           deferrable initially deferred for each row execute function refuse()`,
      )
      const outcomes = await revokeEach(store, names('session', 20))
      expect(refused(outcomes)).toHaveLength(20)
      expect(await keysOf(store)).toEqual([])
      // A sequence counts what was undone too.
      const [{ last_value: commits }] = (await query(own.url, 'select last_value from commits')) as [
        { last_value: string },
      ]
      expect(Number(commits)).toBe(1)
    }))

  test('REV-06, REV-11: a connection that is cut at the commit fails all, and what is acknowledged is in force', async () => {
    await using proxy = await tcpProxy(Number(new URL(own.url).port))
    const store = await postgres(own.url.replace(/:\d+\//, `:${proxy.port}/`), PATIENT)
    try {
      await query(
        own.url,
        `create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.5); return null; end $$;
         create constraint trigger lingering after update on authx_log_head
           deferrable initially deferred for each row execute function linger()`,
      )
      const writes = revokeEach(store, names('session', 20))
      await untilCommitting(own.url)
      proxy.cut()
      const outcomes = await writes
      const acknowledged = names('session', 20).filter((_, index) => outcomes[index]?.status === 'fulfilled')
      // The first may have been on its way alone.
      expect(refused(outcomes).length).toBeGreaterThanOrEqual(19)
      await query(own.url, 'drop trigger lingering on authx_log_head')
      await recovery(() => store.revoke(revocation('after')))
      expect(await keysOf(store)).toEqual(expect.arrayContaining([...acknowledged, 'after']))
    } finally {
      await store.close()
    }
  })

  test('REV-06, REV-11: everything that was acknowledged to a crowd is there after the server is killed', () =>
    own.withStore(async (store) => {
      const acknowledged: string[] = []
      let isUp = true
      const writers = names('writer', 30).map(async (name) => {
        for (let index = 0; isUp; index += 1) {
          const sid = `${name}-${index}`
          await store.revoke(revocation(sid)).then(
            () => acknowledged.push(sid),
            () => undefined,
          )
        }
      })
      while (acknowledged.length < 200) await new Promise((done) => setTimeout(done, 1))
      await own.server.kill()
      isUp = false
      await Promise.all(writers)
      await own.server.restart()
      await recovery(() => store.ping())
      const keys = new Set(await keysOf(store))
      expect(acknowledged.filter((sid) => !keys.has(sid))).toEqual([])
    }))

  test('OPS-01, REV-14: all who wait have their answer in time when the server stops, those behind a full transaction too', () =>
    own.withStore(async (store) => {
      await store.ping()
      own.server.freeze()
      try {
        const before = performance.now()
        const outcomes = await revokeEach(store, names('during', 150))
        expect(refused(outcomes)).toHaveLength(150)
        // The limits are 600 ms together; a busy machine takes its own.
        expect(performance.now() - before).toBeLessThan(3000)
      } finally {
        own.server.thaw()
      }
      await recovery(() => store.revoke(revocation('after')))
    }, LIMITS))

  test('REV-18: a hundred at once from three processes are all written, by the limits that hold without options', async () => {
    await own.withStore(async () => undefined)
    const crowds = [1, 2, 3].map(() => new Neighbour('crowd', own.url))
    try {
      for (const crowd of crowds) expect(await crowd.line()).toBe('ready')
      for (const crowd of crowds) crowd.send('34')
      expect(await Promise.all(crowds.map((crowd) => crowd.line()))).toEqual(['[]', '[]', '[]'])
      expect(await query(own.url, 'select position from authx_log_head')).toEqual([{ position: '102' }])
    } finally {
      await Promise.all(crowds.map((crowd) => crowd.kill()))
    }
  })

  test('REV-06: a commit that the server turned into a rollback is no success', async () => {
    const settings = readSettings(own.url, PATIENT)
    const pool = createPool(settings, 1)
    const client = await careful(pool, settings).connect()
    try {
      const run = (text: string) => client.query(text, [])
      await run('begin')
      await expect(run('select 1 / 0')).rejects.toThrow('division by zero')
      await expect(run('commit')).rejects.toThrow('the server undid the transaction')
    } finally {
      client.release()
      await pool.end()
    }
  })
})

/** Waits until a transaction is at its commit. */
async function untilCommitting(url: string): Promise<void> {
  const text =
    "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query = 'commit'"
  const deadline = performance.now() + 10_000
  while ((await query(url, text)).length === 0 && performance.now() < deadline);
}
