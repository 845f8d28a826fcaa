import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AccessClaims } from '../../src/core/claims.ts'
import { Codec } from '../../src/core/codec.ts'
import { Expiries } from '../../src/core/expiries.ts'
import { TokenIssuer } from '../../src/core/issuer.ts'
import type { Refusal } from '../../src/core/refusal.ts'
import { RevocationCheck, type Verified } from '../../src/core/revocation.ts'
import { TokenWatch } from '../../src/core/token-watch.ts'
import { settableClock } from '../harness/clock.ts'
import { testSettings } from '../harness/instance.ts'

/** Everything that waits here is followed, and what it was told. */
function follow(options: Parameters<typeof testSettings>[0] = {}) {
  const settings = testSettings({ accessTokenTtl: 900, leeway: 5, ...options })
  const codec = new Codec(settings)
  const issuer = new TokenIssuer(settings, codec)
  const revocation = new RevocationCheck(settings)
  const ends = new TokenWatch({ settings, revocation, replica: undefined })
  const told: string[] = []
  return {
    settings,
    revocation,
    ends,
    told,
    async hold(
      name: string,
      input: { sub: string; sid?: string },
    ): Promise<Verified & { leave: () => void }> {
      const epoch = await settings.blocklist.readEpoch('', input.sub)
      const token = issuer.access(input, epoch)
      const verified = codec.verify(token) as { claims: AccessClaims; header: Verified['header'] }
      const held = { ...verified, request: { token, location: undefined } }
      const leave = ends.onEnd(held, {}, ({ reason }: Refusal) => told.push(`${name}: ${reason}`))
      return { ...held, leave }
    },
  }
}

const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), 2000)

describe('whoever goes on by a token', () => {
  test('is told once that its session, the token itself, or all of its subject was revoked; nobody else is', async () => {
    const { ends, settings, told, hold } = follow()
    const one = await hold('session', { sub: 'ada', sid: 'a' })
    await hold('same session', { sub: 'ada', sid: 'a' })
    await hold('other session', { sub: 'ada', sid: 'b' })
    const token = await hold('token', { sub: 'bob', sid: 'c' })
    await hold('its session', { sub: 'bob', sid: 'c' })
    await settings.blocklist.revoke({ kind: 'session', issuer: '', sid: one.claims.sid, retention: 900 })
    await until(() => told.length === 2)
    expect(told).toEqual(['session: TOKEN_REVOKED', 'same session: TOKEN_REVOKED'])
    await settings.blocklist.revoke({
      kind: 'token',
      issuer: '',
      jti: token.claims.jti,
      expiresAt: token.claims.exp,
    })
    await until(() => told.length === 3)
    expect(told.at(-1)).toBe('token: TOKEN_REVOKED')
    await settings.blocklist.revoke({ kind: 'subject', issuer: '', sub: 'ada', retention: 900 })
    // Made after that, and held before the log tells of it.
    const later = await hold('later', { sub: 'ada' })
    await until(() => told.length >= 4)
    await settings.blocklist.revoke({ kind: 'session', issuer: '', sid: 'x', retention: 900 })
    expect(told.slice(3)).toEqual(['other session: TOKEN_REVOKED'])
    expect(ends.size).toBe(2)
    later.leave()
    later.leave()
    expect(ends.size).toBe(1)
    ends.stop()
  })

  test('is told before it waits, where the log said so since the check', async () => {
    const { ends, settings, told, hold } = follow()
    const first = await hold('first', { sub: 'ada', sid: 'a' })
    await settings.blocklist.revoke({ kind: 'session', issuer: '', sid: 'a', retention: 900 })
    await until(() => told.length === 1)
    ends.onEnd(first, {}, ({ reason }) => told.push(`second: ${reason}`))
    expect(told).toEqual(['first: TOKEN_REVOKED', 'second: TOKEN_REVOKED'])
    expect(ends.size).toBe(0)
    ends.stop()
  })

  test('who fails at hearing it keeps nobody else from it', async () => {
    const { ends, settings, told, hold } = follow()
    const held = await hold('one', { sub: 'ada', sid: 'a' })
    ends.onEnd(held, {}, () => {
      throw new Error('deaf')
    })
    await hold('other', { sub: 'ada', sid: 'a' })
    await settings.blocklist.revoke({ kind: 'session', issuer: '', sid: 'a', retention: 900 })
    await until(() => told.length === 2)
    ends.stop()
  })

  test('is told by a callback that changes its mind, asked once for each token and interval', async () => {
    const { ends, revocation, told, hold } = follow({ callbackInterval: 100 })
    let asked = 0
    let answer: boolean | Error = false
    revocation.callback = async () => {
      asked += 1
      if (answer instanceof Error) throw answer
      return answer
    }
    const held = await hold('one', { sub: 'ada' })
    ends.onEnd(held, {}, ({ reason }) => told.push(`other: ${reason}`))
    await until(() => asked >= 1)
    answer = new Error('nobody knows')
    await until(() => asked >= 3)
    expect(told).toEqual([])
    answer = true
    await until(() => told.length === 2)
    expect(told).toEqual(['one: TOKEN_REVOKED', 'other: TOKEN_REVOKED'])
    const before = asked
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(asked).toBe(before)
    ends.stop()
  })

  test('is told by a callback that was set later', async () => {
    const { ends, revocation, told, hold } = follow({ callbackInterval: 100 })
    await hold('one', { sub: 'ada' })
    revocation.callback = () => true
    await until(() => told.length === 1)
    expect(told).toEqual(['one: TOKEN_REVOKED'])
    ends.stop()
  })

  test('hears nothing once the instance is closed', async () => {
    const { ends, settings, told, hold } = follow()
    await hold('one', { sub: 'ada', sid: 'a' })
    ends.stop()
    await settings.blocklist.revoke({ kind: 'session', issuer: '', sid: 'a', retention: 900 })
    await hold('late', { sub: 'ada', sid: 'a' })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(told).toEqual([])
  })
})

