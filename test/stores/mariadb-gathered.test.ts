import { MysqlDialect } from 'kysely'
import { createPool } from 'mysql2'
import { describe, expect, test } from 'vitest'
import { mariadb, sql } from '../../src/stores/sql.ts'
import { ISSUER, readLog } from '../../src/testing/clause.ts'
import { isSkipped } from '../harness/debian.ts'
import { MARIADB, query, startMariadb } from '../harness/mariadb.ts'

describe.skipIf(isSkipped(MARIADB))('sql() over MariaDB with writes that share a transaction', () => {
  test('REV-11, REV-13: one that fails is undone alone, and the others are written in order', async () => {
    await using server = await startMariadb()
    const url = await server.database()
    const dialect = new MysqlDialect({ pool: createPool({ uri: url, connectTimeout: 1000 }) })
    const store = await sql({ dialect, language: mariadb, timeout: 20_000 })
    try {
      await query(url, "alter table authx_log add constraint refusing check (`key` <> 'session-7')")
      const sids = Array.from({ length: 60 }, (_, index) => `session-${index}`)
      const outcomes = await Promise.allSettled(
        sids.map((sid) => store.revoke({ kind: 'session', issuer: ISSUER, sid, retention: 1000 })),
      )
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1)
      expect(outcomes[7]?.status).toBe('rejected')
      expect((await readLog(store)).map(({ key }) => key)).toEqual(sids.toSpliced(7, 1))
      expect((await store.readSince(0, 1)).head).toBe(59)
    } finally {
      await store.close()
    }
  })
})
