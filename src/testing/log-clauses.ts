import assert from 'node:assert/strict'
import type { BlocklistStore, LogEntry } from '../core/blocklist.ts'
import { assertRevoked, type Clause, clockOf, ISSUER, identity, lineOf, range, readLog } from './clause.ts'

/** How the log reads: order, positions, pages, and when a line moves. */
export const logClauses: readonly Clause<BlocklistStore>[] = [
  {
    id: 'log-lines',
    name: 'MUST log a revocation with its kind, issuer, key, epoch and expiry, and the last position as head',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      assert.deepEqual(contentsOf((await store.readSince(0, 10)).entries), [])
      const expiresAt = Math.floor((await clockOf(store)) / 1000) + 500
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt })
      await revokeSession(store, 'session-1', 100)
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 200 })
      const { entries, head } = await store.readSince(0, 10)
      assert.deepEqual(contentsOf(entries), [
        { kind: 'token', issuer: ISSUER, key: 'token-1', epoch: 0 },
        { kind: 'session', issuer: ISSUER, key: 'session-1', epoch: 0 },
        { kind: 'subject', issuer: ISSUER, key: 'ada', epoch: 1 },
      ])
      assert.equal(entries[0]?.expiresAt, expiresAt * 1000)
      assert.equal(head, entries.at(-1)?.position)
      assertAscending(entries)
    },
  },
  {
    id: 'log-order',
    name: 'MUST give out positions in the order of acknowledgement, over all handles',
    covers: ['REV-02'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open(), await fixture.open()]
      const keys = range(30).map((index) => `session-${index}`)
      for (const [index, key] of keys.entries())
        await revokeSession(handles[index % 3] as BlocklistStore, key)
      const log = await readLog(await fixture.open())
      assert.deepEqual(
        log.map((entry) => entry.key),
        keys,
      )
      assertAscending(log)
    },
  },
  {
    id: 'log-hint',
    name: 'MUST take any number of listeners for appends, and call none that was ended',
    covers: [],
    async run(fixture) {
      const store = await fixture.open()
      const heard = { first: 0, ended: 0 }
      const end = store.onAppend(() => {
        heard.first += 1
      })
      const endOther = store.onAppend(() => {
        heard.ended += 1
      })
      endOther()
      endOther()
      await revokeSession(store, 'session-1')
      // A hint may come late or never, so only what must not be is looked at.
      await new Promise(setImmediate)
      end()
      const before = heard.first
      await revokeSession(store, 'session-2')
      await new Promise(setImmediate)
      assert.deepEqual(heard, { first: before, ended: 0 })
    },
  },
  {
    id: 'log-follow',
    name: 'MUST never show a follower a position below one it has seen, nor keep a line from it, while others write',
    covers: ['REV-02', 'REV-12'],
    async run(fixture) {
      const [one, other, reader] = [await fixture.open(), await fixture.open(), await fixture.open()]
      const keys = range(120).map((index) => `session-${index}`)
      let writing = true
      const writes = Promise.all(
        keys.map((key, index) => revokeSession(index % 2 ? one : other, key)),
      ).finally(() => {
        writing = false
      })
      // A failure is thrown where the writes are awaited; until then nobody else may call it unhandled.
      writes.catch(() => undefined)
      const seen: LogEntry[] = []
      for (let last = false; !last; ) {
        last = !writing
        const { entries, head } = await reader.readSince(seen.at(-1)?.position ?? 0, 7)
        assert.ok(
          entries.every((entry) => entry.position <= head),
          'the head must include the page',
        )
        seen.push(...entries)
        if (entries.length > 0) last = false
        // Lets the writers of a store that answers within a microtask come to their turn.
        await new Promise(setImmediate)
      }
      await writes
      assertAscending(seen)
      assert.deepEqual(new Set(seen.map((entry) => entry.key)), new Set(keys))
      assert.equal(seen.length, keys.length)
    },
  },
  {
    id: 'log-pages',
    name: 'MUST answer with at most `limit` lines after the cursor, ascending, and the whole log page by page',
    covers: ['REV-12'],
    async run(fixture) {
      const store = await fixture.open()
      for (const index of range(25)) await revokeSession(store, `session-${index}`)
      const whole = await readLog(store)
      assert.equal(whole.length, 25)
      for (const limit of [1, 4, 24, 25, 26]) {
        const { entries, head } = await store.readSince(0, limit)
        assert.deepEqual(entries, whole.slice(0, limit))
        assert.equal(head, whole.at(-1)?.position)
        assert.deepEqual(await readLog(store, 0, limit), whole)
      }
      for (const [index, { position }] of whole.entries()) {
        assert.deepEqual((await store.readSince(position, 100)).entries, whole.slice(index + 1))
      }
    },
  },
  {
    id: 'log-behind',
    name: 'MUST answer a cursor beyond its head with that head and no lines, so that a lost log is noticed',
    covers: ['REV-17'],
    async run(fixture) {
      const store = await fixture.open()
      await revokeSession(store, 'session-1')
      const { entries, head } = await store.readSince(1_000_000, 10)
      assert.deepEqual(entries, [])
      assert.equal(head, (await store.readSince(0, 10)).head)
      assert.ok(head < 1_000_000)
    },
  },
  {
    id: 'log-repeat',
    name: 'MUST change nothing when a key is revoked again for as long or shorter',
    covers: ['REV-05'],
    async run(fixture) {
      const store = await fixture.open()
      const expiresAt = Math.floor((await clockOf(store)) / 1000) + 10_000
      await revokeSession(store, 'session-1', 10_000)
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt })
      await revokeSession(store, 'session-2')
      const before = await store.readSince(0, 10)
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt })
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt: expiresAt - 1 })
      await revokeSession(store, 'session-1', 9000)
      const after = await store.readSince(0, 10)
      assert.deepEqual([after.entries, after.head], [before.entries, before.head])
    },
  },
  {
    id: 'log-longer',
    name: 'MUST move a key that is revoked for longer to a new position at the end, and keep one line of it',
    covers: ['REV-09'],
    async run(fixture) {
      const store = await fixture.open()
      await revokeSession(store, 'session-1', 100)
      await revokeSession(store, 'session-2', 100)
      const { expiresAt } = await lineOf(store, 'session-1')
      const { head } = await store.readSince(0, 10)
      await revokeSession(store, 'session-1', 1000)
      const moved = await lineOf(store, 'session-1')
      assert.equal(moved.position, (await store.readSince(0, 10)).head)
      assert.ok(moved.position > head, 'a follower at the old head must see it')
      assert.ok(moved.expiresAt >= expiresAt + 900_000)
      assert.deepEqual(
        (await readLog(store)).map((entry) => entry.key),
        ['session-2', 'session-1'],
      )
    },
  },
  {
    id: 'log-raised',
    name: 'MUST move a raised epoch to a new position at the end, and never shorten its line',
    covers: ['REV-16'],
    async run(fixture) {
      const store = await fixture.open()
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 })
      const before = await lineOf(store, 'ada')
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 10 })
      const after = await lineOf(store, 'ada')
      assert.ok(after.position > before.position)
      assert.deepEqual([before.epoch, after.epoch], [1, 2])
      assert.equal(after.expiresAt, before.expiresAt)
    },
  },
  {
    id: 'log-restored',
    name: 'MUST raise an epoch until it is what a revocation says, no further, and end nothing where it is',
    covers: ['REV-17'],
    async run(fixture) {
      const store = await fixture.open()
      const restore = (epoch: number, retention = 1000) =>
        store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention, epoch })
      await Promise.all(range(8).map(() => restore(3)))
      assert.equal((await store.readEpoch(ISSUER, 'ada')).epoch, 3)
      const { head } = await store.readSince(0, 10)
      for (const epoch of [1, 3]) await restore(epoch, 900)
      assert.equal((await store.readSince(0, 10)).head, head)
      assert.equal((await store.readEpoch(ISSUER, 'ada')).epoch, 3)
      assert.equal((await lineOf(store, 'ada')).epoch, 3)
      assert.equal(await store.isRevoked(identity({ ue: 3 })), false)
      await assertRevoked(store, identity({ ue: 2 }), 'its epoch is over')
    },
  },
  {
    id: 'concurrent-revokes',
    name: 'MUST let 100 concurrent revocations of one session all succeed, and keep one line',
    covers: ['REV-18'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()]
      await Promise.all(
        range(100).map((index) => revokeSession(handles[index % 2] as BlocklistStore, 'session-1')),
      )
      await lineOf(await fixture.open(), 'session-1')
    },
  },
  {
    id: 'concurrent-raises',
    name: 'MUST count each of 100 concurrent revocations of one subject',
    covers: ['REV-15', 'REV-18'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()]
      const raise = (store: BlocklistStore) =>
        store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 })
      await Promise.all(range(100).map((index) => raise(handles[index % 2] as BlocklistStore)))
      const store = await fixture.open()
      assert.equal((await store.readEpoch(ISSUER, 'ada')).epoch, 100)
      assert.equal((await lineOf(store, 'ada')).epoch, 100)
    },
  },
]

function revokeSession(store: BlocklistStore, sid: string, retention = 1000): Promise<void> {
  return store.revoke({ kind: 'session', issuer: ISSUER, sid, retention })
}

function contentsOf(entries: readonly LogEntry[]): readonly object[] {
  return entries.map(({ kind, issuer, key, epoch }) => ({ kind, issuer, key, epoch }))
}

function assertAscending(entries: readonly LogEntry[]): void {
  for (const [index, { position }] of entries.entries()) {
    assert.ok(position > (entries[index - 1]?.position ?? 0), 'positions must ascend, from 1')
  }
}
