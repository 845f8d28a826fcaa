import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { sqlite } from '../../src/stores/sqlite.ts'
import { ISSUER, identity } from '../../src/testing/clause.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { Neighbour, temporaryFolder } from './processes.ts'

const SESSION = { kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 1000 } as const

test('REV-06, REV-14: writes reject within 2.5 s while another process holds the lock, reads answer, and the event loop runs', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const store = await sqlite(path)
  await createSession(store)
  const neighbour = new Neighbour('lock', path)
  try {
    expect(await neighbour.line()).toBe('locked')
    const began = performance.now()
    const pause = longestPause()
    const writes = [
      store.revoke(SESSION),
      rotate(store, 0),
      ...Array.from({ length: 30 }, () => store.purge(10)),
    ]
    const settled = Promise.allSettled(writes)
    expect(await store.isRevoked(identity())).toBe(false)
    await store.ping()
    const outcomes = await settled
    expect(performance.now() - began).toBeLessThan(2500)
    expect(performance.now() - began).toBeGreaterThan(1900)
    expect(pause.stop()).toBeLessThan(100)
    const messages = new Set(outcomes.map((one) => one.status === 'rejected' && String(one.reason)))
    expect(messages).toEqual(
      new Set([`Error: ${path}: database is locked by another process for 2000 ms; nothing was changed`]),
    )
  } finally {
    await neighbour.kill()
  }
  expect((await store.readSince(0, 10)).head).toBe(0)
  await store.revoke(SESSION)
  expect(await store.isRevoked(identity())).toBe(true)
  await store.close()
})

test('a write that waits for another process goes through once the lock is free, at the time it is then', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  let readings = 0
  const clock = () => {
    readings += 1
    return Date.now()
  }
  const store = await sqlite(path, { clock })
  const neighbour = new Neighbour('lock', path)
  await neighbour.line()
  const revoked = store.revoke(SESSION)
  await sleep(500)
  expect(readings).toBe(0)
  await neighbour.kill()
  await revoked
  expect(readings).toBe(1)
  expect(await store.isRevoked(identity())).toBe(true)
  await store.close()
})

test('closing lets the calls under way finish', async () => {
  using folder = temporaryFolder()
  const path = folder.file('store.db')
  const store = await sqlite(path)
  const calls = [store.revoke(SESSION), store.isRevoked(identity({ sid: 'other' })), store.purge(10)]
  await store.close()
  expect(await Promise.all(calls)).toEqual([undefined, false, 0])
  const again = await sqlite(path)
  expect(await again.isRevoked(identity())).toBe(true)
  await again.close()
})

/** Milliseconds that the event loop stood still at most. */
function longestPause(): { stop(): number } {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }, 5)
  return {
    stop() {
      clearInterval(timer)
      return longest
    },
  }
}
