import { type IRateLimiterOptions, type RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import type { Allowance, AttemptCounter } from '../core/attempts.ts'

/** Runs a query of a limiter's, in whatever way its database wants. */
export type Runner = <Answer>(query: () => Promise<Answer>) => Promise<Answer>

/**
 * Gives one try of a key back to the window that ends then, and to no other: the limiter's own `reward` would begin a new one below zero.
 *
 * @param ends milliseconds since the epoch, never later than the window does end
 */
export type GiveBack = (key: string, ends: number) => Promise<unknown>

/** The part of a limiter's options that an allowance decides. */
export function optionsOf({ name, tries, window }: Allowance): IRateLimiterOptions {
  return { keyPrefix: name, points: tries, duration: window }
}

/** A counter over any limiter of rate-limiter-flexible. */
export function counterOver(
  limiter: RateLimiterAbstract,
  window: number,
  run: Runner,
  giveBack: GiveBack,
): AttemptCounter {
  return {
    async spend(key) {
      const { isTaken, ends, wait } = await run(() => consume(limiter, key))
      let isKept = true
      const refund = async (): Promise<void> => {
        if (isKept) await run(() => giveBack(key, ends))
        isKept = false
      }
      if (isTaken) return { wait: 0, refund }
      // The limiter counts what it refuses. Kept, it would outweigh the refunds of those who were let in.
      await refund()
      return { wait }
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

interface Consumed {
  readonly isTaken: boolean
  readonly ends: number
  readonly wait: number
}

async function consume(limiter: RateLimiterAbstract, key: string): Promise<Consumed> {
  // Before, so that the window does not end sooner than we think.
  const now = Date.now()
  const told = ({ msBeforeNext }: RateLimiterRes, isTaken: boolean): Consumed => {
    return { isTaken, ends: now + msBeforeNext, wait: Math.max(msBeforeNext, 1) }
  }
  try {
    return told(await limiter.consume(key), true)
  } catch (refused) {
    // The limiter says no by rejecting, with an object that is no error.
    if (refused instanceof RateLimiterRes) return told(refused, false)
    throw refused
  }
}
