import assert from 'node:assert/strict'
import type { BlocklistStore } from '../core/blocklist.ts'
import {
  advanceTo,
  advanceToBefore,
  assertRevoked,
  type Clause,
  clockOf,
  ISSUER,
  identity,
  lineOf,
  range,
  readLog,
} from './clause.ts'

/** What a purge takes, and what it leaves alone. */
export const purgeClauses: readonly Clause<BlocklistStore>[] = [
  {
    id: 'purge-live',
    name: 'MUST NOT purge an entry before it expires, nor one that was revoked again for longer',
    covers: ['REV-10'],
    async run(fixture) {
      const store = await fixture.open()
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 100 })
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 1000 })
      await fixture.advance(100_000)
      assert.equal(await store.purge(100), 0)
      const { expiresAt } = await lineOf(store, 'session-1')
      await advanceToBefore(fixture, store, expiresAt)
      assert.equal(await store.purge(100), 0)
      await assertRevoked(store, identity(), 'the entry has not expired')
      await advanceTo(fixture, store, expiresAt)
      assert.equal(await store.purge(100), 1)
    },
  },
  {
    id: 'purge-batches',
    name: 'MUST purge at most `limit` expired entries, the oldest first, and say how many',
    covers: ['REV-10'],
    async run(fixture) {
      const store = await fixture.open()
      const first = Math.floor((await clockOf(store)) / 1000) + 100
      const revoke = (index: number) =>
        store.revoke({ kind: 'token', issuer: ISSUER, jti: `token-${index}`, expiresAt: first + index * 50 })
      // The first to expire is not the first that was written.
      for (const index of [3, 0, 4, 2, 1, 10_000]) await revoke(index)
      await advanceTo(fixture, store, first * 1000)
      assert.equal(await store.purge(10), 1)
      await fixture.advance(300_000)
      assert.equal(await store.purge(2), 2)
      // The two that expired last are still there: revoking them for as long changes nothing.
      const { head } = await store.readSince(0, 10)
      for (const index of [3, 4]) await revoke(index)
      assert.equal((await store.readSince(0, 10)).head, head)
      assert.equal(await store.purge(1), 1)
      assert.equal(await store.purge(10), 1)
      assert.equal(await store.purge(10), 0)
      await lineOf(store, 'token-10000')
    },
  },
  {
    id: 'purge-head',
    name: 'MUST keep the head through a purge, and never give out a position twice',
    covers: ['REV-10', 'REV-17'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2', 'session-3']) {
        await store.revoke({ kind: 'session', issuer: ISSUER, sid, retention: 60 })
      }
      const { head } = await store.readSince(0, 10)
      await fixture.advance(60_000)
      assert.equal((await store.readSince(0, 10)).head, head)
      assert.equal(await store.purge(10), 3)
      assert.equal((await store.readSince(0, 10)).head, head)
      await (await fixture.open()).revoke({
        kind: 'session',
        issuer: ISSUER,
        sid: 'session-4',
        retention: 60,
      })
      assert.ok((await lineOf(store, 'session-4')).position > head)
    },
  },
  {
    id: 'purge-races',
    name: 'MUST purge each expired entry once and no live one, with several purgers and writers at a time',
    covers: ['REV-10'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()] as const
      const revoke = (store: BlocklistStore, sid: string) =>
        store.revoke({ kind: 'session', issuer: ISSUER, sid, retention: 60 })
      await Promise.all(range(120).map((index) => revoke(handles[0], `old-${index}`)))
      await fixture.advance(60_000)
      const [counts] = await Promise.all([
        Promise.all(range(8).map((index) => handles[(index % 2) as 0 | 1].purge(20))),
        ...range(40).map((index) => revoke(handles[(index % 2) as 0 | 1], `new-${index}`)),
        // One that has expired, and is revoked again while it is purged.
        revoke(handles[1], 'old-0'),
      ])
      const rest = await handles[0].purge(1000)
      const total = counts.reduce((sum, count) => sum + count, rest)
      assert.ok(total === 119 || total === 120, `${total} entries were purged`)
      const keys = (await readLog(handles[1])).map((entry) => entry.key)
      assert.deepEqual(new Set(keys), new Set(['old-0', ...range(40).map((index) => `new-${index}`)]))
    },
  },
]