describe('an expiry', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function watch() {
    const expired: string[] = []
    const expiries = new Expiries<string>({ clock: () => Date.now(), expired: (item) => expired.push(item) })
    const start = Math.floor(Date.now() / 1000)
    return { expired, expiries, start }
  }

  test('is told in its second, in order, however they were added; what was taken back is not', () => {
    const { expired, expiries, start } = watch()
    expiries.add('late', start + 60)
    expiries.add('soon', start + 10)
    expiries.add('never', start + 10)
    expiries.add('between', start + 30)
    expiries.remove('never', start + 10)
    vi.advanceTimersByTime(9000)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual(['soon'])
    vi.advanceTimersByTime(50_000)
    expect(expired).toEqual(['soon', 'between', 'late'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('one beyond 2^31 milliseconds waits for its time, and not for none', () => {
    const { expired, expiries, start } = watch()
    const days = 60 * 86_400
    expiries.add('far', start + days)
    vi.advanceTimersByTime(1000)
    expect(expired).toEqual([])
    vi.advanceTimersByTime((days - 2) * 1000)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(2000)
    expect(expired).toEqual(['far'])
  })

  test('is of no use when nothing is left: no timer runs', () => {
    const { expiries, start } = watch()
    expiries.add('one', start + 10)
    expiries.remove('one', start + 10)
    expect(vi.getTimerCount()).toBe(0)
    expiries.add('two', start + 10)
    expect(vi.getTimerCount()).toBe(1)
    expiries.stop()
  })

  test('goes by the clock that is given: one that stands still does not make it ring early', () => {
    const clock = settableClock()
    const expired: string[] = []
    const expiries = new Expiries<string>({ clock, expired: (item) => expired.push(item) })
    expiries.add('one', Math.floor(clock() / 1000) + 2)
    vi.advanceTimersByTime(5000)
    expect(expired).toEqual([])
    clock.advance(3)
    vi.advanceTimersByTime(3000)
    expect(expired).toEqual(['one'])
  })
})
