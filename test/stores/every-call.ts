import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { ISSUER, identity } from '../../src/testing/clause.ts'
import { createSession, RETENTION, rotate } from '../../src/testing/session-steps.ts'

const ADA = { id: 'account-1', username: 'Ada', passwordHash: 'one', disabled: false, scopes: ['posts:read'] }
const OF_ADA = { issuer: ISSUER, sub: 'ada', retention: RETENTION }

/**
 * Calls every method of an empty store so that it reads and writes whatever it ever does: for users who may do no more than they need.
 *
 * @param advance moves the store's clock by milliseconds
 */
export async function callEverything(store: Store, advance: (milliseconds: number) => void): Promise<void> {
  await store.ping()
  for (const sid of ['session-1', 'session-2', 'session-3']) await createSession(store, { sid })
  expect((await rotate(store, 0)).status).toBe('rotated')
  expect((await rotate(store, 0)).status).toBe('repeated')
  expect(await store.listSessions(ISSUER, 'ada')).toHaveLength(3)
  expect(await store.listIssuers('ada')).toEqual([ISSUER])
  expect(await store.endSession({ ...OF_ADA, sid: 'session-2' })).toBe(true)
  expect(await store.endSessions({ ...OF_ADA, except: 'session-1' })).toEqual(['session-3'])
  expect(await store.endSessions(OF_ADA)).toEqual(['session-1'])
  for (const retention of [10, 20]) {
    await store.revoke({ kind: 'session', issuer: ISSUER, sid: 'elsewhere', retention })
    await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'bob', retention })
  }
  const { now, epoch } = await store.readEpoch(ISSUER, 'bob')
  expect(epoch).toBe(2)
  await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-1', expiresAt: now / 1000 + 100 })
  expect(await store.isRevoked(identity())).toBe(true)
  expect((await store.readSince(0, 100)).entries).toHaveLength(6)
  const stop = store.onAppend?.(() => undefined)
  await sleep(50)
  stop?.()
  advance(20_000_000)
  expect(await store.purge(100)).toBeGreaterThan(3)
  expect(await store.createAccount(ADA)).toBe(true)
  expect(await store.changeAccount(ADA.id, { disabled: true, scopes: [] })).toBe(true)
  expect(await store.replacePassword(ADA.id, { current: 'one', next: 'two' })).toBe(false)
  expect(await store.changeAccount(ADA.id, { disabled: false })).toBe(true)
  expect(await store.replacePassword(ADA.id, { current: 'one', next: 'two' })).toBe(true)
  expect(await store.findByUsername('ada')).toMatchObject({ passwordHash: 'two' })
  expect(await store.deleteAccount(ADA.id)).toBe(true)
  expect(await store.findById(ADA.id)).toBeUndefined()
}
