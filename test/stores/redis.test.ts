import { afterAll, beforeAll, describe } from 'vitest'
import { redis } from '../../src/stores/redis.ts'
import { isSkipped } from '../harness/debian.ts'
import { REDIS, startRedis } from '../harness/redis.ts'
import { BEGINNING, keepsTheContract } from './contract.ts'

describe.skipIf(isSkipped(REDIS))('redis() with several handles on one server', () => {
  let server: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    // Nothing here ends the server; waiting for the disk some thousand times would say nothing more.
    server = await startRedis()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  keepsTheContract(
    async () => {
      const url = await server.database()
      return {
        open: (clock) => redis(url, { clockShift: () => clock() - BEGINNING, commandTimeout: 10_000 }),
      }
    },
    { drift: 5000 },
  )
})
