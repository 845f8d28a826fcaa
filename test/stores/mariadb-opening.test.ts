import { inspect } from 'node:util'
import { MysqlDialect, PostgresDialect } from 'kysely'
import { createPool, type PoolOptions } from 'mysql2'
import { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mariadb, type SqlOptions, sql } from '../../src/stores/sql.ts'
import { ISSUER, identity } from '../../src/testing/clause.ts'
import { createSession } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_MARIADB, query, startOwnMariadb } from '../harness/mariadb.ts'
import type { Service } from '../harness/service.ts'

describe.skipIf(isSkipped(OWN_MARIADB))('sql() over MariaDB', () => {
  let server: Service
  let url: string
  beforeAll(async () => {
    server = await startOwnMariadb()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    url = await server.database()
  })

  const open = (options: Partial<SqlOptions> = {}, pool: PoolOptions = {}) =>
    sql({
      dialect: new MysqlDialect({ pool: createPool({ uri: url, connectTimeout: 1000, ...pool }) }),
      language: mariadb,
      name: 'MariaDB',
      timeout: 15_000,
      ...options,
    })

  test.each([
    ['default_storage_engine', 'MyISAM', /^MariaDB: its default_storage_engine is MyISAM; set it to InnoDB/],
    ['innodb_flush_log_at_trx_commit', '2', /^MariaDB: its innodb_flush_log_at_trx_commit is 2; set it to 1/],
    [
      'sql_mode',
      "'NO_ENGINE_SUBSTITUTION'",
      /^MariaDB: its sql_mode is .*NO_ENGINE_SUBSTITUTION; add STRICT_TRANS_TABLES/,
    ],
    [
      'sql_mode',
      "'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'",
      /^MariaDB: its sql_mode is .*take out NO_BACKSLASH_ESCAPES/,
    ],
  ])('REV-06: refuses a server whose %s is %s, and makes nothing', async (variable, value, message) => {
    const [{ before } = { before: '' }] = await query(url, `select @@global.${variable} as \`before\``)
    await query(url, `set global ${variable} = ${value}`)
    try {
      await expect(open()).rejects.toThrow(message)
      expect(await query(url, 'show tables')).toEqual([])
    } finally {
      await query(url, `set global ${variable} = '${before}'`.replace(/'(\d+)'/, '$1'))
    }
  })

  test.each([
    [{ timeout: 0 }, 'sql.timeout: must be a whole number of milliseconds, from 1 to 60000'],
    [{ migrat: false }, 'sql.migrat: no such option; there are dialect, language,'],
  ])('refuses the options %j', async (options, message) => {
    await expect(open(options as Partial<SqlOptions>)).rejects.toThrow(message)
  })

  test('refuses a driver that answers with texts for numbers', async () => {
    await expect(open({}, { supportBigNumbers: true, bigNumberStrings: true })).rejects.toThrow(
      /^MariaDB: its driver answers with string for whole numbers of 64 bits; set it to answer with numbers$/,
    )
  })

  test('makes no tables where migrate is false', async () => {
    await expect(open({ migrate: false })).rejects.toThrow(
      /^MariaDB: its tables are not up to date \(without 001-first, .*\), and migrate is false; open it once/,
    )
    expect(await query(url, 'show tables')).toEqual([])
    await (await open()).close()
    await (await open({ migrate: false })).close()
  })

  test('names neither a value nor a statement when the database refuses one', async () => {
    const store = await open()
    await createSession(store, { sid: 'not-for-messages' })
    const error: unknown = await createSession(store, { sid: 'not-for-messages' }).catch(
      (one: unknown) => one,
    )
    expect(String(error)).toBe('Error: MariaDB: ER_DUP_ENTRY')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-for-messages/)
    await store.close()
  })

  test('OPS-01, REV-13, REV-14: rejects in time while the server is stopped, and goes on when it does', async () => {
    const store = await open({ timeout: 500 })
    const revocation = { kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 1000 } as const
    try {
      await expect
        .poll(
          () =>
            store.revoke(revocation).then(
              () => true,
              () => false,
            ),
          { timeout: 15_000 },
        )
        .toBe(true)
      server.freeze()
      try {
        const before = performance.now()
        const calls = [
          store.isRevoked(identity()),
          store.revoke({ ...revocation, sid: 'session-2' }),
          store.ping(),
        ]
        for (const call of await Promise.allSettled(calls)) {
          expect(call).toMatchObject({
            status: 'rejected',
            reason: { message: 'MariaDB: no answer for 500 ms' },
          })
        }
        expect(performance.now() - before).toBeLessThan(5000)
      } finally {
        server.thaw()
      }
      await expect
        .poll(
          () =>
            store.revoke(revocation).then(
              () => true,
              () => false,
            ),
          { timeout: 15_000 },
        )
        .toBe(true)
      expect(await store.isRevoked(identity())).toBe(true)
    } finally {
      await store.close()
    }
  })

  test('OPS-01: closes in time though the driver waits for a server that does not answer', async () => {
    const store = await open({ timeout: 1500 })
    server.freeze()
    try {
      await expect(store.ping()).rejects.toThrow('MariaDB: no answer for 1500 ms')
      await store.close()
    } finally {
      server.thaw()
    }
  })
})

test('OPS-01: sql() says that a server is not there, without a word of the password', async () => {
  const dialects = [
    new MysqlDialect({ pool: createPool('mysql://ada:not-for-messages@127.0.0.1:1/db') }),
    new PostgresDialect({
      pool: new Pool({ connectionString: 'postgres://ada:not-for-messages@127.0.0.1:1/db' }),
    }),
  ]
  for (const dialect of dialects) {
    const error: unknown = await sql({ dialect, language: mariadb }).catch((one: unknown) => one)
    expect(String(error)).toBe('ConfigurationError: database: cannot be used: ECONNREFUSED')
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-for-messages/)
  }
})
