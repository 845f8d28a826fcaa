import { type IRateLimiterOptions, type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Allowance, AttemptCounter } from '../core/attempts.ts'

/** Runs a query of a limiter's, in whatever way its database wants. */
export type Runner = <Answer>(query: () => Promise<Answer>) => Promise<Answer>

/** The part of a limiter's options that an allowance decides. */
export function optionsOf({ name, tries, window }: Allowance): IRateLimiterOptions {
  return { keyPrefix: name, points: tries, duration: window }
}

/** A counter over any limiter of rate-limiter-flexible. */
export function counterOver(limiter: RateLimiterAbstract, window: number, run: Runner): AttemptCounter {
  return {
    async spend(key) {
      const refused = await run(() => consume(limiter, key))
      if (refused === undefined) return 0
      // The limiter counts what it refuses. Kept, it would outweigh the refunds of those who were let in.
      await run(() => limiter.reward(key))
      return Math.max(refused.msBeforeNext, 1)
    },
    async refund(key) {
      await run(() => limiter.reward(key))
    },
    async restart(key) {
      await run(() => limiter.set(key, 1, window))
    },
    async taken(key) {
      const found = await run(() => limiter.get(key))
      return found === null || found.msBeforeNext <= 0 ? 0 : found.consumedPoints
    },
  }
}

/** The limiter says no by rejecting, with an object that is no error. */
async function consume(limiter: RateLimiterAbstract, key: string): Promise<RateLimiterRes | undefined> {
  try {
    await limiter.consume(key)
    return undefined
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return refused
    throw refused
  }
}
