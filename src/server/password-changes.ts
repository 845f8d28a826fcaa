import type { AuthX } from '../authx.ts'
import type { Account } from '../core/account-store.ts'
import type { Accounts } from './accounts.ts'

/**
 * Gives accounts new passwords, such that no session that was made with an old one lives on.
 *
 * Sessions end before the new hash is written, so that a crash right after that leaves none that was there, and once more when it is: a login with the old
 * password may have slipped in between the two.
 */
export class PasswordChanges {
  readonly #accounts: Accounts
  readonly #sessions: AuthX['sessions']

  constructor(accounts: Accounts, sessions: AuthX['sessions']) {
    this.#accounts = accounts
    this.#sessions = sessions
  }

  /**
   * Puts a new password in place of the one that an account was confirmed with.
   *
   * @returns the account as it is then; undefined where somebody was quicker: it has another password by now, or is disabled. Its sessions are over all the same
   */
  async change(confirmed: Account, next: string): Promise<Account | undefined> {
    const passwordHash = await this.#accounts.hashPassword(next)
    const isChanged = await this.#around(confirmed.id, () =>
      this.#accounts.replacePassword(confirmed, passwordHash),
    )
    return isChanged ? { ...confirmed, passwordHash } : undefined
  }

  /** Sets a new password, by its hash, whatever the one before is. False where there is no such account, or it is disabled. */
  async reset(id: string, passwordHash: string): Promise<boolean> {
    if ((await this.#accounts.findById(id)) === undefined) return false
    return this.#around(id, () => this.#accounts.overwritePassword(id, passwordHash))
  }

  async #around(sub: string, write: () => Promise<boolean>): Promise<boolean> {
    await this.#sessions.revokeAll(sub)
    if (!(await write())) return false
    await this.#sessions.revokeAll(sub, { reason: 'PASSWORD_CHANGED' })
    return true
  }
}
