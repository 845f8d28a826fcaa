import assert from 'node:assert/strict'
import type { BlocklistStore, LogEntry, TokenIdentity } from '../core/blocklist.ts'

/** One rule that a store must keep, and how to find out whether it does. */
export interface Clause<Store, Fixture extends StoreFixture<Store> = StoreFixture<Store>> {
  /** Stays the same when the wording changes. */
  readonly id: string
  readonly name: `MUST ${string}`
  /** The security requirements that the rule belongs to, such as `REV-10`. */
  readonly covers: readonly string[]
  /**
   * Resolves where the store keeps the rule.
   *
   * @param fixture an empty store, for this clause alone
   * @throws AssertionError where it does not
   */
  run(fixture: Fixture): Promise<void>
}

/** An empty store under test. A clause never sleeps: it moves the store's clock. */
export interface StoreFixture<Store> {
  /** Another handle on the same data; a store that lives in one object returns that object. Whoever made the fixture closes them. */
  open(): Promise<Store>
  /** Moves the store's clock forward by milliseconds. It starts anywhere. */
  advance(milliseconds: number): void | Promise<void>
  /** Milliseconds that the clock may run by itself during a clause; the boundaries are looked at that much less closely. @default 0 */
  readonly drift?: number
}

export const ISSUER = 'https://issuer.example'

/** A token of nobody in particular; a clause says what matters to it. */
export function identity(differing: Partial<TokenIdentity> = {}): TokenIdentity {
  return { issuer: ISSUER, jti: 'token-1', sid: 'session-1', sub: 'ada', ue: 0, ...differing }
}

export async function assertRevoked(store: BlocklistStore, token: TokenIdentity, why: string): Promise<void> {
  assert.equal(await store.isRevoked(token), true, `must be revoked: ${why}`)
}

export async function assertLive(store: BlocklistStore, token: TokenIdentity, why: string): Promise<void> {
  assert.equal(await store.isRevoked(token), false, `must not be revoked: ${why}`)
}

/** Milliseconds since the epoch by the store's clock. */
export async function clockOf(store: BlocklistStore): Promise<number> {
  const { now } = await store.readSince(0, 1)
  return now
}

/** Moves the clock to the last moment before another, as closely as the fixture's clock allows. */
export async function advanceToBefore(
  fixture: StoreFixture<BlocklistStore>,
  store: BlocklistStore,
  moment: number,
): Promise<void> {
  await fixture.advance(moment - 1 - (fixture.drift ?? 0) - (await clockOf(store)))
}

export async function advanceTo(
  fixture: StoreFixture<BlocklistStore>,
  store: BlocklistStore,
  moment: number,
): Promise<void> {
  await fixture.advance(Math.max(0, moment - (await clockOf(store))))
}

/** Asserts that a time lies where it should, give or take what the clock may have run. */
export function assertMoment(fixture: StoreFixture<unknown>, actual: number, expected: number): void {
  assert.ok(Number.isSafeInteger(actual), `a time must be a whole number of milliseconds, not ${actual}`)
  const drift = fixture.drift ?? 0
  assert.ok(
    actual >= expected && actual <= expected + drift,
    `expected the time ${expected} (and at most ${drift} more), got ${actual}`,
  )
}

/** The whole log, read page by page as a follower does. */
export async function readLog(store: BlocklistStore, from = 0, limit = 1000): Promise<readonly LogEntry[]> {
  const read: LogEntry[] = []
  for (let cursor = from; ; ) {
    const { entries } = await store.readSince(cursor, limit)
    const last = entries.at(-1)
    if (last === undefined) return read
    assert.ok(last.position > cursor, 'a page must lie after its cursor')
    read.push(...entries)
    cursor = last.position
  }
}

/** The one line that a key has. */
export async function lineOf(store: BlocklistStore, key: string): Promise<LogEntry> {
  const lines = (await readLog(store)).filter((entry) => entry.key === key)
  assert.equal(lines.length, 1, `the key must have one line in the log, not ${lines.length}`)
  return lines[0] as LogEntry
}

export function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index)
}
