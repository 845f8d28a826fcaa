/** A clock that stands until it is told to move. */
export interface TestClock {
  /** Milliseconds since the epoch. */
  (): number
  /** Moves it forward. */
  advance(seconds: number): void
  /** Sets it, in milliseconds since the epoch. */
  set(milliseconds: number): void
}

/**
 * A clock for the option `clock`, so that a test does not wait for a token to expire. A store has a clock of its own: give both the same.
 *
 * @param start milliseconds since the epoch
 * @example
 * const clock = testClock()
 * const authx = createAuthX({ secret, clock, blocklist: memory({ clock }) })
 * clock.advance(901)
 */
export function testClock(start: number = Date.UTC(2025, 0, 1)): TestClock {
  let now = start
  return Object.assign(() => now, {
    advance(seconds: number) {
      now += seconds * 1000
    },
    set(milliseconds: number) {
      now = milliseconds
    },
  })
}
