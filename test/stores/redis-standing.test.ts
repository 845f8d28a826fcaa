import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Revocation } from '../../src/core/blocklist.ts'
import { isOutage } from '../../src/core/outage.ts'
import type { Store } from '../../src/core/store.ts'
import { redis } from '../../src/stores/redis.ts'
import { ISSUER, identity } from '../../src/testing/clause.ts'
import { isSkipped } from '../harness/debian.ts'
import { command, OWN_REDIS, startOwnRedis } from '../harness/redis.ts'
import type { Service } from '../harness/service.ts'
import { recovery } from './postgres-steps.ts'

const FORGETFUL =
  /^redis 127\.0\.0\.1:\d+: there is no append-only file, so a crash brings revoked tokens back/
const EVICTING = /^redis 127\.0\.0\.1:\d+: maxmemory-policy is allkeys-lru, so revocations are thrown away/

const revocation = (sid: string): Revocation => ({ kind: 'session', issuer: ISSUER, sid, retention: 1000 })

describe.skipIf(isSkipped(OWN_REDIS))('what a Redis has to be', () => {
  let server: Service
  let url: string
  let store: Store
  const set = (name: string, value: string) => command(url.replace(/\?.*$/, ''), 'CONFIG', 'SET', name, value)
  const killAll = () => command(url.replace(/\?.*$/, ''), 'CLIENT', 'KILL', 'TYPE', 'normal')

  beforeAll(async () => {
    // Its configuration is what comes back when it starts again.
    server = await startOwnRedis({ appendonly: 'no', appendfsync: 'no' })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    url = await server.database()
    await set('appendonly', 'yes')
    await set('maxmemory-policy', 'noeviction')
    store = await redis(url)
    await store.revoke(revocation('before'))
  })
  afterEach(() => store?.close())

  test('OPS-02: is named with what makes it last', async () => {
    await set('appendonly', 'no')
    await expect(redis(url)).rejects.toThrow(
      /^redis \S+: there is no append-only file, so a crash brings revoked tokens back; run CONFIG SET appendonly yes \(appendfsync always, if nothing may be lost when the power fails\) and then CONFIG REWRITE, so that it holds after a restart \(or write it into redis\.conf, of each server that can become the primary\), or accept 'no-persistence'$/,
    )
    await set('appendonly', 'yes')
    await set('maxmemory-policy', 'allkeys-lru')
    await expect(redis(url)).rejects.toThrow(/noeviction and then CONFIG REWRITE.*, or accept 'eviction'$/)
  })

  test('OPS-02: is looked at over each new connection: one that forgets since is sent no write, and is not ready', async () => {
    await server.kill()
    await server.restart()
    await recovery(() => store.readSince(0, 1))
    for (const call of [() => store.revoke(revocation('after')), () => store.ping()]) {
      const error: unknown = await call().catch((one: unknown) => one)
      expect(error).toMatchObject({ message: expect.stringMatching(FORGETFUL) })
      expect(isOutage(error)).toBe(true)
    }
    expect((await store.readSince(0, 10)).entries.map(({ key }) => key)).not.toContain('after')
    // Mended without a restart of ours.
    await set('appendonly', 'yes')
    await store.revoke(revocation('after'))
    await store.ping()
    expect(await store.isRevoked(identity({ sid: 'after' }))).toBe(true)
  })

  test('OPS-02: is looked at by whoever asks whether the store is ready', async () => {
    await set('maxmemory-policy', 'allkeys-lru')
    await expect(store.ping()).rejects.toThrow(EVICTING)
    await expect(store.revoke(revocation('after'))).rejects.toThrow(EVICTING)
    expect(await store.isRevoked(identity({ sid: 'before' }))).toBe(true)
    await set('maxmemory-policy', 'noeviction')
    await store.revoke(revocation('after'))
  })

  test('OPS-02: may be what was accepted, over a new connection too', async () => {
    await store.close()
    store = await redis(url, { accept: ['no-persistence'] })
    await set('appendonly', 'no')
    await killAll()
    await recovery(() => store.ping())
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.revoke(revocation(`${index}`))))
    expect((await store.readSince(0, 100)).entries).toHaveLength(21)
  })
})
