import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Replica } from '../../src/core/replica/replica.ts'
import { postgresAttempts } from '../../src/stores/postgres/attempts.ts'
import { type PostgresOptions, postgres } from '../../src/stores/postgres.ts'
import { identity, readLog } from '../../src/testing/clause.ts'
import { isSkipped } from '../harness/debian.ts'
import { PGBOUNCER, type Pooler, startPgbouncer } from '../harness/pgbouncer.ts'
import { emptyTables, OWN_POSTGRES, query, startOwnPostgres } from '../harness/postgres.ts'
import type { Service } from '../harness/service.ts'
import { BEGINNING, keepsTheContract } from './contract.ts'
import { LIMITS, PATIENT, recovery, revocation } from './postgres-steps.ts'

const OUR_LIMITS = 'statement_timeout, lock_timeout, idle_in_transaction_session_timeout'

describe.skipIf(isSkipped(OWN_POSTGRES) || isSkipped(PGBOUNCER))('postgres() behind PgBouncer', () => {
  let server: Service
  let pooler: Pooler
  let direct: string
  let url: string
  beforeAll(async () => {
    server = await startOwnPostgres({ fsync: false })
    direct = await server.database()
    pooler = await startPgbouncer(direct)
    url = `${pooler.through(direct)}?pgbouncer=true`
  })
  afterAll(async () => {
    await pooler?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })
  const open = (options: PostgresOptions = {}) => postgres(url, { ...PATIENT, ...options })

  describe('that lends connections for a transaction', () => {
    beforeEach(async () => {
      await (await open()).close()
      await emptyTables(direct)
    })

    keepsTheContract(
      async () => {
        await emptyTables(direct)
        return { open: (clock) => open({ clockShift: () => clock() - BEGINNING }) }
      },
      { drift: 5000 },
    )

    test('REV-18: opens for several at once, whose writers and readers share its few connections', async () => {
      const stores = await Promise.all([1, 2, 3].map(() => open()))
      const sids = Array.from({ length: 150 }, (_, index) => `session-${index}`)
      const calls = sids.flatMap((sid, index) => [
        stores[index % 3]?.revoke(revocation(sid)),
        stores[index % 3]?.readSince(0, 10),
      ])
      const refused = (await Promise.allSettled(calls)).filter(({ status }) => status === 'rejected')
      expect(refused).toEqual([])
      expect(await readLog(stores[0] as (typeof stores)[0])).toHaveLength(150)
      await Promise.all(stores.map((store) => store.close()))
    })

    test('REV-06, REV-11: each transaction waits for the disk and has limits, and leaves a session as it was', async () => {
      const name = new URL(direct).pathname.slice(1)
      await query(direct, `alter database ${name} set synchronous_commit = off`)
      await query(
        direct,
        `create table seen (setting text);
         create function see() returns trigger language plpgsql as $$ begin
           insert into seen select current_setting(one) from unnest(array['synchronous_commit', 'lock_timeout',
             'statement_timeout', 'idle_in_transaction_session_timeout']) as one; return null; end $$;
         create trigger seeing after update on authx_log_head for each row execute function see()`,
      )
      // Connections from before do not know of it.
      await query(
        direct,
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
      )
      const store = await open(LIMITS)
      await recovery(() => store.revoke(revocation('mine')))
      expect((await query(direct, 'select setting from seen')).map(({ setting }) => setting)).toEqual([
        'on',
        '240ms',
        '270ms',
        '300ms',
      ])
      expect(await query(url, "select current_setting('synchronous_commit') as commit")).toEqual([
        { commit: 'off' },
      ])
      expect(await query(url, "select current_setting('lock_timeout') as limit")).toEqual([{ limit: '0' }])
      await store.close()
      await query(direct, 'drop trigger seeing on authx_log_head')
    })

    test('REV-12: a logout is in force elsewhere within the bound, although nobody hears of it', async () => {
      const [here, there] = await Promise.all([open(), open()])
      const replica = new Replica(there, {
        maxStaleness: 500,
        callbackTimeout: 2000,
        logger: console,
        clock: Date.now,
        monotonic: () => performance.now(),
        random: randomBytes,
      })
      try {
        await replica.ready()
        expect(await replica.isRevoked(identity({ sid: 'mine' }))).toBe(false)
        await here.revoke(revocation('mine'))
        await sleep(500)
        expect(await replica.isRevoked(identity({ sid: 'mine' }))).toBe(true)
      } finally {
        replica.stop()
        await Promise.all([here.close(), there.close()])
      }
    })

    test('LOG-01: counts tries', async () => {
      const attempts = postgresAttempts(url, PATIENT)
      const counter = attempts.counter({ name: 'test', tries: 2, window: 60 })
      const waits = await Promise.all([1, 2, 3].map(async () => (await counter.spend('ada')).wait > 0))
      expect(waits.filter(Boolean)).toHaveLength(1)
      await attempts.close()
    })
  })

  test('is refused without a word of it in the URL, whether it refuses our limits or swallows them', async () => {
    await expect(postgres(pooler.through(direct), PATIENT)).rejects.toThrow(
      /unsupported startup parameter: .*; there is a pooler in between: add pgbouncer=true to the URL, or name the server itself$/,
    )
    await using swallowing = await startPgbouncer(direct, OUR_LIMITS)
    await expect(postgres(swallowing.through(direct), PATIENT)).rejects.toThrow(
      /its time limits do not reach the server, so there is a pooler in between; add pgbouncer=true to the URL/,
    )
    await expect(postgres(`${direct}?pgbouncer=yes`)).rejects.toThrow(
      /pgbouncer must be true or false in the URL/,
    )
  })

  // The last one: the server is not what it was.
  test('OPS-03: notices a standby over a connection that was there before', async () => {
    const store = await open({ connections: 1 })
    await store.ping()
    await server.kill()
    writeFileSync(join(server.data, 'standby.signal'), '')
    await server.restart()
    await recovery(async () => {
      const error = String(await store.readSince(0, 1).catch((one: unknown) => one))
      if (!error.includes('is a standby, which does not know yet')) throw new Error(error)
    })
    await store.close()
  })
})
