import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../../src/core/session-store.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { settled } from '../harness/clock.ts'
import { check, endSession, ISSUER, openReplica, token } from '../harness/replica.ts'

/** How a session, a token or everything ends, and what has to be refused then. */
const ENDINGS: Readonly<Record<string, (here: SessionStore) => Promise<unknown>>> = {
  'a revoked session': (here) => endSession(here),
  'a revoked token': (here) =>
    here.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt: 1_750_001_000 }),
  'a revoked subject': (here) => here.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 }),
  'a session ended by its owner': (here) =>
    here.endSession({ issuer: ISSUER, sub: 'ada', sid: 'session-1', retention: 60 }),
  'all sessions but one': (here) =>
    here.endSessions({ issuer: ISSUER, sub: 'ada', except: 'session-2', retention: 60 }),
  'all sessions': (here) => here.endSessions({ issuer: ISSUER, sub: 'ada', retention: 60 }),
  'a spent refresh token': async (here) => {
    await rotate(here, 0)
    await rotate(here, 0, {}, { grace: -1 })
  },
  'a login beyond the limit': (here) =>
    createSession(here, { sid: 'session-9', limit: { most: 2, retention: 60 } }),
}

describe('REV-01: what this process ended is refused by it at once', () => {
  test.each(Object.entries(ENDINGS))('%s', async (_, end) => {
    const { replica, far, here, pass } = openReplica()
    await createSession(here)
    await pass(1)
    await createSession(here, { sid: 'session-2' })
    await replica.ready()
    far.isHeld = true
    await pass(130)
    // A poll under way that has looked already: nothing of what comes is in it.
    far.sent[0]?.look()
    await end(here)
    const said = check(replica)
    await far.sent[0]?.arrive()
    expect(said()).not.toBe(false)
    expect(check(replica)()).not.toBe(false)
    for (let read = 1; read < far.sent.length; read += 1) await far.sent[read]?.arrive()
    expect(said()).toBe(true)
    const { epoch } = await here.readEpoch(ISSUER, 'ada')
    const other = token({ sid: 'session-2', jti: 'token-2', ue: epoch })
    expect(check(replica, other)()).toBe(false)
    expect(check(replica, { ...other, sid: 'session-3', sub: 'bob', ue: 0 })()).toBe(false)
  })

  test('a session or a token without waiting for the store', async () => {
    const { replica, far, here } = openReplica()
    await replica.ready()
    far.failure = new Error('the log cannot be read')
    await endSession(here)
    await here.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-2', expiresAt: 1_750_001_000 })
    expect(replica.isRevoked(token())).toBe(true)
    expect(replica.isRevoked(token({ sid: '-', jti: 'token-2' }))).toBe(true)
    expect(replica.isRevoked(token({ sid: '-' }))).toBe(false)
  })

  test('everything of a subject as soon as the log was read once more, and never a token made after', async () => {
    const { replica, far, here } = openReplica()
    await replica.ready()
    far.isHeld = true
    await here.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 })
    const { epoch } = await here.readEpoch(ISSUER, 'ada')
    const [old, made] = [check(replica, token({ ue: epoch - 1 })), check(replica, token({ ue: epoch }))]
    expect([old(), made()]).toEqual(['waits', 'waits'])
    await settled()
    await far.sent[0]?.arrive()
    expect([old(), made()]).toEqual([true, false])
  })

  test('what the store refused to record is not refused here', async () => {
    const { replica, here, elsewhere } = openReplica()
    await createSession(elsewhere)
    await replica.ready()
    const ending = { issuer: ISSUER, sub: 'bob', sid: 'session-1', retention: 60 }
    expect(await here.endSession(ending)).toBe(false)
    await rotate(here, 0)
    await rotate(here, 0)
    expect(check(replica)()).toBe(false)
  })
})

describe('REV-17: what this process ended', () => {
  test('is kept until the log confirms it, whatever the store’s clock says meanwhile', async () => {
    const { replica, far, here, pass } = openReplica()
    await replica.ready()
    far.isHeld = true
    await pass(130)
    // The machine was suspended for an hour of the store's time, which the read under way tells.
    far.storeTime += 3_600_000
    far.sent[0]?.look()
    await endSession(here)
    far.alter = (page) => ({ ...page, now: page.now + 3_600_000 })
    await pass(11_000)
    await far.sent[0]?.arrive()
    await pass(1)
    expect(check(replica)()).toBe(true)
  })

  test('goes when the store lets go of it, and no later', async () => {
    const { replica, far, here, pass } = openReplica()
    await replica.ready()
    await here.revoke({
      kind: 'session',
      issuer: ISSUER,
      sid: 'session-1',
      retention: 86_400,
      retentionWithSession: 60,
    })
    await createSession(here, { sid: 'session-2' })
    await here.revoke({
      kind: 'session',
      issuer: ISSUER,
      sid: 'session-2',
      retention: 86_400,
      retentionWithSession: 60,
    })
    await here.revoke({
      kind: 'session',
      issuer: ISSUER,
      sid: 'session-2',
      retention: 86_400,
      retentionWithSession: 60,
    })
    await here.revoke({ kind: 'token', issuer: ISSUER, jti: 'expired', expiresAt: 1_749_999_000 })
    await pass(500)
    far.storeTime += 61_000
    await pass(11_000)
    expect(replica.status().entries).toBe(1)
    far.storeTime += 86_400_000
    await pass(11_000)
    expect(replica.status()).toMatchObject({ entries: 0, losses: 0 })
  })
})
