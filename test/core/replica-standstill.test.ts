import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Replica } from '../../src/core/replica/replica.ts'
import type { Store } from '../../src/core/store.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { redis } from '../../src/stores/redis.ts'
import { isSkipped } from '../harness/debian.ts'
import { testLog } from '../harness/instance.ts'
import { OWN_POSTGRES, startPostgres } from '../harness/postgres.ts'
import { REDIS, startRedis } from '../harness/redis.ts'
import { endSession, token } from '../harness/replica.ts'

/** Longer than a store waits for an answer. */
const STANDSTILL = 1500

/** Computes for a while and does nothing else, as a page of a heavy report may. */
function standStill(): void {
  const end = performance.now() + STANDSTILL
  while (performance.now() < end);
}

const STORES = [
  { name: 'redis', program: REDIS, start: startRedis, open: (url: string): Promise<Store> => redis(url) },
  {
    name: 'postgres',
    program: OWN_POSTGRES,
    start: startPostgres,
    open: (url: string): Promise<Store> => postgres(url),
  },
] as const

describe.each(STORES.filter(({ program }) => !isSkipped(program)))('over $name', ({ start, open }) => {
  let server: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  describe.each([0, 500])('REV-14: a process that stood still, with a maxStaleness of %s', (maxStaleness) => {
    const opened = async () => {
      const store = await open(await server.database())
      const replica = new Replica(store, {
        maxStaleness,
        callbackTimeout: 2000,
        logger: testLog(),
        clock: Date.now,
        monotonic: () => performance.now(),
        random: randomBytes,
      })
      onTestFinished(async () => {
        replica.stop()
        await store.close()
      })
      await replica.ready()
      return { store, replica }
    }

    test('answers the first check after', async () => {
      const { store, replica } = await opened()
      await endSession(store, 'session-2')
      standStill()
      const answers = ['session-1', 'session-2'].map((sid) => replica.isRevoked(token({ sid })))
      expect(await Promise.all(answers)).toEqual([false, true])
    })

    test.each([0, 130])('answers a check that waited for %s ms before', async (lead) => {
      const { store, replica } = await opened()
      await endSession(store, 'session-2')
      // Nothing is read meanwhile, so that the next check has to wait.
      standStill()
      const before = replica.isRevoked(token())
      if (lead > 0) await sleep(lead)
      standStill()
      const later = replica.isRevoked(token({ sid: 'session-2' }))
      expect(await Promise.all([before, later])).toEqual([false, true])
    })
  })
})
