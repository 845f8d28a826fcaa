import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { postgres } from '../../src/stores/postgres.ts'
import { ISSUER } from '../../src/testing/clause.ts'
import { createSession } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query } from '../harness/postgres.ts'
import { reaches, recovery, revocation, usesOwnPostgres } from './postgres-steps.ts'

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres() with listeners', () => {
  const own = usesOwnPostgres({ fsync: false })

  test("REV-13: survives the end of every connection, the pool's and the listener's, and tells listeners what they may have missed", () =>
    own.withStore(async (store) => {
      const other = await postgres(own.url)
      let heard = 0
      const end = store.onAppend(() => {
        heard += 1
      })
      try {
        await reaches(() => heard, 1)
        await other.revoke(revocation('heard'))
        await reaches(() => heard, 2)
        await query(
          own.url,
          'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
        )
        await recovery(() => store.ping())
        await reaches(() => heard, 3)
        await recovery(() => other.revoke(revocation('heard too')))
        await reaches(() => heard, 4)
      } finally {
        end()
        await other.close()
      }
    }))

  test('listens over one connection while somebody does, and hears of new lines only', () =>
    own.withStore(async (store) => {
      const listeners = () =>
        query(
          own.url,
          "select 1 from pg_stat_activity where datname = current_database() and query like 'listen%'",
        )
      expect(await listeners()).toHaveLength(0)
      let heard = 0
      const ends = [1, 2, 3].map(() =>
        store.onAppend(() => {
          heard += 1
        }),
      )
      await reaches(() => heard, 3)
      expect(await listeners()).toHaveLength(1)
      await createSession(store)
      const token = { kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt: 9e9 } as const
      await store.revoke(token)
      await store.revoke(token)
      await store.readSince(0, 1)
      await reaches(() => heard, 6)
      await sleep(50)
      expect(heard).toBe(6)
      for (const end of ends) end()
      await reaches(async () => (await listeners()).length, 0)
    }))
})
