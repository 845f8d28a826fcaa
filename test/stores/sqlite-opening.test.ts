import { chmodSync, chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { type SqliteOptions, sqlite } from '../../src/stores/sqlite.ts'
import { Neighbour, temporaryFolder } from './processes.ts'

/** Somebody who owns nothing here; root may write where nobody else may. */
const NOBODY = process.getuid?.() === 0 ? 65534 : undefined

test('a new file, its journals and its folder are for their owner alone', async () => {
  using folder = temporaryFolder()
  const path = folder.file('deep/down/store.db')
  const store = await sqlite(path)
  await store.purge(1)
  const modes = readdirSync(folder.file('deep/down')).map((name) => [
    name,
    mode(folder.file(`deep/down/${name}`)),
  ])
  expect(modes).toEqual([
    ['store.db', '600'],
    ['store.db-shm', '600'],
    ['store.db-wal', '600'],
  ])
  expect(mode(folder.file('deep/down'))).toBe('700')
  await store.close()
})

test('the file is in WAL mode, and opening it again changes nothing in it', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  await (await sqlite(path)).close()
  const before = readFileSync(path)
  expect(before.subarray(18, 20)).toEqual(Buffer.from([2, 2]))
  await (await sqlite(path)).close()
  expect(readFileSync(path).equals(before)).toBe(true)
})

test.each([
  [{ clok: Date.now }, 'sqlite.clok: no such option; there are clock'],
  [{ clock: 0 }, 'sqlite.clock: must be a function'],
])('the options %j are refused, and no file is made', async (options, message) => {
  using folder = temporaryFolder()
  await expect(sqlite(folder.file('store.db'), options as SqliteOptions)).rejects.toThrow(message)
  expect(readdirSync(folder.path)).toEqual([])
})

test('a path that is no path is refused', async () => {
  await expect(sqlite('')).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigurationError: sqlite: must be the path of a file, or ":memory:"]`,
  )
  await expect(sqlite(undefined as unknown as string)).rejects.toThrow('sqlite: must be the path of a file')
})

test('a folder in the place of the file is refused', async () => {
  using folder = temporaryFolder()
  expect(await refusal(folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>: cannot be opened (SQLITE_CANTOPEN); name a file in a folder that this process may write to"`,
  )
})

test('a file in the place of the folder is refused', async () => {
  using folder = temporaryFolder()
  writeFileSync(folder.file('data'), '')
  expect(await refusal(folder.file('data/store.db'), folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/data/store.db: cannot be opened (EEXIST); name a file in a folder that this process may write to"`,
  )
})

test('a file that is no database is refused, and left as it is', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const content = 'This is a letter, not a database. '.repeat(200)
  writeFileSync(path, content)
  expect(await refusal(path, folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/store.db: is damaged or no SQLite database (SQLITE_NOTADB); restore it from a backup, or name another file"`,
  )
  expect(readFileSync(path, 'utf8')).toBe(content)
})

test('a damaged database is refused', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  await (await sqlite(path)).close()
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0xff, 100, 4096))
  expect(await refusal(path, folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/store.db: is damaged or no SQLite database (SQLITE_CORRUPT); restore it from a backup, or name another file"`,
  )
})

