import assert from 'node:assert/strict'
import type { SessionStore } from '../core/session-store.ts'
import {
  advanceTo,
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
import { createSession, liveSids, RETENTION, refused, rotate, rotated } from './session-steps.ts'

const atMost = (most: number) => ({ limit: { most, retention: RETENTION } })

/** How many sessions a subject may have at once. */
export const limitClauses: readonly Clause<SessionStore>[] = [
  {
    id: 'limit-ends-oldest',
    name: "MUST end the subject's oldest sessions where a new one exceeds the limit, log each, and say which",
    covers: ['SES-03', 'REV-09'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['first', 'second', 'third']) {
        assert.deepEqual((await createSession(store, { sid, ...atMost(3) })).ended, [])
        await fixture.advance(1000)
      }
      // The oldest is the one that was begun first, however lately it was used.
      await rotated(rotate(store, 0, { sid: 'first' }))
      const before = await clockOf(store)
      const { ended, now } = await createSession(store, { sid: 'fourth', ...atMost(3) })
      assert.deepEqual(ended, ['first'])
      assertMoment(fixture, now, before)
      assertMoment(fixture, (await lineOf(store, 'first')).expiresAt, now + RETENTION * 1000)
      const other = await fixture.open()
      await assertRevoked(other, identity({ sid: 'first' }), 'the limit ended its session')
      for (const generation of [0, 1, 2])
        await refused(rotate(other, generation, { sid: 'first' }), 'revoked')
      assert.deepEqual(await liveSids(other), ['fourth', 'second', 'third'])
      const lowered = await createSession(store, { sid: 'fifth', ...atMost(1) })
      assert.deepEqual([...lowered.ended].sort(), ['fourth', 'second', 'third'])
      assert.deepEqual(await liveSids(other), ['fifth'])
    },
  },
  {
    id: 'limit-counts-the-live',
    name: 'MUST count only live sessions of the same subject and issuer towards the limit',
    covers: ['SES-03', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store, { sid: 'kept' })
      await createSession(store, { sid: 'ended' })
      await createSession(store, { sid: 'brief', idleTtl: 10 })
      for (const sid of ['bob-1', 'bob-2']) await createSession(store, { sid, sub: 'bob' })
      await createSession(store, { sid: 'elsewhere', issuer: '' })
      await store.endSession({ issuer: ISSUER, sub: 'ada', sid: 'ended', retention: RETENTION })
      await advanceTo(fixture, store, (await clockOf(store)) + 10_000)
      assert.deepEqual((await createSession(store, { sid: 'new', ...atMost(2) })).ended, [])
      assert.deepEqual(await liveSids(store), ['kept', 'new'])
      assert.deepEqual(await liveSids(store, 'bob'), ['bob-1', 'bob-2'])
      assert.deepEqual(await liveSids(store, 'ada', ''), ['elsewhere'])
    },
  },
  {
    id: 'limit-taken',
    name: 'MUST end nothing for a session that is not opened',
    covers: ['SES-03'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2']) await createSession(store, { sid })
      await assert.rejects(createSession(store, { sid: 'session-2', ...atMost(1) }))
      assert.deepEqual(await readLog(store), [])
      assert.deepEqual(await liveSids(store), ['session-1', 'session-2'])
    },
  },
  {
    id: 'limit-races',
    name: 'MUST hold the limit through 20 racing logins, and log each of those that ended for it',
    covers: ['SES-03'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open(), await fixture.open()] as const
      const opened = await Promise.all(
        range(20).map((index) =>
          createSession(handles[(index % 3) as 0 | 1 | 2], { sid: `session-${index}`, ...atMost(3) }),
        ),
      )
      const live = await liveSids(handles[0])
      assert.equal(live.length, 3)
      const ended = opened.flatMap((one) => one.ended)
      assert.equal(ended.length, 17)
      assert.deepEqual([...ended, ...live].sort(), opened.map(({ session }) => session.sid).sort())
      assert.deepEqual((await readLog(handles[1])).map(({ key }) => key).sort(), ended.toSorted())
    },
  },
]
