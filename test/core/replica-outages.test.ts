import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { TokenIdentity } from '../../src/core/blocklist.ts'
import { Replica } from '../../src/core/replica/replica.ts'
import { memory } from '../../src/stores/memory.ts'
import { NOW } from '../harness/clock.ts'
import { type FarStore, farStore } from '../harness/far-store.ts'
import { testLog } from '../harness/instance.ts'

const ISSUER = ''
const DOWN = new Error('the network is down')
const ada = (differing: Partial<TokenIdentity> = {}): TokenIdentity => ({
  issuer: ISSUER,
  jti: 'token-1',
  sid: 'session-1',
  sub: 'ada',
  ue: 0,
  ...differing,
})

interface Opened {
  readonly far: FarStore
  readonly store: FarStore['store']
  readonly replica: Replica
  readonly log: ReturnType<typeof testLog>
  /** Moves the monotonic clock, and with it the others. */
  pass(milliseconds: number): void
  /** Moves the wall clock of this machine alone. */
  skew(milliseconds: number): void
  revokeSession(sid: string, retention?: number): Promise<void>
}

const opened: Replica[] = []
afterEach(() => {
  for (const replica of opened.splice(0)) replica.stop()
})

function open(maxStaleness = 500): Opened {
  let passed = 0
  let skewed = 0
  const far = farStore()
  far.looksWhenSent = true
  const { store } = far
  const log = testLog()
  const replica = new Replica(store, {
    maxStaleness,
    callbackTimeout: 200,
    logger: log,
    clock: () => far.storeTime + skewed,
    monotonic: () => 1000 + passed,
    random: randomBytes,
  })
  opened.push(replica)
  return {
    far,
    store,
    replica,
    log,
    pass(milliseconds) {
      passed += milliseconds
      far.storeTime += milliseconds
    },
    skew(milliseconds) {
      skewed += milliseconds
    },
    revokeSession: (sid, retention = 1000) =>
      store.revoke({ kind: 'session', issuer: ISSUER, sid, retention }),
  }
}

function heal(far: FarStore): void {
  far.isHeld = false
  far.failure = undefined
  far.release()
}

const isPending = async (answer: unknown): Promise<boolean> =>
  (await Promise.race([answer, sleep(30).then(() => 'pending')])) === 'pending'

