import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Attempts } from '../../core/attempts.ts'
import { counterOver, optionsOf } from '../attempts.ts'

/** The limiter reads the clock once more, which may have gone on by then. */
const TICK = 1

/** Counts tries in this process's memory. */
export function memoryAttempts(): Attempts {
  return {
    counter(allowance) {
      const limiter = new RateLimiterMemory(optionsOf(allowance))
      return counterOver(
        limiter,
        allowance.window,
        (query) => query(),
        async (key, ends) => (Date.now() + TICK < ends ? limiter.reward(key) : undefined),
      )
    },
    async close() {},
  }
}
