import type { AttemptCounter } from '../core/attempts.ts'
import { ask, type Patience } from '../core/availability.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import { AuthError } from '../graphql/auth-error.ts'

/** So many tries of a key in a window. Both methods throw AuthError `SERVICE_UNAVAILABLE` when the counter does not answer. */
export interface Limit {
  /**
   * Takes a try, before the work that it is for, so that a crowd cannot slip through.
   *
   * @throws AuthError `TOO_MANY_ATTEMPTS`, with the seconds until the window ends
   */
  take(key: string): Promise<void>
  /** Gives a try back. */
  giveBack(key: string): Promise<void>
}

/** A limit over a counter. */
export function limitOver(counter: AttemptCounter, patience: Patience): Limit {
  return {
    async take(key) {
      const wait = await answerOf(() => counter.spend(key), patience)
      if (wait > 0) throw new AuthError(refuse('TOO_MANY_ATTEMPTS', { retryAfter: Math.ceil(wait / 1000) }))
    },
    async giveBack(key) {
      await answerOf(() => counter.refund(key), patience)
    },
  }
}

/** What a counter answers. Throws AuthError `SERVICE_UNAVAILABLE` where it does not. */
export async function answerOf<Answer>(question: () => Promise<Answer>, patience: Patience): Promise<Answer> {
  const answer = await ask(question, 'the counter of tries', patience)
  if (answer instanceof Refusal) throw new AuthError(answer)
  return answer
}