describe('a copy of the revocations', () => {
  test('REV-12: answers nothing before it has read the log to its end', async () => {
    const { far, replica, revokeSession } = open()
    await revokeSession('session-1')
    far.isHeld = true
    const answers = [replica.isRevoked(ada()), replica.isRevoked(ada({ sid: 'other' })), replica.ready()]
    for (const answer of answers) expect(await isPending(answer)).toBe(true)
    heal(far)
    expect(await Promise.all(answers)).toEqual([true, false, undefined])
  })

  test('REV-02: answers at once while its lease holds, and no longer', async () => {
    const { far, replica, pass } = open()
    await replica.ready()
    far.failure = DOWN
    pass(500)
    expect(replica.isRevoked(ada())).toBe(false)
    pass(1)
    await expect(replica.isRevoked(ada())).rejects.toThrow('the network is down')
  })

  test('REV-02: accepts nothing by a read that was sent before the bound, however late its answer comes', async () => {
    const { far, replica, pass, revokeSession } = open()
    await replica.ready()
    pass(501)
    far.isHeld = true
    const before = replica.isRevoked(ada())
    expect(await isPending(before)).toBe(true)
    await revokeSession('session-1')
    pass(501)
    // It began too late for the read that is on its way: that one was sent before the revocation was acknowledged.
    const after = replica.isRevoked(ada())
    far.release()
    await sleep(20)
    heal(far)
    expect(await after).toBe(true)
  })

  test('REV-02: with no staleness every check waits for a read that is sent after it began, and all that wait share it', async () => {
    const { far, replica, revokeSession } = open(0)
    await replica.ready()
    far.isHeld = true
    const first = replica.isRevoked(ada())
    await sleep(5)
    await revokeSession('session-1')
    const later = Array.from({ length: 100 }, () => replica.isRevoked(ada()))
    const reads = far.reads
    heal(far)
    // The read that was on its way when they began may not answer them.
    expect(await Promise.all(later)).toEqual(later.map(() => true))
    expect(await first).toBe(false)
    expect(far.reads - reads).toBeLessThanOrEqual(2)
  })

  test('REV-13, REV-14: fails closed while the store is silent, in time, and heals by itself', async () => {
    const { far, replica, pass } = open()
    await replica.ready()
    far.isHeld = true
    pass(501)
    const began = performance.now()
    await expect(replica.isRevoked(ada())).rejects.toThrow('not to be read within')
    expect(performance.now() - began).toBeLessThan(3000)
    await expect(replica.ready()).rejects.toThrow('no token can be accepted')
    far.isHeld = false
    await expect
      .poll(async () => await Promise.resolve(replica.isRevoked(ada())).catch(() => 'closed'))
      .toBe(false)
    expect(replica.status()).toMatchObject({ refusals: expect.any(Number), failedPolls: expect.any(Number) })
    expect(replica.status().refusals).toBeGreaterThan(0)
  })

  test('REV-17: knows what is revoked, also while it knows nothing else', async () => {
    const { far, replica, pass, revokeSession } = open()
    await revokeSession('session-1')
    await replica.ready()
    far.failure = DOWN
    pass(100_000)
    expect(replica.isRevoked(ada())).toBe(true)
  })

  test('OPS-06: goes by no wall clock', async () => {
    const { replica, pass, skew, revokeSession } = open()
    await revokeSession('session-1', 100)
    await replica.ready()
    skew(120_000)
    expect(await replica.isRevoked(ada())).toBe(true)
    expect(await replica.isRevoked(ada({ sid: 'other' }))).toBe(false)
    skew(-240_000)
    expect(await replica.isRevoked(ada())).toBe(true)
    pass(400)
    expect(replica.isRevoked(ada({ sid: 'other' }))).toBe(false)
  })

  test('looks again where the wall clock went on without the other, as when a machine was suspended', async () => {
    const { far, replica, skew } = open()
    await replica.ready()
    skew(60_000)
    far.failure = DOWN
    await expect(replica.isRevoked(ada())).rejects.toThrow('the network is down')
  })

  test('REV-15: refuses what carries an epoch that is over, and nothing that was made after', async () => {
    const { store, replica } = open()
    await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 })
    await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 })
    await replica.ready()
    expect([0, 1, 2].map((ue) => replica.isRevoked(ada({ ue })))).toEqual([true, true, false])
    expect(replica.isRevoked(ada({ sub: 'bert' }))).toBe(false)
    expect(replica.isRevoked(ada({ issuer: 'https://other.example' }))).toBe(false)
  })

  test('REV-09: forgets an entry when the store says that its time is over, and not before', async () => {
    const { replica, pass, revokeSession } = open()
    await revokeSession('session-1', 100)
    await replica.ready()
    expect(replica.status().entries).toBe(1)
    pass(99_999)
    expect(await replica.isRevoked(ada())).toBe(true)
    pass(20_000)
    await replica.ready()
    await expect.poll(() => replica.status().entries).toBe(0)
  })

  test('REV-17: keeps in force what a store lost, and writes it there again', async () => {
    const { far, store, replica, log, pass, revokeSession } = open()
    const replaced = memory({ clock: () => far.storeTime })
    await replaced.revoke({ kind: 'session', issuer: ISSUER, sid: 'session-1', retention: 1000 })
    await revokeSession('session-1')
    await revokeSession('session-2')
    await store.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-9', expiresAt: NOW / 1000 + 1000 })
    await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 })
    await replica.ready()
    far.goBackTo(replaced)
    pass(501)
    expect(await replica.isRevoked(ada({ sid: 'session-2', ue: 1 }))).toBe(true)
    expect(await replica.isRevoked(ada({ jti: 'token-9', sid: 'x', ue: 1 }))).toBe(true)
    expect(await replica.isRevoked(ada({ sid: 'x' }))).toBe(true)
    await expect.poll(async () => (await store.readEpoch(ISSUER, 'ada')).epoch).toBe(1)
    for (const lost of [{ sid: 'session-2' }, { jti: 'token-9', sid: 'x' }]) {
      await expect.poll(() => store.isRevoked(ada({ ue: 1, ...lost }))).toBe(true)
    }
    expect(log.lines.join()).toContain('the store lost revocations')
    expect(replica.status().losses).toBe(1)
  })

  test('REV-01: knows at once what this process ended', async () => {
    const { far, replica, revokeSession } = open()
    await replica.ready()
    far.failure = DOWN
    await revokeSession('session-1')
    replica.note({ kind: 'session', issuer: ISSUER, key: 'session-1', kept: { atMost: 1_000_000 } })
    expect(replica.isRevoked(ada())).toBe(true)
    expect(replica.isRevoked(ada({ sid: 'other' }))).toBe(false)
  })

  test('REV-01, REV-15: believes nothing that it read before this process raised an epoch', async () => {
    const { store, replica } = open()
    await replica.ready()
    expect(replica.isRevoked(ada())).toBe(false)
    await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 1000 })
    replica.outdate()
    expect(await replica.isRevoked(ada())).toBe(true)
    expect(await replica.isRevoked(ada({ ue: 1 }))).toBe(false)
  })

  test('tells of each thing that it learns, once', async () => {
    const { replica, revokeSession } = open()
    const told = vi.fn()
    replica.onEntries(told)
    await revokeSession('session-1')
    await replica.ready()
    replica.note({ kind: 'session', issuer: ISSUER, key: 'session-2', kept: { atMost: 1000 } })
    await revokeSession('session-2')
    await revokeSession('session-3')
    await expect
      .poll(() => told.mock.calls.map(([{ key }]) => key))
      .toEqual(['session-1', 'session-2', 'session-3'])
  })

  test('answers nothing once it is stopped, but what is revoked', async () => {
    const { replica, revokeSession, pass } = open()
    await revokeSession('session-1')
    await replica.ready()
    replica.stop()
    pass(501)
    expect(replica.isRevoked(ada())).toBe(true)
    await expect(replica.isRevoked(ada({ sid: 'x' }))).rejects.toThrow('not followed any more')
  })
})

