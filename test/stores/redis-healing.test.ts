import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import { redis } from '../../src/stores/redis.ts'
import { clockOf, ISSUER, identity, readLog } from '../../src/testing/clause.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { command, OWN_REDIS, startOwnRedis } from '../harness/redis.ts'
import type { Service } from '../harness/service.ts'

/** A store, what an operator does to its keys, and the clock. */
interface Bench {
  readonly store: Store
  /** A command; `$` stands for the prefix of the store's keys. */
  byHand(...words: string[]): Promise<unknown>
  /** One that has just been opened, as by a process that starts now. */
  another(): Promise<Store>
  advance(milliseconds: number): void
}

const session = (sid: string, retention = 1000) =>
  ({ kind: 'session', issuer: ISSUER, sid, retention }) as const
const subject = (sub: string, retention = 1000) =>
  ({ kind: 'subject', issuer: ISSUER, sub, retention }) as const

describe.skipIf(isSkipped(OWN_REDIS))('redis() whose keys were changed by hand', () => {
  let server: Service
  beforeAll(async () => {
    server = await startOwnRedis({ appendfsync: 'no' })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
    const url = await server.database()
    const prefix = `{${new URL(url).searchParams.get('prefix')}}:`
    const opened: Store[] = []
    let shift = 0
    const another = async () => {
      const store = await redis(url, { clockShift: () => shift, commandTimeout: 20_000 })
      opened.push(store)
      return store
    }
    try {
      await work({
        store: await another(),
        another,
        byHand: (...words) =>
          command(url.replace(/\?.*$/, ''), ...words.map((word) => word.replace(/^\$/, prefix))),
        advance: (milliseconds) => {
          shift += milliseconds
        },
      })
    } finally {
      await Promise.all(opened.map((store) => store.close()))
    }
  }

  async function fill(store: Store): Promise<void> {
    await store.revoke(session('a'))
    await store.revoke({ ...subject('ada'), retention: 2000 })
    await store.revoke(subject('ada'))
    await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'x', expiresAt: 4_000_000_000 })
    await store.revoke(session('b'))
  }

  const contents = async (store: Store) =>
    (await readLog(store)).map(({ kind, key, epoch }) => `${kind} ${key} ${epoch}`).sort()

  const ALL = ['session a 0', 'session b 0', 'subject ada 2', 'token x 0']

  async function expectWhole(store: Store, highest: number): Promise<void> {
    expect(await contents(store)).toEqual(ALL)
    const log = await readLog(store)
    for (const { key, kind, issuer, expiresAt } of log) {
      if (kind === 'session') {
        const retention = Math.floor((expiresAt - (await clockOf(store))) / 1000)
        await store.revoke({ kind, issuer, sid: key, retention })
      }
    }
    expect(await readLog(store), 'revoking for as long changes nothing').toEqual(log)
    for (const one of [{ sid: 'a' }, { sid: 'b' }, { jti: 'x' }, { ue: 1 }]) {
      expect(await store.isRevoked(identity({ ue: 2, ...one })), JSON.stringify(one)).toBe(true)
    }
    expect(await store.isRevoked(identity({ ue: 2 }))).toBe(false)
    const { head } = await store.readSince(0, 10)
    expect(head).toBeGreaterThanOrEqual(highest)
    await store.revoke(session('c'))
    expect((await readLog(store, head)).map(({ key }) => key)).toEqual(['c'])
    await store.revoke(subject('ada'))
    expect((await store.readEpoch(ISSUER, 'ada')).epoch).toBe(3)
  }

  test.each([
    ['the log was trimmed', 'XTRIM $log MAXLEN 1'],
    ['the log was trimmed to nothing', 'XTRIM $log MAXLEN 0'],
    ['the log was deleted', 'DEL $log'],
    ['the entries were deleted', 'DEL $entries'],
    ['the times at which entries go were deleted', 'DEL $expiry'],
    ['the head was deleted', 'DEL $head'],
    ['the head was set back', 'SET $head 1'],
    [
      'the head was set back and the log emptied',
      'EVAL redis.call("SET",KEYS[1],1);redis.call("XTRIM",KEYS[2],"MAXLEN",0) 2 $head $log',
    ],
    ['the log and the head were deleted', 'DEL $log $head'],
    ['the entries and the head were deleted', 'DEL $entries $head'],
    ['the epochs were deleted', 'DEL $epochs'],
    ['the epochs and the log were deleted', 'DEL $epochs $log'],
  ])('REV-17: has everything after %s, and a process that starts then learns it', (_what, words) =>
    withBench(async ({ store, byHand, another }) => {
      await fill(store)
      const { head } = await store.readSince(0, 10)
      await byHand(...words.split(' '))
      await store.revoke(session('b', 500))
      await expectWhole(await another(), head)
      expect(await store.purge(100)).toBe(0)
    }),
  )

  test('REV-17: writes again what a process knows, where the log has lost it and remembers nothing', () =>
    withBench(async ({ store, byHand, another }) => {
      await fill(store)
      await byHand('DEL', '$log', '$entries', '$expiry')
      await store.revoke(session('a'))
      await store.revoke({ ...subject('ada'), epoch: 2 })
      expect(await contents(await another())).toEqual(['session a 0', 'subject ada 2'])
      expect((await store.readEpoch(ISSUER, 'ada')).epoch).toBe(2)
    }))

  test('REV-17: puts a line again into a log that lost one and got another', () =>
    withBench(async ({ store, byHand }) => {
      await fill(store)
      await byHand('XDEL', '$log', '1-0')
      const other = ['kind', 'session', 'issuer', ISSUER, 'key', 'z', 'epoch', '0', 'until', '4000000000000']
      await byHand('XADD', '$log', '100-0', ...other)
      // As many lines as keys, and a head that is right: nothing shows but the line that is not there.
      await byHand('SET', '$head', '100')
      await store.revoke(session('a', 500))
      expect(await contents(store)).toContain('session a 0')
      await store.revoke(session('after'))
      expect(await contents(store)).toContain('session after 0')
    }))

  test('REV-15: an epoch that was reached ends no session that began since', () =>
    withBench(async ({ store }) => {
      await fill(store)
      await createSession(store)
      await store.revoke({ ...subject('ada'), epoch: 2 })
      expect(await rotate(store, 0, { ue: 2 })).toMatchObject({ status: 'rotated' })
      await store.revoke({ ...subject('ada'), epoch: 3 })
      expect(await store.listSessions(ISSUER, 'ada')).toEqual([])
    }))

  test('REV-15: forgets no epoch when its line goes after the epochs were deleted', () =>
    withBench(async ({ store, byHand, advance }) => {
      await fill(store)
      await byHand('DEL', '$epochs')
      advance(3_000_000)
      expect(await store.purge(100)).toBe(3)
      expect((await store.readEpoch(ISSUER, 'ada')).epoch).toBe(2)
    }))

  test('SES-04: refuses to refresh after the sessions were deleted, and goes on otherwise', () =>
    withBench(async ({ store, byHand, advance }) => {
      await createSession(store)
      await createSession(store, { sid: 'session-2' })
      await store.revoke(session('session-2'))
      await byHand('DEL', '$sessions')
      expect(await rotate(store, 0)).toEqual({ status: 'unknown' })
      expect(await store.isRevoked(identity({ sid: 'session-2' }))).toBe(true)
      expect(await store.listSessions(ISSUER, 'ada')).toEqual([])
      await createSession(store)
      expect(await rotate(store, 0)).toMatchObject({ status: 'rotated' })
      await store.revoke(session('session-1'))
      expect(await rotate(store, 1)).toEqual({ status: 'revoked' })
      advance(10 * 365 * 86_400_000)
      expect(await store.purge(100)).toBe(3)
      expect(await byHand('HLEN', '$sessions')).toBe(0)
    }))

  test('REV-10: purges sessions after the times at which they go were deleted', () =>
    withBench(async ({ store, byHand, advance }) => {
      await createSession(store)
      await byHand('DEL', '$session-expiry')
      await createSession(store, { sid: 'session-2' })
      advance(10 * 365 * 86_400_000)
      expect(await store.purge(100)).toBe(2)
    }))

  test('REV-13: answers nothing and says why while a key is of another kind, or the log has a line of somebody else', () =>
    withBench(async ({ store, byHand, advance }) => {
      await fill(store)
      await byHand('XADD', '$log', '100-0', 'hello', 'there')
      const foreign = /^redis 127\.0\.0\.1:\d+: .*has a line that nobody here wrote, at 100/
      await expect(store.readSince(0, 10)).rejects.toThrow(foreign)
      await expect(store.isRevoked(identity())).rejects.toThrow(foreign)
      await expect(store.revoke(session('z'))).rejects.toThrow(foreign)
      await byHand('XDEL', '$log', '100-0')
      await expectWhole(store, 5)
      await byHand('SET', '$log', 'text')
      await expect(store.ping()).rejects.toThrow(/^redis .*WRONGTYPE/)
      await byHand('DEL', '$log')
      advance(10)
      expect((await readLog(store)).length).toBe(5)
    }))

  test('REV-12: looks past many lines that have expired, in steps, and misses none behind them', () =>
    withBench(async ({ store, byHand, another }) => {
      await store.revoke(session('first', 5000))
      const script = `for position = 10, 20009 do
        local key = 'key-' .. position
        redis.call('XADD', KEYS[1], position .. '-0', 'kind', 'token', 'issuer', 'i', 'key', key, 'epoch', '0', 'until', '5')
      end
      redis.call('SET', KEYS[2], 20009)`
      await byHand('EVAL', script, '2', '$log', '$head')
      await store.revoke(session('last', 5000))
      const reader = await another()
      expect((await readLog(reader)).map(({ key }) => key)).toEqual(['first', 'last'])
      expect((await reader.readSince(0, 1)).entries.map(({ key }) => key)).toEqual(['first'])
      for (const limit of [1, 1000]) {
        expect((await reader.readSince(1, limit)).entries.map(({ key }) => key)).toEqual(['last'])
      }
      expect(await reader.purge(30_000)).toBe(20_000)
    }))
})
