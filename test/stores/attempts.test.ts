import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AttemptCounter, Attempts } from '../../src/core/attempts.ts'
import { memoryAttempts } from '../../src/stores/memory/attempts.ts'
import { postgresAttempts } from '../../src/stores/postgres/attempts.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { sqliteAttempts } from '../../src/stores/sqlite/attempts.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { isSkipped } from '../harness/debian.ts'
import { POSTGRES, startPostgres } from '../harness/postgres.ts'
import { PATIENT } from './postgres-steps.ts'
import { temporaryFolder } from './processes.ts'

const ALLOWANCE = { name: 'test', tries: 5, window: 60 }

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_750_000_000_321 }))
afterEach(() => void vi.useRealTimers())

const range = (length: number) => Array.from({ length }, (_, index) => index)

/** How many of so many tries are let through. */
async function letThrough(counter: AttemptCounter, tries: number): Promise<number> {
  const spent = await Promise.all(range(tries).map(() => counter.spend('ada')))
  return spent.filter((one) => 'refund' in one).length
}

async function refundAll(spent: Awaited<ReturnType<AttemptCounter['spend']>>[]): Promise<void> {
  for (const one of spent) if ('refund' in one) await one.refund()
}

let server: Awaited<ReturnType<typeof startPostgres>> | undefined
beforeAll(async () => {
  if (!isSkipped(POSTGRES)) server = await startPostgres({ fsync: false })
})
afterAll(() => server?.[Symbol.asyncDispose]())

async function openAttempts(kind: string, file: string): Promise<Attempts> {
  if (kind === 'memory') return memoryAttempts()
  if (kind === 'sqlite') {
    await (await sqlite(file)).close()
    return sqliteAttempts(file)
  }
  const url = (await server?.database()) ?? ''
  await (await postgres(url, PATIENT)).close()
  return postgresAttempts(url, PATIENT)
}

async function withAttempts(kind: string, work: (counter: AttemptCounter) => Promise<void>): Promise<void> {
  using folder = temporaryFolder()
  const attempts = await openAttempts(kind, folder.file('a.db'))
  try {
    await work(attempts.counter(ALLOWANCE))
  } finally {
    await attempts.close()
  }
}

const KINDS = ['memory', 'sqlite', 'postgres']

describe.each(KINDS)('a counter of tries in %s', (kind) => {
  beforeEach(({ skip }) => skip(kind === 'postgres' && isSkipped(POSTGRES), 'there is no PostgreSQL'))

  test('LOG-04: lets through as many as there are, and one more for each that is given back, once', () =>
    withAttempts(kind, async (counter) => {
      const spent = await Promise.all(range(3).map(() => counter.spend('ada')))
      await refundAll(spent)
      await refundAll(spent)
      expect(await letThrough(counter, 20)).toBe(5)
      expect(await letThrough(counter, 20)).toBe(0)
      expect(await counter.spend('ada')).toEqual({ wait: 60_000 })
    }))

  test.each([0, 1, 59_999])('LOG-04: gives nothing back to the window after, %i ms into it', (into) =>
    withAttempts(kind, async (counter) => {
      const spent = await Promise.all(range(5).map(() => counter.spend('ada')))
      vi.advanceTimersByTime(60_000)
      const next = await counter.spend('ada')
      vi.advanceTimersByTime(into)
      await refundAll(spent)
      expect(await counter.taken('ada')).toBe(1)
      expect('refund' in next && (await letThrough(counter, 20))).toBe(4)
    }),
  )

  test('LOG-04: begins no window by giving back', () =>
    withAttempts(kind, async (counter) => {
      const spent = await Promise.all(range(5).map(() => counter.spend('ada')))
      vi.advanceTimersByTime(60_000)
      await refundAll(spent)
      expect(await counter.taken('ada')).toBe(0)
      expect(await letThrough(counter, 20)).toBe(5)
    }))
})

test('OPS-01: a counter in postgres rejects when its server is not there, without a key or a password', async () => {
  const attempts = postgresAttempts('postgres://ada:not-for-messages@127.0.0.1:1/db')
  const counter = attempts.counter(ALLOWANCE)
  for (const call of [counter.spend('a-key'), counter.restart('a-key'), counter.taken('a-key')]) {
    const error: unknown = await call.catch((one: unknown) => one)
    expect(String(error)).toMatch(/^Error: postgres 127\.0\.0\.1:1\/db: .*ECONNREFUSED/)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-for-messages|a-key/)
  }
  await attempts.close()
})
