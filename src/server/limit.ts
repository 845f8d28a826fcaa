import type { AttemptCounter } from '../core/attempts.ts'
import { ask, type Patience } from '../core/availability.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import { AuthError } from '../graphql/auth-error.ts'

/** So many tries of a key in a window. Its methods, and those of what it gives, throw AuthError `SERVICE_UNAVAILABLE` when the counter does not answer. */
export interface Limit {
  /**
   * Takes a try, before the work that it is for, so that a crowd cannot slip through.
   *
   * @throws AuthError `TOO_MANY_ATTEMPTS`, with the seconds until the window ends
   */
  take(key: string): Promise<TakenTry>
}

/** A try that was taken. */
export interface TakenTry {
  /** Gives it back, once, to the window that it was taken from; where that is over, to none. */
  giveBack(): Promise<void>
}

/** A limit over a counter. */
export function limitOver(counter: AttemptCounter, patience: Patience): Limit {
  return {
    async take(key) {
      const spending = await answerOf(() => counter.spend(key), patience)
      if (!('refund' in spending)) {
        throw new AuthError(refuse('TOO_MANY_ATTEMPTS', { retryAfter: Math.ceil(spending.wait / 1000) }))
      }
      return { giveBack: () => answerOf(() => spending.refund(), patience) }
    },
  }
}

/** What a counter answers. Throws AuthError `SERVICE_UNAVAILABLE` where it does not. */
export async function answerOf<Answer>(question: () => Promise<Answer>, patience: Patience): Promise<Answer> {
  const answer = await ask(question, 'the counter of tries', patience)
  if (answer instanceof Refusal) throw new AuthError(answer)
  return answer
}
