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
  range,
  readLog,
} from './clause.ts'
import { createSession, GRACE, IDLE, RETENTION, refused, rotate, rotated } from './session-steps.ts'

/** What a spent refresh token does to its session. */
export const reuseClauses: readonly Clause<SessionStore>[] = [
  {
    id: 'reuse-ends',
    name: 'MUST end the session when a spent token comes after the grace window, and log it for the retention',
    covers: ['REF-02', 'REV-09'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      const { rotatedAt } = await rotated(rotate(store, 0))
      await advanceTo(fixture, store, rotatedAt + GRACE + 1)
      const now = await clockOf(store)
      await refused(rotate(store, 0), 'reused')
      const { position, kind, issuer, epoch, expiresAt } = await lineOf(await fixture.open(), 'session-1')
      assert.deepEqual({ kind, issuer, epoch }, { kind: 'session', issuer: ISSUER, epoch: 0 })
      assert.equal((await store.readSince(0, 10)).head, position)
      assertMoment(fixture, expiresAt, now + RETENTION * 1000)
      await assertRevoked(await fixture.open(), identity(), 'an access token of the session')
    },
  },
  {
    id: 'reuse-is-final',
    name: 'MUST refuse every token of a session that reuse has ended, the newest inside its window too, for good',
    covers: ['REF-03', 'REV-17'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      for (const generation of [0, 1, 2]) await rotated(rotate(store, generation))
      await refused(rotate(store, 0), 'reused')
      for (const generation of [3, 2, 1, 0, 4]) await refused(rotate(store, generation), 'revoked')
      await advanceTo(fixture, store, (await lineOf(store, 'session-1')).expiresAt)
      await store.purge(100)
      assert.deepEqual(await readLog(store), [])
      for (const generation of [3, 2, 1, 0, 4]) await refused(rotate(store, generation), 'revoked')
      await assertRevoked(store, identity(), 'its refresh token has not expired')
    },
  },
  {
    id: 'reuse-spares-others',
    name: 'MUST NOT end another session of the subject, nor of another, when one is reused',
    covers: ['REV-24', 'REF-02'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      await createSession(store, { sid: 'session-2' })
      await createSession(store, { sid: 'session-3', sub: 'bob' })
      await createSession(store, { issuer: '' })
      for (const generation of [0, 1]) await rotated(rotate(store, generation))
      await refused(rotate(store, 0), 'reused')
      assert.equal((await store.readEpoch(ISSUER, 'ada')).epoch, 0)
      await assertLive(store, identity({ sid: 'session-2' }), 'another session of the subject')
      await rotated(rotate(store, 0, { sid: 'session-2' }))
      await rotated(rotate(store, 0, { sid: 'session-3', sub: 'bob' }))
      await rotated(rotate(store, 0, { issuer: '' }))
    },
  },
  {
    id: 'reuse-two-back',
    name: 'MUST take a token two generations back for reuse, even inside the grace window',
    covers: ['REF-05'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      for (const generation of [0, 1]) await rotated(rotate(store, generation))
      await rotated(rotate(store, 1), 'repeated')
      await refused(rotate(store, 0), 'reused')
    },
  },
  {
    id: 'grace-is-anchored',
    name: 'MUST count the grace window from the rotation, however often it is repeated',
    covers: ['REF-06'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      const { rotatedAt } = await rotated(rotate(store, 0))
      for (const part of [0.3, 0.6]) {
        await advanceTo(fixture, store, rotatedAt + GRACE * part)
        await rotated(rotate(store, 0), 'repeated')
      }
      await advanceTo(fixture, store, rotatedAt + GRACE + 1)
      await refused(rotate(store, 0), 'reused')
    },
  },
  {
    id: 'reuse-without-grace',
    name: 'MUST take any spent token for reuse as soon as a grace of 0 has passed',
    covers: ['REF-02'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      await rotated(rotate(store, 0, {}, { grace: 0 }))
      await fixture.advance(1)
      await refused(rotate(store, 0, {}, { grace: 0 }), 'reused')
    },
  },
  {
    id: 'reuse-for-life',
    name: 'MUST notice reuse for the whole life of a session, through every purge',
    covers: ['REF-14'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      for (const generation of [0, 1, 2, 3]) {
        await fixture.advance((IDLE - 300) * 1000)
        await store.purge(1000)
        await rotated(rotate(store, generation))
      }
      await fixture.advance((IDLE - 300) * 1000)
      await store.purge(1000)
      await refused(rotate(store, 0), 'reused')
      await refused(rotate(store, 4), 'revoked')
    },
  },
  {
    id: 'reuse-races',
    name: 'MUST log the end of a session once, however many spent tokens race',
    covers: ['REV-18', 'REF-02'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()] as const
      await createSession(handles[0])
      for (const generation of [0, 1]) await rotated(rotate(handles[0], generation))
      const outcomes = await Promise.all(range(20).map((index) => rotate(handles[(index % 2) as 0 | 1], 0)))
      const statuses = outcomes.map((outcome) => outcome.status).sort()
      assert.deepEqual(statuses, ['reused', ...range(19).map(() => 'revoked')])
      await lineOf(handles[1], 'session-1')
    },
  },
]
