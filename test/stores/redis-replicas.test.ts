import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Revocation } from '../../src/core/blocklist.ts'
import type { Store } from '../../src/core/store.ts'
import { redis } from '../../src/stores/redis.ts'
import { ISSUER, identity } from '../../src/testing/clause.ts'
import { isSkipped } from '../harness/debian.ts'
import { command, OWN_REDIS, startOwnRedis } from '../harness/redis.ts'
import type { Service } from '../harness/service.ts'
import { recovery } from './postgres-steps.ts'

const TIMEOUT = 2000

const revocation = (sid: string): Revocation => ({ kind: 'session', issuer: ISSUER, sid, retention: 1000 })

/** Milliseconds that a call takes, whether it succeeds or not, and how it ends. */
async function timed(call: () => Promise<unknown>): Promise<{ took: number; error: string }> {
  const before = performance.now()
  const error = await call().then(
    () => '',
    (thrown: Error) => thrown.message,
  )
  return { took: performance.now() - before, error }
}

describe.skipIf(isSkipped(OWN_REDIS))('redis() with a replica that has to have every write', () => {
  let primary: Service
  let replica: Service
  let url: string
  let store: Store
  beforeAll(async () => {
    primary = await startOwnRedis({ appendfsync: 'no' })
    const { port } = new URL(await primary.database())
    replica = await startOwnRedis({ appendfsync: 'no', replicaof: `127.0.0.1 ${port}` })
  })
  afterAll(() => Promise.all([replica?.[Symbol.asyncDispose](), primary?.[Symbol.asyncDispose]()]))

  beforeEach(async () => {
    url = await primary.database()
    await recovery(async () => {
      store = await redis(url, { replicas: 1, commandTimeout: TIMEOUT })
    })
    await recovery(() => store.revoke(revocation('first')))
  })
  afterEach(async () => {
    replica.thaw()
    await store?.close()
  })

  test('REV-02, REV-13: goes on reading while the replica is stopped, and fails every logout in its time', async () => {
    replica.freeze()
    let isOver = false
    const reads: number[] = []
    const reading = (async () => {
      while (!isOver) {
        const { took, error } = await timed(() => store.readSince(0, 10))
        expect(error).toBe('')
        reads.push(took)
        await sleep(10)
      }
    })()
    const logouts = Array.from({ length: 20 }, async (_, index) => {
      await sleep(index * 60)
      return timed(() => store.revoke(revocation(`during-${index}`)))
    })
    const ends = await Promise.all(logouts)
    isOver = true
    await reading
    for (const { error } of ends) expect(error).toMatch(/^redis .*: 0 of 1 replicas have the write/)
    expect(Math.max(...ends.map(({ took }) => took))).toBeLessThan(TIMEOUT + 500)
    expect(reads.length).toBeGreaterThan(20)
    expect(Math.max(...reads), 'no read waits for the replica').toBeLessThan(TIMEOUT * 0.4)
    // What was not acknowledged is refused all the same: nothing is undone.
    expect(await store.isRevoked(identity({ sid: 'during-0' }))).toBe(true)
  })

  test('OPS-03: acknowledges again as soon as the replica goes on, many at once', async () => {
    replica.freeze()
    await expect(store.revoke(revocation('a'))).rejects.toThrow(/0 of 1 replicas/)
    replica.thaw()
    await recovery(() => store.revoke(revocation('b')))
    const sids = Array.from({ length: 200 }, (_, index) => `many-${index}`)
    await Promise.all(sids.map((sid) => store.revoke(revocation(sid))))
    const ofReplica = (await replica.database()).replace(/\?.*$/, '')
    const prefix = `{${new URL(url).searchParams.get('prefix')}}:`
    expect(await command(ofReplica, 'XLEN', `${prefix}log`)).toBe(203)
  })

  test('REV-02, OPS-03: answers nothing when its replicas are gone, as one that another has replaced, and tries to write all the same', async () => {
    const ofReplica = (await replica.database()).replace(/\?.*$/, '')
    const { port } = new URL(url)
    await command(ofReplica, 'REPLICAOF', 'NO', 'ONE')
    try {
      const gone = /^redis .*NOREPLICAS heard of 0 replicas in the last 10 s, and 1 have to have every write/
      await expect.poll(() => timed(() => store.ping())).toMatchObject({ error: expect.stringMatching(gone) })
      await expect(store.readSince(0, 10)).rejects.toThrow(gone)
      await expect(store.isRevoked(identity())).rejects.toThrow(gone)
      await expect(store.revoke(revocation('alone'))).rejects.toThrow(/0 of 1 replicas/)
    } finally {
      await command(ofReplica, 'REPLICAOF', '127.0.0.1', port)
    }
    await recovery(() => store.ping())
    expect(await store.isRevoked(identity({ sid: 'alone' }))).toBe(true)
  })

  test('REV-02: answers nothing when its replica was silent for too long', async () => {
    replica.freeze()
    await recovery(async () => {
      const { error } = await timed(() => store.readSince(0, 10))
      if (error === '') throw new Error('it still answers')
      expect(error).toMatch(/heard of 0 replicas/)
    }, 20_000)
    replica.thaw()
    await recovery(() => store.readSince(0, 10))
  })

  test('REV-06: says how a write failed that others were waited for with', async () => {
    const session = {
      issuer: ISSUER,
      sid: 's',
      sub: 'ada',
      idleTtl: 100,
      absoluteTtl: 100,
      device: null,
      address: null,
    }
    const calls = [
      store.createSession(session),
      store.createSession(session),
      store.revoke(revocation('other')),
    ]
    const ends = await Promise.allSettled(calls)
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await expect(calls[1]).rejects.toThrow(/a session of this sid exists already/)
  })
})
