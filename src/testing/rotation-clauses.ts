import assert from 'node:assert/strict'
import type { SessionStore } from '../core/session-store.ts'
import { advanceTo, advanceToBefore, type Clause, clockOf, ISSUER, lineOf, range, readLog } from './clause.ts'
import { ABSOLUTE, createSession, GRACE, IDLE, RETENTION, refused, rotate, rotated } from './session-steps.ts'

/** What a refresh token buys while nobody has cheated. */
export const rotationClauses: readonly Clause<SessionStore>[] = [
  {
    id: 'rotation-advances',
    name: "MUST move the session one generation further for its current token, by the store's clock",
    covers: ['REF-01', 'REF-12'],
    async run(fixture) {
      const store = await fixture.open()
      const { session: first } = await createSession(store)
      await fixture.advance(60_000)
      const rotation = await rotate(await fixture.open(), 0)
      assert.ok('session' in rotation)
      const { now } = rotation
      const expected = { ...first, generation: 1, rotatedAt: now, expiresAt: now + IDLE * 1000 }
      assert.deepEqual(rotation, { status: 'rotated', session: expected, epoch: 0, now })
      assert.ok(now >= first.createdAt + 60_000)
      assert.equal((await rotated(rotate(store, 1))).generation, 2)
      assert.deepEqual(await readLog(store), [])
    },
  },
  {
    id: 'rotation-absolute',
    name: 'MUST NOT let a rotation move the end of the absolute life',
    covers: ['REF-12'],
    async run(fixture) {
      const store = await fixture.open()
      const { session: first } = await createSession(store)
      const end = first.createdAt + ABSOLUTE * 1000
      for (let generation = 0; generation < 5; generation += 1) {
        const next = await rotated(rotate(store, generation))
        assert.equal(next.createdAt, first.createdAt)
        assert.equal(next.expiresAt, Math.min(next.rotatedAt + IDLE * 1000, end))
        await fixture.advance((IDLE - 100) * 1000)
      }
      await advanceTo(fixture, store, end)
      await refused(rotate(store, 5), 'expired')
    },
  },
  {
    id: 'rotation-expiry',
    name: 'MUST refuse as expired from the very moment the session expires, and change nothing',
    covers: ['REF-12'],
    async run(fixture) {
      const store = await fixture.open()
      const { session } = await createSession(store)
      await createSession(store, { sid: 'session-2' })
      await advanceToBefore(fixture, store, session.expiresAt)
      await rotated(rotate(store, 0, { sid: 'session-2' }))
      await advanceTo(fixture, store, session.expiresAt)
      await refused(rotate(store, 0), 'expired')
      await store.purge(100)
      await refused(rotate(store, 0), 'expired')
      assert.deepEqual(await readLog(store), [])
    },
  },
  {
    id: 'rotation-repeats',
    name: 'MUST give the immediate predecessor the same successor within the grace window, and change nothing',
    covers: ['REF-07'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      const successor = await rotated(rotate(store, 0))
      await advanceToBefore(fixture, store, successor.rotatedAt + GRACE + 1)
      assert.deepEqual(await rotated(rotate(await fixture.open(), 0), 'repeated'), successor)
      assert.deepEqual(await rotated(rotate(store, 0), 'repeated'), successor)
      assert.deepEqual(await readLog(store), [])
      assert.equal((await rotated(rotate(store, 1))).generation, 2)
    },
  },
  {
    id: 'rotation-expired-repeat',
    name: 'MUST NOT repeat a rotation once the session has expired',
    covers: ['REF-12'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      const short = { grace: (IDLE + 100) * 1000 }
      const { expiresAt } = await rotated(rotate(store, 0))
      await advanceTo(fixture, store, expiresAt)
      await refused(rotate(store, 0, {}, short), 'expired')
    },
  },
  {
    id: 'rotation-unknown',
    name: 'MUST answer unknown where there is no such session, or the generation is one it has not reached',
    covers: ['REF-16'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      await refused(rotate(store, 0, { sid: 'session-2' }), 'unknown')
      for (const generation of [1, 2, 1000, 2 ** 40]) await refused(rotate(store, generation), 'unknown')
      assert.deepEqual(await readLog(store), [])
      assert.equal((await rotated(rotate(store, 0))).generation, 1)
    },
  },
  {
    id: 'rotation-mismatch',
    name: "MUST answer unknown for another's session, and neither rotate nor end it",
    covers: ['REF-11'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      for (const generation of [0, 1]) await rotated(rotate(store, generation))
      for (const generation of [0, 1, 2, 3]) {
        await refused(rotate(store, generation, { sub: 'bob' }), 'unknown')
        await refused(rotate(store, generation, { issuer: '' }), 'unknown')
      }
      assert.deepEqual(await readLog(store), [])
      assert.equal((await rotated(rotate(store, 2))).generation, 3)
    },
  },
  {
    id: 'rotation-revoked',
    name: 'MUST ask first whether the token, its session or its epoch is revoked, with or without a session',
    covers: ['REV-16', 'REF-08'],
    async run(fixture) {
      const store = await fixture.open()
      const expiresAt = Math.floor((await clockOf(store)) / 1000) + RETENTION
      await createSession(store)
      await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'stolen', expiresAt })
      await refused(rotate(store, 0, { jti: 'stolen' }), 'revoked')
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'bob', retention: RETENTION })
      await refused(rotate(store, 0, { sub: 'bob', sid: 'no-such' }), 'revoked')
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'no-row', retention: RETENTION })
      await refused(rotate(store, 0, { sid: 'no-row' }), 'revoked')
      assert.equal((await rotated(rotate(store, 0))).generation, 1)
    },
  },
  {
    id: 'rotation-races',
    name: 'MUST let exactly one of 20 racing callers rotate, and give all the others the same successor, 100 times over',
    covers: ['REF-04'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open(), await fixture.open()] as const
      await createSession(handles[0])
      for (const generation of range(100)) {
        const racers = range(20).map((index) => rotate(handles[(index % 3) as 0 | 1 | 2], generation))
        const outcomes = await Promise.all(racers)
        const statuses = outcomes.map((outcome) => outcome.status).sort()
        assert.deepEqual(statuses, [...range(19).map(() => 'repeated'), 'rotated'])
        const successors = outcomes.map((outcome) => ('session' in outcome ? outcome.session : undefined))
        for (const one of successors) assert.deepEqual(one, successors[0])
        assert.equal(successors[0]?.generation, generation + 1)
      }
    },
  },
  {
    id: 'rotation-against-revocation',
    name: 'MUST rotate nothing once a racing revocation is acknowledged, and keep its entry as long as any token made before',
    covers: ['REF-08'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()] as const
      for (const round of range(30)) {
        const sid = `session-${round}`
        await createSession(handles[0], { sid })
        const racer = async () => {
          const made: number[] = []
          for (let generation = 0; ; generation += 1) {
            const rotation = await rotate(handles[0], generation, { sid })
            if (!('session' in rotation)) return { made, status: rotation.status }
            made.push(rotation.now + RETENTION * 1000)
            await new Promise(setImmediate)
          }
        }
        const racing = racer()
        racing.catch(() => undefined)
        await handles[1].revoke({ kind: 'session', issuer: ISSUER, sid, retention: RETENTION })
        await refused(rotate(handles[0], 1000, { sid }), 'revoked')
        const { made, status } = await racing
        assert.equal(status, 'revoked')
        assert.ok(Math.max(0, ...made) <= (await lineOf(handles[0], sid)).expiresAt)
      }
    },
  },
]
