import { readFile } from 'node:fs/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Claims } from '../../src/core/claims.ts'
import type { Codec } from '../../src/core/codec.ts'
import { Refusal } from '../../src/core/refusal.ts'
import type { Liveness, TokenBlocklistCallback, Verified } from '../../src/core/revocation.ts'
import { cases } from '../harness/cases.ts'
import { openEngine, type TestEngine } from '../harness/engine.ts'
import { ACCESS, forge } from '../harness/forge.ts'

const TOKEN = forge()

afterEach(() => {
  vi.useRealTimers()
})

function verified(codec: Codec): Verified {
  const token = codec.verify(TOKEN)
  if (token instanceof Refusal) throw new TypeError(`a good token was expected, not ${token.reason}`)
  return { ...token, request: { token: TOKEN, location: 'headers' } }
}

/** What a check with this callback says: the reason, or `live`. */
async function outcome(callback: unknown): Promise<{ readonly answer: string; readonly engine: TestEngine }> {
  const engine = openEngine({}, callback as TokenBlocklistCallback)
  return { answer: nameOf(await engine.revocation.ask(verified(engine.codec), undefined)), engine }
}

const nameOf = (live: Liveness): string => (live === true ? 'live' : live.reason)

/** A Promises/A+ thenable that is no promise: an object, or a function as mocks and query builders are. */
const thenable = (value: unknown, holder: object = {}): unknown =>
  // biome-ignore lint/suspicious/noThenProperty: the subject of the test
  Object.assign(holder, { then: (resolve: (value: unknown) => void) => resolve(value) })

test('S39: the callback gets the text first, and what was verified second', async () => {
  const callback = vi.fn(() => false)
  const { codec, revocation } = openEngine({}, callback)
  const context = { request: 1 }
  await revocation.ask(verified(codec), context)
  expect(callback.mock.calls).toEqual([
    [
      TOKEN,
      {
        claims: ACCESS,
        header: { alg: 'HS256', typ: 'at+jwt', kid: 'default' },
        type: 'access',
        location: 'headers',
        context,
      },
    ],
  ])
})

describe('the answer', () => {
  const wrappers: Record<string, (value: unknown) => unknown> = {
    'a value': (value) => value,
    'a promise': (value) => Promise.resolve(value),
    'a thenable object': thenable,
    'a thenable function': (value) => thenable(value, () => {}),
    'a promise of a promise': (value) => Promise.resolve(thenable(value)),
  }

  test.each(Object.entries(wrappers))('S33, S35: may be %s', async (_, wrap) => {
    expect((await outcome(() => wrap(false))).answer).toBe('live')
    expect((await outcome(() => wrap(true))).answer).toBe('TOKEN_REVOKED')
    expect((await outcome(() => wrap('no'))).answer).toBe('REVOCATION_UNAVAILABLE')
  })

  test.each(cases(undefined, null, 0, 1, '', 'yes', 'false', {}, [], Number.NaN, () => false))(
    'S32: %o is none, and refuses',
    async (value) => {
      for (const callback of [() => value, async () => value]) {
        const { answer, engine } = await outcome(callback)
        expect(answer).toBe('REVOCATION_UNAVAILABLE')
        expect(engine.log.lines).toEqual([
          `error the token blocklist callback must answer true or false; the request is refused {"answered":"${typeof value}"}`,
        ])
      }
    },
  )

  test('an answer that is there at once stays synchronous', () => {
    const { codec, revocation } = openEngine({}, () => false)
    expect(revocation.ask(verified(codec), undefined)).toBe(true)
  })
})

