import assert from 'node:assert/strict'
import type { BlocklistStore } from '../core/blocklist.ts'
import {
  advanceTo,
  advanceToBefore,
  assertLive,
  assertMoment,
  assertRevoked,
  type Clause,
  clockOf,
  ISSUER,
  identity,
  lineOf,
  readLog,
} from './clause.ts'

/** How long an entry counts, and how a store ends. */
export const lifetimeClauses: readonly Clause<BlocklistStore>[] = [
  {
    id: 'clock',
    name: 'MUST tell the time by its own clock in milliseconds, with every reading',
    covers: ['REV-09'],
    async run(fixture) {
      const store = await fixture.open()
      const before = await clockOf(store)
      await fixture.advance(123_457)
      assertMoment(fixture, await clockOf(store), before + 123_457)
      assertMoment(fixture, (await store.readEpoch(ISSUER, 'ada')).now, before + 123_457)
    },
  },
  {
    id: 'token-lifetime',
    name: 'MUST refuse a revoked token until the very moment its entry expires',
    covers: ['REV-09'],
    async run(fixture) {
      const store = await fixture.open()
      const expiresAt = Math.floor((await clockOf(store)) / 1000) + 900
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt })
      assert.equal((await lineOf(store, 'token-1')).expiresAt, expiresAt * 1000)
      await advanceToBefore(fixture, store, expiresAt * 1000)
      await assertRevoked(store, identity(), 'the entry has not expired')
      await lineOf(store, 'token-1')
      await advanceTo(fixture, store, expiresAt * 1000)
      await assertLive(store, identity(), 'the entry has expired')
      assert.deepEqual((await store.readSince(0, 10)).entries, [])
    },
  },
  {
    id: 'session-lifetime',
    name: "MUST refuse a revoked session's tokens for all of the retention, from the store's own now",
    covers: ['REV-09'],
    async run(fixture) {
      const store = await fixture.open()
      const now = await clockOf(store)
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 1025 })
      const { expiresAt } = await lineOf(store, 'session-1')
      assertMoment(fixture, expiresAt, now + 1_025_000)
      await advanceToBefore(fixture, store, expiresAt)
      await assertRevoked(store, identity(), 'the entry has not expired')
      await lineOf(store, 'session-1')
      await advanceTo(fixture, store, expiresAt)
      assert.deepEqual((await store.readSince(0, 10)).entries, [])
    },
  },
  {
    id: 'epoch-lifetime',
    name: 'MUST keep an epoch for ever, though its line expires and is purged',
    covers: ['REV-15', 'REV-17'],
    async run(fixture) {
      const store = await fixture.open()
      const now = await clockOf(store)
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 })
      assertMoment(fixture, (await lineOf(store, 'ada')).expiresAt, now + 60_000)
      await fixture.advance(365 * 86_400_000)
      await store.purge(100)
      assert.deepEqual(await readLog(store), [])
      await assertRevoked(store, identity(), 'its epoch is over for good')
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 })
      assert.equal((await store.readEpoch(ISSUER, 'ada')).epoch, 2)
    },
  },
  {
    id: 'revoke-again',
    name: 'MUST refuse again what is revoked after its entry has expired, purged or not',
    covers: ['REV-10'],
    async run(fixture) {
      const store = await fixture.open()
      for (const purges of [false, true]) {
        await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 60 })
        await assertRevoked(store, identity(), 'it is in force')
        await lineOf(store, 'session-1')
        await fixture.advance(60_000)
        if (purges) await store.purge(100)
        assert.deepEqual(await readLog(store), [])
      }
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 60 })
      await assertRevoked(store, identity(), 'it is in force once more')
    },
  },
  {
    id: 'closed',
    name: 'MUST answer a ping while it is open, and reject every call once it is closed',
    covers: ['REV-13'],
    async run(fixture) {
      const store = await fixture.open()
      await store.ping()
      await store.close()
      await store.close()
      await assert.rejects(async () => store.ping())
      await assert.rejects(async () => store.isRevoked(identity()))
      await assert.rejects(async () => store.readEpoch(ISSUER, 'ada'))
      await assert.rejects(async () => store.readSince(0, 10))
      await assert.rejects(async () => store.purge(10))
      await assert.rejects(async () =>
        store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 60 }),
      )
    },
  },
]
