import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Attempts } from '../../core/attempts.ts'
import { counterOver, optionsOf } from '../attempts.ts'

/** Counts tries in this process's memory. */
export function memoryAttempts(): Attempts {
  return {
    counter: (allowance) =>
      counterOver(new RateLimiterMemory(optionsOf(allowance)), allowance.window, (query) => query()),
    async close() {},
  }
}
