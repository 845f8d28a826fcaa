import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { Revocation } from '../../src/core/blocklist.ts'
import type { Store } from '../../src/core/store.ts'
import { type PostgresOptions, postgres } from '../../src/stores/postgres.ts'
import { ISSUER } from '../../src/testing/clause.ts'
import { type PostgresServerOptions, startOwnPostgres } from '../harness/postgres.ts'
import type { Service } from '../harness/service.ts'

/** Long, for tests that are not about time: a busy machine takes its own. */
export const PATIENT: PostgresOptions = { connectTimeout: 15_000, commandTimeout: 15_000 }
/** Short, for those that are. */
export const LIMITS: PostgresOptions = { connectTimeout: 300, commandTimeout: 300 }

export const revocation = (sid: string): Revocation => ({
  kind: 'session',
  issuer: ISSUER,
  sid,
  retention: 1000,
})

/** What tests of one file share. */
export interface OwnPostgres {
  readonly server: Service
  /** Of a database that is the test's own. */
  readonly url: string
  withStore(work: (store: Store) => Promise<void>, options?: PostgresOptions): Promise<void>
}

/** A server for the tests of a file, with a database for each. */
export function usesOwnPostgres(options?: PostgresServerOptions): OwnPostgres {
  let server: Service | undefined
  let url = ''
  beforeAll(async () => {
    server = await startOwnPostgres(options)
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    url = (await server?.database()) ?? ''
  })
  return {
    get server() {
      return server as Service
    },
    get url() {
      return url
    },
    async withStore(work, settings = PATIENT) {
      const store = await postgres(url, settings)
      try {
        await work(store)
      } finally {
        await store.close()
      }
    },
  }
}

/** Milliseconds until a call succeeds, tried over and over. */
export async function recovery(call: () => Promise<unknown>, limit = 15_000): Promise<number> {
  const before = performance.now()
  for (;;) {
    try {
      await call()
      return performance.now() - before
    } catch (error) {
      expect(performance.now() - before, String(error)).toBeLessThan(limit)
      await sleep(20)
    }
  }
}

/** Waits until a count is what it should be. */
export async function reaches(count: () => number | Promise<number>, expected: number): Promise<void> {
  const deadline = performance.now() + 15_000
  while ((await count()) !== expected && performance.now() < deadline) await sleep(10)
  expect(await count()).toBe(expected)
}
