import { createHash } from 'node:crypto'
import { usernameKey } from '../core/account-store.ts'
import { type AttemptCounter, type Attempts, LONGEST_WINDOW } from '../core/attempts.ts'
import type { Patience } from '../core/availability.ts'
import { answerOf, type Limit, limitOver, type TakenTry } from './limit.ts'
import type { LoginLimitSettings } from './settings.ts'
import { sourceKey } from './source-address.ts'

/** Seconds that an address is known to an account after a login from it. */
const KNOWN_FOR = Math.min(14 * 86_400, LONGEST_WINDOW)

/**
 * Limits how many passwords are tried, by address, by account and address, and by account.
 *
 * Nobody can lock somebody else out for good: windows end, tries from one address reach the account's own limit only as far as that address's goes, and
 * an address from which the account has logged in lately is not held to it at all.
 */
export class LoginLimits {
  readonly #bySource: Limit
  readonly #byPair: Limit
  readonly #byAccount: Limit
  readonly #known: AttemptCounter
  readonly #patience: Patience

  constructor(
    attempts: Attempts,
    { tries, triesBySource, triesByAccount, window }: LoginLimitSettings,
    patience: Patience,
  ) {
    const limit = (name: string, most: number) =>
      limitOver(attempts.counter({ name, tries: most, window }), patience)
    this.#bySource = limit('login-source', triesBySource)
    this.#byPair = limit('login-pair', tries)
    this.#byAccount = limit('login-account', triesByAccount)
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
    const taken: TakenTry[] = []
    let answer: Answer | undefined
    let isWrong = false
    try {
      taken.push(await this.#bySource.take(address))
      taken.push(await this.#byPair.take(pair))
      const isKnown = (await answerOf(() => this.#known.taken(pair), this.#patience)) > 0
      if (!isKnown) taken.push(await this.#byAccount.take(account))
      answer = await check()
      isWrong = answer === undefined
    } finally {
      if (!isWrong) for (const one of taken) await one.giveBack()
    }
    if (answer !== undefined) await answerOf(() => this.#known.restart(pair), this.#patience)
    return answer
  }
}
