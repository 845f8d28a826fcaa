import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Rotation } from '../../src/core/session-store.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { Neighbour, temporaryFolder } from './processes.ts'

test('six processes that start together on a file that is not there yet all open it, and migrate it once', async () => {
  using folder = temporaryFolder()
  const path = folder.file('new/store.db')
  const children = Array.from({ length: 6 }, () => new Neighbour('open', path))
  expect(await Promise.all(children.map((child) => child.rest()))).toEqual(children.map(() => ['opened']))
  using connection = disposable(new BetterSqlite3(path))
  expect(connection.database.prepare('select count(*) as count from authx_sessions').get()).toEqual({
    count: 6,
  })
  expect(connection.database.prepare('select name from authx_migration').all()).toEqual([
    { name: '001-first' },
    { name: '002-logins' },
    { name: '003-session-origin' },
    { name: '004-account-scopes' },
  ])
})

test('REF-04: of twelve callers in three processes exactly one rotates, and the others get the same successor', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const store = await sqlite(path)
  await createSession(store)
  const children = Array.from({ length: 3 }, () => new Neighbour('rotate', path))
  try {
    for (const child of children) expect(await child.line()).toBe('ready')
    for (let generation = 0; generation < 40; generation += 1) {
      for (const child of children) child.send(String(generation))
      const answers = await Promise.all(
        children.map(async (child) => JSON.parse(await child.line()) as Rotation[]),
      )
      const outcomes = answers.flat()
      expect(outcomes.map((outcome) => outcome.status).sort()).toEqual([
        ...Array(11).fill('repeated'),
        'rotated',
      ])
      const successors = new Set(outcomes.map((one) => 'session' in one && JSON.stringify(one.session)))
      expect(successors.size).toBe(1)
    }
    expect(await rotate(store, 40)).toMatchObject({ status: 'rotated', session: { generation: 41 } })
  } finally {
    await Promise.all(children.map((child) => child.kill()))
    await store.close()
  }
})

test('a writer gets its turn while two other processes write without a pause', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const store = await sqlite(path)
  const children = [new Neighbour('revoke', path), new Neighbour('revoke', path)]
  try {
    for (const child of children) await child.line()
    for (let index = 0; index < 40; index += 1) await createSession(store, { sid: `mine-${index}` })
  } finally {
    await Promise.all(children.map((child) => child.kill()))
    await store.close()
  }
})

function disposable(database: BetterSqlite3.Database): Disposable & { database: BetterSqlite3.Database } {
  return { database, [Symbol.dispose]: () => database.close() }
}
