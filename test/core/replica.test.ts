import { describe, expect, test, vi } from 'vitest'
import { memory } from '../../src/stores/memory.ts'
import { settled } from '../harness/clock.ts'
import { check, endSession, ISSUER, openReplica, token } from '../harness/replica.ts'

describe('the first copy', () => {
  test('REV-12: nothing is accepted before the whole log is read, however many pages it has', async () => {
    const { replica, far, elsewhere } = openReplica()
    for (let index = 0; index < 2500; index += 1) await endSession(elsewhere, `other-${index}`)
    await endSession(elsewhere)
    far.isHeld = true
    const [live, revoked] = [check(replica, token({ sid: 'session-2' })), check(replica)]
    for (const page of [0, 1, 2, 3, 4, 5]) {
      await settled()
      expect([far.sent.length, live(), revoked()]).toEqual([page + 1, 'waits', 'waits'])
      await far.sent[page]?.arrive()
    }
    expect([live(), revoked()]).toEqual([false, true])
    expect(replica.status()).toMatchObject({ entries: 2501, waits: 2, refusals: 0 })
  })

  test('REV-12: where it cannot be read, checks fail, and readiness says why', async () => {
    const { replica, far, log } = openReplica()
    far.failure = new Error('connection refused')
    await expect(replica.ready()).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(/cannot be read/), cause: far.failure }),
    )
    await expect(replica.isRevoked(token())).rejects.toThrow('connection refused')
    expect(log.lines).toHaveLength(1)
    expect(log.lines[0]).toMatch(/^error the log of revocations cannot be read; requests are refused/)
    far.failure = undefined
    await replica.ready()
    expect(replica.isRevoked(token())).toBe(false)
    expect(log.lines[1]).toMatch(/^warn the log of revocations is read again/)
  })

  test('nothing is read before somebody asks, nor for what is only ended', async () => {
    const { replica, far, here, pass } = openReplica()
    await endSession(here)
    await here.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 })
    await pass(1000)
    expect(far.reads).toBe(0)
    expect(replica.status()).toMatchObject({ age: null, lastPoll: null, polls: 0 })
    expect(await replica.isRevoked(token({ sub: 'bob' }))).toBe(true)
  })
})

