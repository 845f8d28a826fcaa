import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AttemptCounter, Attempts } from '../../src/core/attempts.ts'
import { redisAttempts } from '../../src/stores/redis/attempts.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_REDIS, startOwnRedis } from '../harness/redis.ts'
import type { Service } from '../harness/service.ts'

const times = (count: number) => Array.from({ length: count }, (_, index) => index)

async function letThrough(counter: AttemptCounter, tries: number): Promise<number> {
  const spent = await Promise.all(times(tries).map(() => counter.spend('ada')))
  return spent.filter((one) => 'refund' in one).length
}

// Redis keeps the time, so these wait for it.
describe.skipIf(isSkipped(OWN_REDIS))('a counter of tries in redis', () => {
  let server: Service
  beforeAll(async () => {
    server = await startOwnRedis({ appendfsync: 'no' })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  async function withCounters(
    window: number,
    work: (counter: AttemptCounter, other: AttemptCounter, attempts: Attempts) => Promise<void>,
  ): Promise<void> {
    const url = await server.database()
    const [one, other] = [await redisAttempts(url), await redisAttempts(url)]
    const allowance = { name: 'test', tries: 5, window }
    try {
      await work(one.counter(allowance), other.counter(allowance), one)
    } finally {
      await Promise.all([one.close(), other.close()])
    }
  }

  test('LOG-04: lets through as many as there are, over all processes, and one more for each that is given back, once', () =>
    withCounters(60, async (counter, other) => {
      const spent = await Promise.all(times(3).map(() => counter.spend('ada')))
      for (const round of [1, 2]) {
        for (const one of spent) if ('refund' in one && round > 0) await one.refund()
      }
      const both = await Promise.all([letThrough(counter, 20), letThrough(other, 20)])
      expect(both[0] + both[1]).toBe(5)
      expect(await other.taken('ada')).toBe(5)
      const { wait } = await other.spend('ada')
      expect(wait).toBeGreaterThan(55_000)
      expect(wait).toBeLessThanOrEqual(60_000)
      expect(await counter.taken('bert')).toBe(0)
    }))

  test('LOG-04: begins anew when the window is over, and gives nothing back to the next', () =>
    withCounters(1, async (counter) => {
      const spent = await Promise.all(times(5).map(() => counter.spend('ada')))
      expect(await letThrough(counter, 1)).toBe(0)
      await sleep(1100)
      expect(await counter.taken('ada')).toBe(0)
      expect(await letThrough(counter, 1)).toBe(1)
      await sleep(1100)
      for (const one of spent) if ('refund' in one) await one.refund()
      expect(await counter.taken('ada')).toBe(0)
      expect(await letThrough(counter, 20)).toBe(5)
    }))

  test('begins a window with one try taken, and keeps names apart', () =>
    withCounters(60, async (counter, _other, attempts) => {
      await letThrough(counter, 5)
      await counter.restart('ada')
      expect(await counter.taken('ada')).toBe(1)
      expect(await letThrough(attempts.counter({ name: 'else', tries: 2, window: 60 }), 9)).toBe(2)
    }))

  test('OPS-01: rejects in time while the server is stopped, and once it is closed', async () => {
    const attempts = await redisAttempts(await server.database(), { commandTimeout: 300 })
    const counter = attempts.counter({ name: 'test', tries: 5, window: 60 })
    server.freeze()
    const before = performance.now()
    await expect(counter.spend('ada')).rejects.toThrow(/^redis 127\.0\.0\.1:\d+: /)
    expect(performance.now() - before).toBeLessThan(5000)
    server.thaw()
    await expect
      .poll(() => counter.taken('ada').catch(() => -1), { timeout: 10_000 })
      .toBeGreaterThanOrEqual(0)
    await attempts.close()
    await expect(counter.spend('ada')).rejects.toThrow(/^redis /)
  })
})