describe('any order of revocations, checks, time, outages and slow answers', () => {
  type Step = readonly [what: 'revoke' | 'check' | 'pass' | 'hold' | 'cut' | 'heal', number: number]
  const step = fc.tuple(
    fc.constantFrom('revoke', 'check', 'check', 'check', 'pass', 'hold', 'cut', 'heal'),
    fc.integer({ min: 0, max: 7 }),
  ) as fc.Arbitrary<Step>

  test.each([0, 500])(
    'I1, I2: never accepts %i ms after an acknowledged end, nor what it refused',
    { timeout: 120_000 },
    async (bound) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { far, replica, pass, revokeSession } = open(bound)
          let time = 0
          const ended = new Map<string, number>()
          const refused = new Set<string>()
          const checks: Promise<void>[] = []
          for (const [what, number] of steps) {
            const sid = `session-${number}`
            if (what === 'revoke') {
              await revokeSession(sid)
              // These clocks stand still: a read that was sent before would have the time of the acknowledgement.
              time += 1
              pass(1)
              if (!ended.has(sid)) ended.set(sid, time)
            } else if (what === 'pass') {
              time += number * 100
              pass(number * 100)
            } else if (what === 'hold') {
              far.failure = undefined
              far.isHeld = true
            } else if (what === 'cut') far.failure = DOWN
            else if (what === 'heal') heal(far)
            else {
              const mayNot = ended.has(sid) && time - (ended.get(sid) ?? 0) >= bound
              const wasRefused = refused.has(sid)
              checks.push(
                Promise.resolve(replica.isRevoked(ada({ sid }))).then(
                  (revoked) => {
                    if (revoked) refused.add(sid)
                    else if (mayNot || wasRefused) throw new Error(`accepted ${sid}`)
                  },
                  () => undefined,
                ),
              )
            }
            await Promise.resolve()
            if (number % 3 === 0) await new Promise(setImmediate)
          }
          heal(far)
          await Promise.all(checks)
          replica.stop()
        }),
        { numRuns: 150 },
      )
    },
  )
})