describe('the lease', () => {
  test('REV-02: an answer is there at once for maxStaleness after a read was sent, and not a moment longer', async () => {
    const { replica, far, pass } = openReplica()
    far.isHeld = true
    const ready = replica.ready()
    await pass(100)
    await far.sent[0]?.arrive()
    await ready
    // What counts is when the read was sent, not when its answer arrived.
    await pass(400)
    expect(replica.status().age).toBe(500)
    expect(replica.isRevoked(token())).toBe(false)
    await pass(1)
    expect(check(replica)()).toBe('waits')
  })

  test('REV-02: what another process revoked is refused within maxStaleness, without a check that waits', async () => {
    const { replica, far, elsewhere, pass } = openReplica()
    far.hasHints = false
    await replica.ready()
    await endSession(elsewhere)
    for (let milliseconds = 0; milliseconds < 2000; milliseconds += 1) {
      const said = check(replica)()
      expect(said).not.toBe('waits')
      if (milliseconds >= 500) expect(said).toBe(true)
      await pass(1)
    }
    expect(check(replica, token({ sid: 'session-2' }))()).toBe(false)
    expect(replica.status().waits).toBe(0)
  })

  test('REV-13: where it has lapsed and the store fails, checks fail; what is known stays refused', async () => {
    const { replica, far, elsewhere, log, pass } = openReplica()
    await endSession(elsewhere)
    await replica.ready()
    far.failure = new Error('connection refused')
    await pass(501)
    expect(replica.isRevoked(token())).toBe(true)
    const lapsed = check(replica, token({ sid: 'session-2' }))
    await settled()
    expect(lapsed()).toBe('fails')
    await expect(replica.ready()).rejects.toThrow(/cannot be read/)
    expect(replica.status()).toMatchObject({ waits: 1, refusals: 1 })
    expect(log.lines).toHaveLength(1)
  })

  test('REV-14: a read that is never answered is given up, and the next one heals', async () => {
    const { replica, far, pass } = openReplica()
    await replica.ready()
    far.isHeld = true
    await pass(501)
    const waiting = check(replica)
    await pass(500)
    expect(waiting()).toBe('fails')
    far.isHeld = false
    await pass(500)
    expect(replica.isRevoked(token())).toBe(false)
    expect(replica.status().failedPolls).toBeGreaterThan(0)
    // An answer that arrives after all changes nothing.
    await far.sent[0]?.arrive()
    expect(replica.isRevoked(token())).toBe(false)
  })

  test('REV-14: a read whose time ran out while this process stood still is sent once more, and no oftener', async () => {
    const { replica, far, elsewhere, pass, standStill } = openReplica({ callbackTimeout: 60_000 })
    await replica.ready()
    await endSession(elsewhere)
    far.isHeld = true
    await pass(501)
    const [live, revoked] = [check(replica, token({ sid: 'session-2' })), check(replica)]
    const before = far.reads
    await standStill(1500)
    expect([live(), revoked(), far.reads]).toEqual(['waits', 'waits', before + 1])
    await far.sent.at(-1)?.arrive()
    expect([live(), revoked(), replica.status().age]).toEqual([false, true, 0])
    await pass(501)
    const silent = check(replica, token({ sid: 'session-2' }))
    await standStill(1500)
    await standStill(1500)
    expect(silent()).toBe('fails')
  })

  test('OPS-07: a check that is cut off by callbackTimeout counts as refused', async () => {
    const { replica, far, pass } = openReplica({ maxStaleness: 0, callbackTimeout: 600 })
    await replica.ready()
    far.isHeld = true
    const first = check(replica)
    await pass(300)
    const second = check(replica)
    await pass(599)
    // The read that it waits for was sent after the first was given up, and may still be answered.
    expect([first(), second(), replica.status().refusals]).toEqual(['fails', 'waits', 1])
    await pass(1)
    expect([second(), replica.status()]).toMatchObject(['fails', { waits: 2, refusals: 2 }])
  })

  test('a check joins a poll under way that began late enough for it, and waits for the next one else', async () => {
    const { replica, far, elsewhere, pass } = openReplica()
    far.isHeld = true
    const first = check(replica)
    await pass(500)
    const early = check(replica, token({ sid: 'session-2' }))
    await pass(1)
    const late = check(replica)
    far.sent[0]?.look()
    await endSession(elsewhere)
    await far.sent[0]?.arrive()
    expect([first(), early(), late()]).toEqual([false, false, 'waits'])
    await far.sent[1]?.arrive()
    expect(late()).toBe(true)
  })

  test('where one poll is needed by many, there is one', async () => {
    const { replica, far, pass } = openReplica()
    await replica.ready()
    far.isHeld = true
    await pass(501)
    const before = far.reads
    const checks = Array.from({ length: 100 }, () => check(replica))
    await settled()
    expect(far.reads - before).toBeLessThanOrEqual(1)
    for (const read of [...far.sent]) await read.arrive()
    for (const read of far.sent) await read.arrive()
    expect(checks.every((said) => said() === false)).toBe(true)
  })
})

describe('a maxStaleness of 0', () => {
  test('REV-02: every check waits for a poll that begins after it, never for one under way', async () => {
    const { replica, far, elsewhere } = openReplica({ maxStaleness: 0 })
    far.isHeld = true
    const first = check(replica)
    await settled()
    far.sent[0]?.look()
    await endSession(elsewhere)
    const second = check(replica)
    await far.sent[0]?.arrive()
    expect([first(), second()]).toEqual([false, 'waits'])
    await far.sent[1]?.arrive()
    expect(second()).toBe(true)
  })

  test('checks that come together share one read', async () => {
    const { replica, far } = openReplica({ maxStaleness: 0 })
    await replica.ready()
    far.isHeld = true
    const before = far.reads
    const checks = [check(replica), ...Array.from({ length: 100 }, () => check(replica))]
    await settled()
    await far.sent[0]?.arrive()
    await far.sent[1]?.arrive()
    expect(far.reads - before).toBe(2)
    expect(checks.every((said) => said() === false)).toBe(true)
  })
})

