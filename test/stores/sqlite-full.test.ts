import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { expect, test } from 'vitest'
import { SqlStore } from '../../src/stores/sql/store.ts'
import type { Database } from '../../src/stores/sql/tables.ts'
import { SqliteAccess } from '../../src/stores/sqlite/access.ts'
import { ImmediateDialect } from '../../src/stores/sqlite/dialect.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { ISSUER, identity, readLog } from '../../src/testing/clause.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { temporaryFolder } from './processes.ts'

test('REV-06: a revocation that finds the disk full rejects, leaves nothing half-written, and succeeds when there is room again', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  await (await sqlite(path)).close()
  const connection = new BetterSqlite3(path)
  const db = new Kysely<Database>({ dialect: new ImmediateDialect(connection) })
  const store = new SqlStore(new SqliteAccess(db, path, Date.now))
  const pages = Number(connection.pragma('page_count', { simple: true }))
  connection.pragma(`max_page_count = ${pages + 4}`)

  const revoked: string[] = []
  let failure: unknown
  for (let index = 0; failure === undefined && index < 1000; index += 1) {
    const sid = `${index}-`.padEnd(255, 'x')
    const done = store.revoke({ kind: 'session', issuer: ISSUER, sid, retention: 1000 })
    await done.then(
      () => revoked.push(sid),
      (error: unknown) => {
        failure = error
      },
    )
  }
  expect(String(failure)).toBe(`Error: ${path}: database or disk is full`)
  expect((failure as Error).cause).toMatchObject({ code: 'SQLITE_FULL' })

  const missing = `${revoked.length}-`.padEnd(255, 'x')
  expect(await store.isRevoked(identity({ sid: missing }))).toBe(false)
  expect((await readLog(store)).map((entry) => entry.key)).toEqual(revoked)
  expect((await store.readSince(0, 1)).head).toBe(revoked.length)

  connection.pragma('max_page_count = 100000')
  await createSession(store, { sid: missing })
  await store.revoke({ kind: 'session', issuer: ISSUER, sid: missing, retention: 1000 })
  expect(await rotate(store, 0, { sid: missing })).toEqual({ status: 'revoked' })
  expect((await store.readSince(0, 1)).head).toBe(revoked.length + 1)
  await store.close()
})

test('REV-06: a subject whose revocation finds the disk full keeps its sessions and its epoch', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  await (await sqlite(path)).close()
  const connection = new BetterSqlite3(path)
  const db = new Kysely<Database>({ dialect: new ImmediateDialect(connection) })
  const store = new SqlStore(new SqliteAccess(db, path, Date.now))
  await createSession(store)
  // The last step of the transaction is the log's: what came before it has to be undone.
  connection.exec(
    "create trigger full before insert on authx_log begin select raise(rollback, 'no room'); end",
  )
  await expect(
    store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 }),
  ).rejects.toThrow('no room')
  expect((await store.readEpoch(ISSUER, 'ada')).epoch).toBe(0)
  expect((await rotate(store, 0)).status).toBe('rotated')
  await store.close()
})
