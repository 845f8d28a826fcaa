import { expect, test } from 'vitest'
import { sqlite } from '../../src/stores/sqlite.ts'
import { readLog } from '../../src/testing/clause.ts'
import { Neighbour, temporaryFolder } from './processes.ts'

test('REV-06, REV-11: every revocation that was acknowledged is in force after four writing processes are killed, five times over', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const acknowledged: string[] = []
  for (let round = 0; round < 5; round += 1) {
    const children = Array.from({ length: 4 }, () => new Neighbour('revoke', path))
    const killings = children.map(async (child, index) => {
      for (let acks = 0; acks <= index; acks += 1) acknowledged.push(await child.line())
      await child.kill()
      acknowledged.push(...(await child.rest()))
    })
    await Promise.all(killings)
    const store = await sqlite(path)
    const keys = new Set((await readLog(store)).map((entry) => entry.key))
    expect(acknowledged.filter((sid) => !keys.has(sid))).toEqual([])
    for (const sid of acknowledged.slice(-10)) {
      expect(await store.isRevoked({ issuer: 'test', jti: 'any', sid, sub: 'ada', ue: 0 })).toBe(true)
    }
    await store.close()
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(50)
}, 60_000)
