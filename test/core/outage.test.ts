import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ask } from '../../src/core/availability.ts'
import { loggable } from '../../src/core/logger.ts'
import { isOutage } from '../../src/core/outage.ts'
import { testLog } from '../harness/instance.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const refused = () =>
  Promise.reject(Object.assign(new Error('redis cache:6379: refused'), { code: 'ECONNREFUSED' }))

function open() {
  const log = testLog()
  const asking = (question: () => unknown) =>
    ask(question, 'the blocklist', { callbackTimeout: 50, logger: log })
  return { log, asking }
}

describe('OPS-10: an outage', () => {
  test('OPS-10: is logged once when it begins and once when it is over, with how many it cost', async () => {
    const { log, asking } = open()
    for (let index = 0; index < 100; index += 1) await asking(refused)
    await asking(async () => true)
    await asking(refused)
    expect(log.lines).toEqual([
      expect.stringMatching(/^error the blocklist failed; requests are refused until it answers/),
    ])
    expect(log.lines[0]).toContain('redis cache:6379: refused')
    expect(log.lines[0]).not.toContain('    at ')
    await asking(async () => true)
    vi.advanceTimersByTime(1000)
    expect(log.lines[1]).toMatch(/^warn the blocklist answers again; requests that were refused: 101/)
    await asking(async () => true)
    vi.advanceTimersByTime(10_000)
    expect(log.lines).toHaveLength(2)
    await asking(refused)
    expect(log.lines).toHaveLength(3)
  })

  test('OPS-10: silence is one too, and another cause is another thing to tell', async () => {
    const { log, asking } = open()
    const silent = asking(() => new Promise(() => undefined))
    vi.advanceTimersByTime(50)
    await silent
    await asking(refused)
    expect(log.lines).toEqual([
      expect.stringContaining('no answer within 50 ms'),
      expect.stringContaining('refused'),
    ])
  })

  test('OPS-10: a mistake in code is none: each is logged, with its stack', async () => {
    const { log, asking } = open()
    const mistaken = () => (undefined as unknown as { a: { b: string } }).a.b
    await asking(mistaken)
    await asking(async () => mistaken())
    expect(log.lines).toHaveLength(2)
    for (const line of log.lines)
      expect(line).toMatch(/^error the blocklist failed; the request is refused.*outage.test/s)
  })
})

test.each([
  ['a system', Object.assign(new Error('x'), { code: 'ETIMEDOUT' }), true],
  [
    'a system behind it',
    new Error('x', { cause: Object.assign(new Error('y'), { code: 'ECONNRESET' }) }),
    true,
  ],
  ['PostgreSQL', Object.assign(new Error('permission denied'), { code: '42501' }), true],
  [
    'Redis',
    new Error("redis cache:6379: NOPERM this user has no permissions to run the 'hset' command"),
    true,
  ],
  ['SQLite', Object.assign(new Error('locked'), { code: 'SQLITE_BUSY' }), true],
  ['Node', Object.assign(new TypeError('x'), { code: 'ERR_INVALID_ARG_TYPE' }), false],
  ['code of yours', new Error('no user'), false],
  ['no error', 'ECONNREFUSED', false],
])('what %s says is an outage or not: %o, %s', (_, error, expected) => {
  expect(isOutage(error)).toBe(expected)
  if (error instanceof Error) expect('stack' in (loggable(error) as object)).toBe(!expected)
})
