import { describe, expect, test } from 'vitest'
import { ISSUER, identity } from '../../src/testing/clause.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query } from '../harness/postgres.ts'
import { reaches, usesOwnPostgres } from './postgres-steps.ts'

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres() with plans that connections keep', () => {
  const own = usesOwnPostgres({ fsync: false })

  test('goes on over connections from before a newer version added columns', () =>
    own.withStore(async (store) => {
      const ask = async (round: number) => {
        await store.revoke({ kind: 'token', issuer: ISSUER, jti: `token-${round}`, expiresAt: 9e9 })
        expect(await store.isRevoked(identity({ jti: `token-${round}` }))).toBe(true)
        expect((await rotate(store, round)).status).toBe('rotated')
        expect(await store.listSessions(ISSUER, 'ada')).toHaveLength(1)
        expect(await store.findById('nobody')).toBeUndefined()
        expect((await store.readSince(0, 100)).head).toBe(round + 1)
        expect(await store.endSession({ issuer: ISSUER, sub: 'ada', sid: 'none', retention: 1 })).toBe(false)
      }
      await createSession(store)
      for (let round = 0; round < 7; round += 1) await ask(round)
      for (const table of ['log', 'log_head', 'epochs', 'sessions', 'accounts']) {
        await query(own.url, `alter table authx_${table} add column later text`)
      }
      for (let round = 7; round < 14; round += 1) await ask(round)
    }))

  test('REV-12: reads a page of a long log without a look at the rest', async () => {
    await own.withStore(async () => undefined)
    await query(
      own.url,
      `insert into authx_log select i, 'session', '${ISSUER}', 'key-' || i, 0, 9e15 from generate_series(1, 20000) i;
       update authx_log_head set position = 20000`,
    )
    await query(own.url, 'vacuum analyze authx_log')
    const rowsRead = async () => {
      const [row] = await query(
        own.url,
        "select seq_tup_read + idx_tup_fetch as count from pg_stat_user_tables where relname = 'authx_log'",
      )
      return Number(row?.count)
    }
    const before = await rowsRead()
    // A session tells what it read at its end.
    await own.withStore(async (store) => {
      for (const position of [0, 5000]) {
        const { entries, head } = await store.readSince(position, 10)
        expect([entries.length, entries[0]?.position, head]).toEqual([10, position + 1, 20_000])
      }
    })
    await reaches(async () => Number((await rowsRead()) > before), 1)
    expect((await rowsRead()) - before).toBeLessThan(100)
  })
})
