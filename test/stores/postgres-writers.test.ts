import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { postgres } from '../../src/stores/postgres.ts'
import { ISSUER, readLog } from '../../src/testing/clause.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query } from '../harness/postgres.ts'
import { LIMITS, PATIENT, recovery, revocation, usesOwnPostgres } from './postgres-steps.ts'
import { Neighbour } from './processes.ts'

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres() with several writers', () => {
  const own = usesOwnPostgres({ fsync: false })

  test('REV-18: lets writers take turns where the database would have them fail instead', async () => {
    const name = new URL(own.url).pathname.slice(1)
    await query(own.url, `alter database ${name} set default_transaction_isolation = 'repeatable read'`)
    await own.withStore(async (store) => {
      const stores = [store, await postgres(own.url, PATIENT), await postgres(own.url, PATIENT)]
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
    })
  })

  test('REV-02: shows a follower both of two transactions that were open at once, in the order of their commits', () =>
    own.withStore(async (store) => {
      const first = new Client({ connectionString: own.url })
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
        await expect(second).resolves.toBeUndefined()
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
    own.withStore(async (store) => {
      const neighbour = new Neighbour('revoke', own.url)
      try {
        await neighbour.line()
        const open = () =>
          query(
            own.url,
            // With an id of its own it has locked something.
            "select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and backend_xid is not null",
          )
        do {
          neighbour.thaw()
          await sleep(5)
          neighbour.freeze()
          // What it asked for before it was stopped has had its answer by then.
          await sleep(50)
        } while ((await open()).length === 0)
        await recovery(() => store.revoke(revocation('mine')))
      } finally {
        await neighbour.kill()
      }
    }, LIMITS))

  test('REV-06, REV-11: every revocation that was acknowledged is in force after writing processes are killed', async () => {
    await own.withStore(async (store) => {
      const acknowledged: string[] = []
      const children = Array.from({ length: 3 }, () => new Neighbour('revoke', own.url))
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
