import assert from 'node:assert/strict'
import type { SessionStore } from '../core/session-store.ts'
import {
  advanceTo,
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
import { ownSessionClauses } from './own-session-clauses.ts'
import { reuseClauses } from './reuse-clauses.ts'
import { rotationClauses } from './rotation-clauses.ts'
import { limitClauses } from './session-limit-clauses.ts'
import { ABSOLUTE, createSession, IDLE, RETENTION, refused, rotate, rotated } from './session-steps.ts'

/** What every {@link SessionStore} keeps beside the contract of a blocklist. Run each clause on an empty store of its own. */
export function sessionContract(): readonly Clause<SessionStore>[] {
  return [...sessionClauses, ...rotationClauses, ...reuseClauses, ...ownSessionClauses, ...limitClauses]
}

const sessionClauses: readonly Clause<SessionStore>[] = [
  {
    id: 'session-opens',
    name: "MUST open a session at generation 0 with the store's times, and tell the subject's epoch",
    covers: ['REF-12'],
    async run(fixture) {
      const store = await fixture.open()
      const before = await clockOf(store)
      const { session, epoch, now, ended } = await createSession(store)
      assertMoment(fixture, now, before)
      assert.equal(epoch, 0)
      assert.deepEqual(ended, [])
      const expiresAt = now + IDLE * 1000
      assert.deepEqual(session, {
        sid: 'session-1',
        sub: 'ada',
        generation: 0,
        createdAt: now,
        rotatedAt: now,
        expiresAt,
        device: null,
        address: null,
      })
      await assertLive(store, identity(), 'a session that was just opened')
      assert.deepEqual(await readLog(store), [])
    },
  },
  {
    id: 'session-absolute',
    name: 'MUST let no session outlive its absolute life, not even at first',
    covers: ['REF-12'],
    async run(fixture) {
      const store = await fixture.open()
      const { session } = await createSession(store, { idleTtl: ABSOLUTE + 1 })
      assert.equal(session.expiresAt, session.createdAt + ABSOLUTE * 1000)
    },
  },
  {
    id: 'session-epoch',
    name: 'MUST open a session with the epoch of its subject at its issuer',
    covers: ['REV-15'],
    async run(fixture) {
      const store = await fixture.open()
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: RETENTION })
      assert.equal((await createSession(store)).epoch, 1)
      assert.equal((await createSession(store, { sid: 'session-2', sub: 'bob' })).epoch, 0)
      assert.equal((await createSession(store, { issuer: '' })).epoch, 0)
      const rotation = await rotate(store, 0, { ue: 1 })
      assert.equal('epoch' in rotation && rotation.epoch, 1)
    },
  },
  {
    id: 'session-taken',
    name: 'MUST reject a sid that its issuer has already, and leave that session as it is',
    covers: ['REF-11'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      await rotated(rotate(store, 0))
      await assert.rejects(createSession(store, { sub: 'bob' }))
      assert.equal((await rotated(rotate(store, 1))).generation, 2)
      await createSession(store, { issuer: 'https://other.example' })
      assert.equal((await rotated(rotate(store, 2))).generation, 3)
    },
  },
  {
    id: 'session-ends',
    name: 'MUST end a session with its revocation, and no other session',
    covers: ['REV-04', 'REV-24', 'REF-08'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2']) await createSession(store, { sid })
      await createSession(store, { sid: 'session-3', sub: 'bob' })
      await createSession(store, { issuer: 'https://other.example' })
      await rotated(rotate(store, 0))
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: RETENTION })
      for (const generation of [0, 1, 2]) await refused(rotate(store, generation), 'revoked')
      await rotated(rotate(store, 0, { sid: 'session-2' }))
      await rotated(rotate(store, 0, { sid: 'session-3', sub: 'bob' }))
      await rotated(rotate(store, 0, { issuer: 'https://other.example' }))
    },
  },
  {
    id: 'session-stays-ended',
    name: 'MUST refuse the tokens of a revoked session after its entry in the log has gone',
    covers: ['REV-17', 'REF-14'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      await createSession(store, { sid: 'session-2' })
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: RETENTION })
      await advanceTo(fixture, store, (await lineOf(store, 'session-1')).expiresAt)
      assert.equal(await store.purge(100), 1)
      assert.deepEqual(await readLog(store), [])
      await refused(rotate(store, 0), 'revoked')
      await assertRevoked(store, identity(), 'its refresh token has not expired')
      await rotated(rotate(store, 0, { sid: 'session-2' }))
    },
  },
  {
    id: 'subject-ends',
    name: 'MUST end every session of a subject with its revocation, and none that is opened later or by another',
    covers: ['REV-15', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2']) await createSession(store, { sid })
      await createSession(store, { sid: 'session-3', sub: 'bob' })
      await createSession(store, { issuer: 'https://other.example' })
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: RETENTION })
      for (const sid of ['session-1', 'session-2']) {
        await refused(rotate(store, 0, { sid }), 'revoked')
        await refused(rotate(store, 0, { sid, ue: 1 }), 'revoked')
        await assertRevoked(store, identity({ sid, ue: 1 }), 'the session has ended, whatever the epoch')
      }
      await rotated(rotate(store, 0, { sid: 'session-3', sub: 'bob' }))
      await rotated(rotate(store, 0, { issuer: 'https://other.example' }))
      const { epoch } = await createSession(store, { sid: 'session-4' })
      await rotated(rotate(store, 0, { sid: 'session-4', ue: epoch }))
    },
  },
  {
    id: 'session-purge',
    name: 'MUST purge sessions that are long over, at most `limit` with the entries, and none that can be refreshed',
    covers: ['REV-10'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2', 'session-3']) await createSession(store, { sid })
      await createSession(store, { sid: 'live', idleTtl: 100 * ABSOLUTE, absoluteTtl: 100 * ABSOLUTE })
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt: 1 })
      await advanceTo(fixture, store, (await clockOf(store)) + 50 * ABSOLUTE * 1000)
      assert.equal(await store.purge(2), 2)
      assert.equal(await store.purge(1), 1)
      assert.equal(await store.purge(10), 1)
      assert.equal(await store.purge(10), 0)
      await refused(rotate(store, 0), 'unknown')
      await rotated(rotate(store, 0, { sid: 'live' }))
    },
  },
]
