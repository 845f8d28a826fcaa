import { createHash } from 'node:crypto'
import { usernameKey } from '../core/account-store.ts'
import { type AttemptCounter, type Attempts, LONGEST_WINDOW } from '../core/attempts.ts'
import { ask, type Patience } from '../core/availability.ts'
import { Refusal, refuse } from '../core/refusal.ts'
import { AuthError } from '../graphql/auth-error.ts'
import type { LoginLimitSettings } from './settings.ts'
import { sourceKey } from './source-address.ts'

/** Seconds that an address is known to an account after a login from it. */
const KNOWN_FOR = Math.min(14 * 86_400, LONGEST_WINDOW)

/** A try that was taken and can be given back. */
type Taken = readonly [counter: AttemptCounter, key: string]

/**
 * Limits how many passwords are tried, by address, by account and address, and by account.
 *
 * Nobody can lock somebody else out for good: windows end, tries from one address reach the account's own limit only as far as that address's goes, and
 * an address from which the account has logged in lately is not held to it at all.
 */
export class LoginLimits {
  readonly #bySource: AttemptCounter
  readonly #byPair: AttemptCounter
  readonly #byAccount: AttemptCounter
  readonly #known: AttemptCounter
  readonly #patience: Patience

  constructor(
    attempts: Attempts,
    { tries, triesBySource, triesByAccount, window }: LoginLimitSettings,
    patience: Patience,
  ) {
    this.#bySource = attempts.counter({ name: 'login-source', tries: triesBySource, window })
    this.#byPair = attempts.counter({ name: 'login-pair', tries, window })
    this.#byAccount = attempts.counter({ name: 'login-account', tries: triesByAccount, window })
    this.#known = attempts.counter({ name: 'login-known', tries: 1, window: KNOWN_FOR })
    this.#patience = patience
  }

  /**
   * Tries a password where that is allowed. The try is taken before, so that a crowd cannot slip through, and given back unless the password was wrong.
   *
   * @param check undefined where the password was wrong
   * @throws AuthError `TOO_MANY_ATTEMPTS`, with the seconds until a window ends
   */
  async attempt<Answer>(
    username: string,
    source: string,
    check: () => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
    const address = sourceKey(source)
    const account = createHash('sha256').update(usernameKey(username)).digest('base64url')
    const pair = `${account} ${address}`
    const taken: Taken[] = []
    let answer: Answer | undefined
    let isWrong = false
    try {
      await this.#take(this.#bySource, address, taken)
      await this.#take(this.#byPair, pair, taken)
      const isKnown = (await this.#ask(() => this.#known.taken(pair))) > 0
      if (!isKnown) await this.#take(this.#byAccount, account, taken)
      answer = await check()
      isWrong = answer === undefined
    } finally {
      if (!isWrong) await this.#giveBack(taken)
    }
    if (answer !== undefined) await this.#ask(() => this.#known.restart(pair))
    return answer
  }

  async #take(counter: AttemptCounter, key: string, taken: Taken[]): Promise<void> {
    const wait = await this.#ask(() => counter.spend(key))
    if (wait > 0) throw new AuthError(refuse('TOO_MANY_ATTEMPTS', { retryAfter: Math.ceil(wait / 1000) }))
    taken.push([counter, key])
  }

  async #giveBack(taken: readonly Taken[]): Promise<void> {
    for (const [counter, key] of taken) await this.#ask(() => counter.refund(key))
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const answer = await ask(question, 'the counter of logins', this.#patience)
    if (answer instanceof Refusal) throw new AuthError(answer)
    return answer
  }
}