describe('a callback that fails', () => {
  const broken = new Error(`cannot look up ${TOKEN}`, { cause: new Error(`for ${TOKEN}`) })
  const failures: Record<string, () => unknown> = {
    throws: () => {
      throw broken
    },
    'throws no error': () => {
      throw `cannot look up ${TOKEN}`
    },
    rejects: () => Promise.reject(broken),
    'rejects by a thenable': () => {
      // biome-ignore lint/suspicious/noThenProperty: the subject of the test
      return { then: (_: unknown, reject: (error: unknown) => void) => reject(broken) }
    },
    'has a then that throws': () => ({
      // biome-ignore lint/suspicious/noThenProperty: the subject of the test
      get then() {
        throw broken
      },
    }),
  }

  test.each(Object.entries(failures))(
    'S36: one that %s refuses, and its cause is logged without the token',
    async (_, fail) => {
      const { answer, engine } = await outcome(fail)
      expect(answer).toBe('REVOCATION_UNAVAILABLE')
      expect(engine.log.lines).toHaveLength(1)
      expect(engine.log.lines[0]).toMatch(
        /^error the token blocklist callback failed; the request is refused/,
      )
      expect(engine.log.lines[0]).toContain('cannot look up [token removed]')
      expect(engine.log.lines[0]).not.toContain(TOKEN.split('.')[1])
      expect(engine.store.calls).toEqual([])
    },
  )

  test('one that stays silent refuses after callbackTimeout, not before', async () => {
    vi.useFakeTimers()
    const { codec, revocation, log } = openEngine(
      { callbackTimeout: 50 },
      () => new Promise<boolean>(() => {}),
    )
    const settled = vi.fn()
    void Promise.resolve(revocation.ask(verified(codec), undefined)).then(settled)
    await vi.advanceTimersByTimeAsync(49)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled.mock.calls).toMatchObject([
      [{ code: 'SERVICE_UNAVAILABLE', reason: 'REVOCATION_UNAVAILABLE' }],
    ])
    expect(log.lines[0]).toContain('no answer within 50 ms')
  })

  test('REV-14: one whose answer came while this process stood still is heard', async () => {
    const { codec, revocation } = openEngine({ callbackTimeout: 400 }, async () => {
      await readFile(import.meta.filename)
      return false
    })
    const answer = revocation.ask(verified(codec), undefined)
    const end = performance.now() + 600
    while (performance.now() < end);
    expect(await answer).toBe(true)
  })

  test('one that answers in time leaves no timer behind', async () => {
    vi.useFakeTimers()
    await outcome(async () => false)
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each(['rejection', 'answer'])(
    'a late %s changes nothing, and is no unhandled rejection',
    async (late) => {
      vi.useFakeTimers()
      const unhandled = vi.fn()
      process.on('unhandledRejection', unhandled)
      let resolve = (_isRevoked: boolean): void => {}
      let reject = (_error: Error): void => {}
      const promise = new Promise<boolean>((...settle) => {
        ;[resolve, reject] = settle
      })
      const { codec, revocation, log } = openEngine({ callbackTimeout: 50 }, () => promise)
      const answer = revocation.ask(verified(codec), undefined)
      await vi.advanceTimersByTimeAsync(50)
      if (late === 'answer') resolve(false)
      else reject(new Error('late'))
      vi.useRealTimers()
      // Node reports unhandled rejections before the next turn of the loop.
      await new Promise((done) => setImmediate(done))
      process.off('unhandledRejection', unhandled)
      expect(nameOf(await answer)).toBe('REVOCATION_UNAVAILABLE')
      expect([unhandled.mock.calls, log.lines.length]).toEqual([[], 1])
    },
  )
})

describe('callback and blocklist', () => {
  test('REV-20: the callback comes first, and the blocklist is not asked where it refuses', async () => {
    const order: string[] = []
    const ask = async (isRevoked: unknown): Promise<readonly string[]> => {
      order.length = 0
      const callback = async (): Promise<boolean> => {
        order.push('callback')
        return isRevoked as boolean
      }
      const { codec, revocation, store } = openEngine({}, callback)
      const answer = await revocation.ask(verified(codec), undefined)
      return [...order, ...store.calls, nameOf(answer)]
    }
    expect(await ask(false)).toEqual(['callback', 'isRevoked', 'live'])
    expect(await ask(true)).toEqual(['callback', 'TOKEN_REVOKED'])
    expect(await ask('no')).toEqual(['callback', 'REVOCATION_UNAVAILABLE'])
  })

  test('both count: what either of them revokes is revoked', async () => {
    const { codec, revocation, settings } = openEngine({}, () => false)
    await settings.blocklist.revoke({
      kind: 'session',
      issuer: '',
      sid: (ACCESS as Claims).sid,
      retention: 60,
    })
    expect(await revocation.ask(verified(codec), undefined)).toMatchObject({ reason: 'TOKEN_REVOKED' })
  })

  test.each<[string, () => unknown]>([
    ['answers nothing', () => undefined],
    ['answers 0', async () => 0],
    ['throws', failing],
    ['rejects', async () => failing()],
  ])('REV-13: a blocklist that %s refuses', async (_, isRevoked) => {
    const { settings, store } = openEngine()
    const blocklist = Object.assign(Object.create(store), { isRevoked }) as typeof settings.blocklist
    const { codec, revocation, log } = openEngine({ blocklist })
    expect(await revocation.ask(verified(codec), undefined)).toMatchObject({
      reason: 'REVOCATION_UNAVAILABLE',
    })
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toMatch(/^error the blocklist /)
  })
})

function failing(): never {
  throw new Error('the store is down')
}