describe('the store of another process, and this one', () => {
  test('a flood of hints makes no flood of polls', async () => {
    const { replica, far, elsewhere, pass } = openReplica()
    await replica.ready()
    const before = far.reads
    for (let index = 0; index < 1000; index += 1) {
      await endSession(elsewhere, `other-${index}`)
      if (index % 10 === 0) await pass(1)
    }
    await pass(20)
    expect(far.reads - before).toBeLessThan(10)
    expect(check(replica, token({ sid: 'other-999' }))()).toBe(true)
  })

  test('what is learnt is told once, and to nobody who has ended it', async () => {
    const { replica, here, elsewhere, log, pass } = openReplica()
    const told: unknown[] = []
    const end = replica.onEntries((revoked) => told.push(revoked))
    replica.onEntries(() => {
      throw new Error('not mine')
    })
    await replica.ready()
    await endSession(here)
    expect(told).toEqual([{ kind: 'session', issuer: ISSUER, key: 'session-1', epoch: 0 }])
    await elsewhere.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 })
    await pass(500)
    end()
    await endSession(elsewhere, 'session-2')
    await pass(500)
    expect(told.slice(1)).toEqual([{ kind: 'subject', issuer: ISSUER, key: 'ada', epoch: 1 }])
    expect(log.lines[0]).toMatch(/^error a listener for revocations failed/)
  })

  test('a copy that was stopped reads no more, and accepts nothing', async () => {
    const { replica, far, elsewhere, log, pass } = openReplica()
    await endSession(elsewhere)
    far.isHeld = true
    const waiting = check(replica)
    await settled()
    replica.stop()
    await far.sent[0]?.arrive()
    expect(waiting()).toBe('fails')
    await pass(2000)
    await expect(replica.isRevoked(token())).rejects.toThrow('not followed')
    expect([far.reads, log.lines]).toEqual([1, []])
  })
})

describe('clocks', () => {
  test('OPS-06: a wall clock that goes back changes nothing; one that goes ahead costs one read', async () => {
    const { replica, far, jump } = openReplica()
    await replica.ready()
    jump(-120_000)
    expect(replica.isRevoked(token())).toBe(false)
    jump(240_000)
    const before = far.reads
    expect(await replica.isRevoked(token())).toBe(false)
    expect(far.reads).toBe(before + 1)
    expect(replica.isRevoked(token())).toBe(false)
  })

  test('REV-02: after a machine was suspended, what it knew before does not count', async () => {
    const { replica, far, elsewhere, jump } = openReplica()
    await replica.ready()
    far.isHeld = true
    const waiting = replica.isRevoked(token({ sid: 'session-2' }))
    expect(waiting).toBe(false)
    await endSession(elsewhere)
    // The monotonic clock stood still.
    jump(3_600_000)
    const said = check(replica)
    expect(said()).toBe('waits')
    await settled()
    await far.sent.at(-1)?.arrive()
    expect(said()).toBe(true)
  })

  test('REV-17: an entry goes by the store’s time, not by this machine’s', async () => {
    const { replica, far, elsewhere, pass, jump } = openReplica()
    await endSession(elsewhere, 'session-1', 100)
    // The last line is read again each time.
    await endSession(elsewhere, 'session-2', 100)
    await replica.ready()
    jump(3_600_000)
    await pass(20_000)
    expect(check(replica)()).toBe(true)
    far.storeTime += 79_000
    await pass(15_000)
    expect([check(replica)(), replica.status().entries]).toEqual([false, 0])
  })
})

