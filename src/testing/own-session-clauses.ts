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
import { createSession, liveSids, RETENTION, refused, rotate, rotated } from './session-steps.ts'

const OTHER = 'https://other.example'
const ending = { issuer: ISSUER, sub: 'ada', retention: RETENTION }

/** What somebody sees of their own sessions, and can end. */
export const ownSessionClauses: readonly Clause<SessionStore>[] = [
  {
    id: 'session-origin',
    name: 'MUST keep the device and the address of a session as they were given, through rotations',
    covers: ['SES-02'],
    async run(fixture) {
      const store = await fixture.open()
      const origins = [
        { device: 'Mozilla/5.0 (X11; Linux x86_64)', address: '2001:db8::1' },
        { device: '', address: '' },
        { device: "'; drop table authx_sessions; -- \u001b[31m é 😀", address: null },
        { device: 'x'.repeat(255), address: 'y'.repeat(255) },
      ]
      for (const [index, origin] of origins.entries()) {
        const sid = `session-${index}`
        const { session } = await createSession(store, { sid, ...origin })
        const next = await rotated(rotate(await fixture.open(), 0, { sid }))
        for (const { device, address } of [session, next]) assert.deepEqual({ device, address }, origin)
        const listed = (await store.listSessions(ISSUER, 'ada')).find((one) => one.sid === sid)
        assert.deepEqual(listed, next)
      }
    },
  },
  {
    id: 'sessions-listed',
    name: "MUST list a subject's live sessions and nobody else's, the one that was used last first",
    covers: ['SES-02', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      assert.deepEqual(await store.listSessions(ISSUER, 'ada'), [])
      for (const sid of ['first', 'second', 'third', 'ended']) {
        await createSession(store, { sid })
        await fixture.advance(1000)
      }
      await createSession(store, { sid: 'brief', idleTtl: 10 })
      await createSession(store, { sid: 'of-bob', sub: 'bob' })
      await createSession(store, { sid: 'elsewhere', issuer: OTHER })
      await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'ended', retention: RETENTION })
      await fixture.advance(10_000)
      await rotated(rotate(store, 0, { sid: 'first' }))
      const listed = await (await fixture.open()).listSessions(ISSUER, 'ada')
      assert.deepEqual(
        listed.map(({ sid }) => sid),
        ['first', 'third', 'second'],
      )
      assert.deepEqual(await liveSids(store, 'bob'), ['of-bob'])
      assert.deepEqual(await liveSids(store, 'ada', OTHER), ['elsewhere'])
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: RETENTION })
      assert.deepEqual(await store.listSessions(ISSUER, 'ada'), [])
    },
  },
  {
    id: 'session-ended-by-owner',
    name: 'MUST end a live session of the subject once, and log that for the retention',
    covers: ['SES-02', 'REV-09', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2']) await createSession(store, { sid })
      const now = await clockOf(store)
      assert.equal(await store.endSession({ ...ending, sid: 'session-1' }), true)
      assertMoment(fixture, (await lineOf(store, 'session-1')).expiresAt, now + RETENTION * 1000)
      const other = await fixture.open()
      await assertRevoked(other, identity(), 'its session was ended')
      await refused(rotate(other, 0), 'revoked')
      assert.equal(await other.endSession({ ...ending, sid: 'session-1' }), false)
      await assertLive(store, identity({ sid: 'session-2' }), 'another session of the subject')
      assert.deepEqual(await liveSids(store), ['session-2'])
    },
  },
  {
    id: 'session-of-another',
    name: "MUST answer for another's session as for an unknown one, and change nothing",
    covers: ['REV-07'],
    async run(fixture) {
      const store = await fixture.open()
      await createSession(store)
      await createSession(store, { sid: 'brief', idleTtl: 10 })
      await advanceTo(fixture, store, (await clockOf(store)) + 10_000)
      for (const wrong of [{ sub: 'bob' }, { issuer: OTHER }, { sid: 'no-such' }, { sid: 'brief' }]) {
        assert.equal(await store.endSession({ ...ending, sid: 'session-1', ...wrong }), false)
      }
      assert.deepEqual(await readLog(store), [])
      await assertLive(store, identity(), 'only its owner can end it')
      await rotated(rotate(store, 0))
    },
  },
  {
    id: 'sessions-ended-but-one',
    name: 'MUST end all live sessions of a subject but the named one, log each, and raise no epoch',
    covers: ['SES-02', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2', 'session-3', 'ended']) await createSession(store, { sid })
      await createSession(store, { sid: 'of-bob', sub: 'bob' })
      await createSession(store, { sid: 'elsewhere', issuer: OTHER })
      await store.endSession({ ...ending, sid: 'ended' })
      const ended = await store.endSessions({ ...ending, except: 'session-2' })
      assert.deepEqual([...ended].sort(), ['session-1', 'session-3'])
      for (const sid of ended) {
        await lineOf(store, sid)
        await refused(rotate(store, 0, { sid }), 'revoked')
        await assertRevoked(store, identity({ sid }), 'it was not the one to go on')
      }
      assert.equal((await store.readEpoch(ISSUER, 'ada')).epoch, 0)
      assert.deepEqual(await store.endSessions({ ...ending, except: 'session-2' }), [])
      await rotated(rotate(store, 0, { sid: 'session-2' }))
      await rotated(rotate(store, 0, { sid: 'of-bob', sub: 'bob' }))
      await rotated(rotate(store, 0, { sid: 'elsewhere', issuer: OTHER }))
    },
  },
  {
    id: 'sessions-ended-everywhere',
    name: 'MUST end all sessions of a subject with its epoch, and answer with those that were live',
    covers: ['REV-15', 'REV-24'],
    async run(fixture) {
      const store = await fixture.open()
      for (const sid of ['session-1', 'session-2', 'ended']) await createSession(store, { sid })
      await createSession(store, { sid: 'of-bob', sub: 'bob' })
      await store.endSession({ ...ending, sid: 'ended' })
      assert.deepEqual([...(await store.endSessions(ending))].sort(), ['session-1', 'session-2'])
      assert.equal((await lineOf(store, 'ada')).epoch, 1)
      for (const sid of ['session-1', 'session-2']) await refused(rotate(store, 0, { sid, ue: 1 }), 'revoked')
      await assertRevoked(store, identity({ sid: 'without-a-row' }), 'its epoch is over')
      assert.deepEqual(await store.endSessions(ending), [])
      assert.equal((await store.readEpoch(ISSUER, 'ada')).epoch, 2)
      await rotated(rotate(store, 0, { sid: 'of-bob', sub: 'bob' }))
      const { epoch } = await createSession(store, { sid: 'after' })
      await rotated(rotate(store, 0, { sid: 'after', ue: epoch }))
    },
  },
  {
    id: 'issuers-listed',
    name: 'MUST list each issuer once under which a subject has a live session or a raised epoch, and none of others',
    covers: ['REV-15'],
    async run(fixture) {
      const [store, other] = [await fixture.open(), await fixture.open()]
      assert.deepEqual(await store.listIssuers('ada'), [])
      await createSession(store, { sid: 'one' })
      await createSession(store, { sid: 'two' })
      await createSession(store, { sid: 'without', issuer: '' })
      await store.revoke({ kind: 'subject', issuer: OTHER, sub: 'ada', retention: RETENTION })
      await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: RETENTION })
      await createSession(store, { sid: 'of-bob', sub: 'bob', issuer: "of bob's" })
      await store.revoke({ kind: 'subject', issuer: 'of carol', sub: 'carol', retention: RETENTION })
      for (const one of [store, other]) {
        assert.deepEqual([...(await one.listIssuers('ada'))].sort(), ['', ISSUER, OTHER].sort())
        assert.deepEqual(await one.listIssuers('bob'), ["of bob's"])
        assert.deepEqual(await one.listIssuers('ad'), [])
      }
    },
  },
  {
    id: 'session-ended-by-owner-races',
    name: 'MUST tell exactly one of 20 racing callers that it ended a session, and log it once',
    covers: ['REV-18'],
    async run(fixture) {
      const handles = [await fixture.open(), await fixture.open()] as const
      await createSession(handles[0])
      const answers = await Promise.all(
        range(20).map((index) => handles[(index % 2) as 0 | 1].endSession({ ...ending, sid: 'session-1' })),
      )
      assert.equal(answers.filter(Boolean).length, 1)
      await lineOf(handles[0], 'session-1')
    },
  },
]
