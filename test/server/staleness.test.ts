import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../../src/server/environment.ts'
import { startApp } from '../harness/app.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_REDIS, startOwnRedis } from '../harness/redis.ts'

const PRODUCTION = { NODE_ENV: 'production', AUTHX_SECRET: 'k7Qm2Zs9Xv4Bn8Lp1Rt6Yw3Hd5Gf0Jc2' }

describe('a database in memory', () => {
  it.each(['memory:', 'sqlite::memory:'])(
    'OPS-05: serves in production only where that is said: %s',
    (url) => {
      const environment = { ...PRODUCTION, AUTHX_DATABASE_URL: url }
      expect(() => readEnvironment(environment)).toThrow(
        /AUTHX_DATABASE_URL: in production .* AUTHX_ALLOW_MEMORY=true$/,
      )
      expect(readEnvironment({ ...environment, AUTHX_ALLOW_MEMORY: 'true' }).databaseUrl).toBe(url)
      expect(readEnvironment({ ...environment, NODE_ENV: 'development' }).databaseUrl).toBe(url)
    },
  )
})

describe.skipIf(isSkipped(OWN_REDIS))('a server whose store is across a network', () => {
  it('OPS-07, OPS-10, REV-12: is ready while its copy of the revocations holds, and tells how that fares', async () => {
    await using server = await startOwnRedis()
    await using app = await startApp({ database: await server.database() })
    const ready = async () => (await fetch(new URL('/ready', app.url))).status
    await expect.poll(ready, { timeout: 10_000 }).toBe(200)
    server.freeze()
    await expect.poll(ready, { timeout: 20_000, interval: 200 }).toBe(503)
    expect((await fetch(new URL('/health', app.url))).status).toBe(200)
    expect(await (await fetch(new URL('/ready', app.url))).text()).toBe('not ready\n')
    server.thaw()
    await expect.poll(ready, { timeout: 20_000, interval: 200 }).toBe(200)
    const text = await (await fetch(new URL('/metrics', app.url))).text()
    for (const name of [
      'age_seconds',
      'entries',
      'polls_total',
      'failed_polls_total',
      'waits_total',
      'refusals_total',
    ]) {
      expect(text).toMatch(new RegExp(`^authx_replica_${name}[{ ]`, 'm'))
    }
    expect(Number(/^authx_replica_failed_polls_total\S* (\d+)/m.exec(text)?.[1])).toBeGreaterThan(0)
  })

  it('REV-13, REV-14: answers 503 within the time limit while it is stopped, never 200 for a revoked token', async () => {
    await using server = await startOwnRedis()
    await using app = await startApp({ database: await server.database() })
    const token = await app.authx.createAccessToken({ sub: 'ada' })
    const revoked = await app.authx.createAccessToken({ sub: 'bert' })
    const ask = async (bearer: string) => {
      const began = performance.now()
      const { status } = await app.send({ query: '{ profile }' }, { authorization: `Bearer ${bearer}` })
      return { status, took: performance.now() - began }
    }
    await expect.poll(async () => (await ask(token)).status, { timeout: 10_000 }).toBe(200)
    await app.authx.revoke({ token: revoked })
    server.freeze()
    const statuses = new Set<number>()
    for (const until = performance.now() + 3000; performance.now() < until; ) {
      const [good, bad] = await Promise.all([ask(token), ask(revoked)])
      statuses.add(good.status)
      expect(bad.status).toBe(401)
      expect(good.took).toBeLessThan(5000)
    }
    expect(statuses).toContain(503)
    server.thaw()
    await expect.poll(async () => (await ask(token)).status, { timeout: 10_000 }).toBe(200)
    expect((await ask(revoked)).status).toBe(401)
  })
})