describe('REV-17: a store that lost what it had acknowledged', () => {
  test('loses nothing that is known here: it stays refused, and is written again', async () => {
    const { replica, far, elsewhere, log, pass } = openReplica()
    const behind = memory({ clock: () => far.storeTime })
    await endSession(behind, 'other')
    await endSession(elsewhere, 'other')
    await endSession(elsewhere)
    await elsewhere.revoke({ kind: 'token', issuer: ISSUER, jti: 'token-9', expiresAt: 1_750_001_000 })
    const raise = { kind: 'subject', issuer: ISSUER, sub: 'bob', retention: 1000 } as const
    for (let times = 0; times < 3; times += 1) await elsewhere.revoke(raise)
    await replica.ready()
    far.goBackTo(behind)
    await pass(150)
    for (const revoked of [
      token(),
      token({ sid: '-', jti: 'token-9' }),
      token({ sid: '-', sub: 'bob', ue: 2 }),
    ]) {
      expect(check(replica, revoked)()).toBe(true)
      expect(behind.isRevoked(revoked)).toBe(true)
    }
    expect(await behind.readEpoch(ISSUER, 'bob')).toMatchObject({ epoch: 3 })
    expect(check(replica, token({ sid: '-', sub: 'bob', ue: 3 }))()).toBe(false)
    expect(replica.status().losses).toBe(1)
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^error the store lost revocations that it had acknowledged.*its log ends at 1, and ended at 6/,
      ),
      'warn revocations that the store had lost are written again {"written":3}',
    ])
  })

  test('is noticed though it has written as much again meanwhile', async () => {
    const { replica, far, elsewhere, pass } = openReplica()
    await endSession(elsewhere)
    await replica.ready()
    const other = memory({ clock: () => far.storeTime })
    await endSession(other, 'session-2')
    await endSession(other, 'session-3')
    far.goBackTo(other)
    await pass(150)
    for (const sid of ['session-1', 'session-2', 'session-3']) {
      expect(check(replica, token({ sid }))()).toBe(true)
      expect(other.isRevoked(token({ sid }))).toBe(true)
    }
    expect(replica.status().losses).toBe(1)
  })

  test('is noticed where lines were deleted by hand', async () => {
    const { replica, far, elsewhere, pass } = openReplica()
    await endSession(elsewhere)
    await replica.ready()
    far.alter = (page) => ({ ...page, entries: [] })
    await pass(150)
    expect(replica.status().losses).toBe(1)
    expect(check(replica)()).toBe(true)
  })

  test('is not seen in what expires, is revoked for longer, or is raised again', async () => {
    const { replica, far, elsewhere, pass } = openReplica()
    await endSession(elsewhere, 'session-1', 10)
    await replica.ready()
    await endSession(elsewhere, 'session-1', 20)
    await pass(150)
    far.storeTime += 30_000
    await elsewhere.purge(10)
    await pass(150)
    await endSession(elsewhere, 'session-2')
    await pass(150)
    await elsewhere.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 })
    await pass(150)
    await elsewhere.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 60 })
    await pass(150)
    expect(replica.status().losses).toBe(0)
  })

  test('writes again what was acknowledged here and never came back by the log', async () => {
    const { replica, far, here, pass } = openReplica()
    await replica.ready()
    const behind = memory({ clock: () => far.storeTime })
    await endSession(here)
    far.goBackTo(behind)
    await pass(150)
    expect([check(replica)(), await behind.isRevoked(token())]).toEqual([true, true])
  })

  test('is written to again later, where it fails', async () => {
    const { replica, far, elsewhere, log, pass } = openReplica()
    await endSession(elsewhere)
    await replica.ready()
    const behind = memory({ clock: () => far.storeTime })
    const revoke = vi.spyOn(behind, 'revoke').mockRejectedValueOnce(new Error('read-only'))
    far.goBackTo(behind)
    await pass(150)
    expect(log.lines.join()).toMatch(/could not be written again; it is tried again/)
    await pass(150)
    expect(await behind.isRevoked(token())).toBe(true)
    expect(revoke).toHaveBeenCalledTimes(2)
  })
})