test('a database of a newer version is refused, and left as it is', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  await (await sqlite(path)).close()
  const connection = new BetterSqlite3(path)
  connection.exec("insert into authx_migration values ('999-from-the-future', '2999-01-01T00:00:00.000Z')")
  connection.close()
  const before = readFileSync(path)
  expect(await refusal(path, folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/store.db: was written by a newer version of graphql-authx (it has "999-from-the-future"); install that version, or name another database"`,
  )
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('a database that another process keeps locked is refused', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const neighbour = new Neighbour('lock', path)
  await neighbour.line()
  expect(await refusal(path, folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/store.db: is locked by another process for 5000 ms; end that process, or name another file"`,
  )
  await neighbour.kill()
  expect(new BetterSqlite3(path).prepare('select name from sqlite_master').all()).toEqual([])
})

test('a file that may not be written is refused', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  await (await sqlite(path)).close()
  chmodSync(path, 0o444)
  chmodSync(folder.path, 0o777)
  expect(await refusalOfNobody(path, folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/store.db: cannot be written (EACCES); let this process write to the file and its folder, or name another file"`,
  )
})

test('a folder that may not be written is refused, with a file in it and without', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  await (await sqlite(path)).close()
  if (NOBODY !== undefined) chownSync(path, NOBODY, NOBODY)
  chmodSync(folder.path, 0o555)
  expect(await refusalOfNobody(path, folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/store.db: cannot be written (SQLITE_READONLY_DIRECTORY); let this process write to the file and its folder, or name another file"`,
  )
  expect(await refusalOfNobody(folder.file('other.db'), folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/other.db: cannot be written (EACCES); let this process write to the file and its folder, or name another file"`,
  )
  expect(await refusalOfNobody(folder.file('deep/other.db'), folder.path)).toMatchInlineSnapshot(
    `"ConfigurationError: <folder>/deep/other.db: cannot be written (EACCES); let this process write to the file and its folder, or name another file"`,
  )
  expect(readdirSync(folder.path)).toEqual(['store.db'])
})

test('REV-10: a purge takes the oldest entries and sessions first', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  let now = 1_750_000_000_000
  const store = await sqlite(path, { clock: () => now })
  for (const life of [300, 100, 200]) {
    await store.revoke({ kind: 'session', issuer: '', sid: `entry-${life}`, retention: life })
    await store.createSession({
      issuer: '',
      sid: `session-${life}`,
      sub: 'ada',
      idleTtl: life,
      absoluteTtl: life,
      device: null,
      address: null,
    })
  }
  now += 1_000_000
  expect(await store.purge(2)).toBe(2)
  const connection = new BetterSqlite3(path)
  expect(connection.prepare('select key from authx_log').pluck().all()).toEqual(['entry-300'])
  expect(await store.purge(3)).toBe(3)
  expect(connection.prepare('select sid from authx_sessions').pluck().all()).toEqual(['session-300'])
  connection.close()
  await store.close()
})

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

async function refusal(path: string, folder: string = path): Promise<string> {
  return await sqlite(path).then(
    () => 'opened',
    (error: unknown) => String(error).replaceAll(folder, '<folder>'),
  )
}

async function refusalOfNobody(path: string, folder: string): Promise<string> {
  const lines = await new Neighbour('open', path, NOBODY).rest()
  return lines.join('\n').replaceAll(folder, '<folder>')
}

test('a file that was written before sessions knew where they come from is brought up to date, its sessions with it', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const session = {
    issuer: '',
    sid: 'old',
    sub: 'ada',
    idleTtl: 1000,
    absoluteTtl: 1000,
    device: 'x',
    address: 'y',
  }
  const before = await sqlite(path)
  await before.createSession(session)
  await before.close()
  const connection = new BetterSqlite3(path)
  connection.exec(`
    alter table authx_sessions drop column device;
    alter table authx_sessions drop column address;
    alter table authx_accounts drop column scopes;
    delete from authx_migration where name > '002-logins';
  `)
  connection.close()
  const store = await sqlite(path)
  expect(await store.listSessions('', 'ada')).toMatchObject([{ sid: 'old', device: null, address: null }])
  await store.createSession({ ...session, sid: 'new' })
  expect((await store.listSessions('', 'ada')).map(({ device }) => device).sort()).toEqual([null, 'x'])
  await store.close()
})

test('a file that was written before accounts had scopes is brought up to date, and nobody may do anything by it', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const ada = { id: 'account-1', username: 'Ada', passwordHash: 'hash', disabled: true, scopes: ['admin'] }
  const before = await sqlite(path)
  await before.createAccount(ada)
  await before.close()
  const connection = new BetterSqlite3(path)
  connection.exec(`
    alter table authx_accounts drop column scopes;
    delete from authx_migration where name > '003-session-origin';
  `)
  connection.close()
  const store = await sqlite(path)
  expect(await store.findByUsername('ada')).toEqual({ ...ada, scopes: [] })
  await store.changeAccount(ada.id, { scopes: ['posts:read'] })
  expect(await store.findById(ada.id)).toEqual({ ...ada, scopes: ['posts:read'] })
  await store.close()
})
