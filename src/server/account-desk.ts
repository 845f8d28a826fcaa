import type { AuthX } from '../authx.ts'
import type { Account } from '../core/account-store.ts'
import { isScope } from '../core/scopes.ts'
import { type Accounts, faultOfUsername } from './accounts.ts'
import { PasswordChanges } from './password-changes.ts'
import { badInput, faultOf, requirePassword } from './passwords.ts'

/**
 * What fields of your own may do with accounts: look one up, register one, give one a new password.
 *
 * Every method that asks the accounts throws AuthError `SERVICE_UNAVAILABLE` when they do not answer.
 */
export class AccountDesk {
  readonly #accounts: Accounts
  readonly #passwords: PasswordChanges

  constructor(accounts: Accounts, sessions: AuthX['sessions']) {
    this.#accounts = accounts
    this.#passwords = new PasswordChanges(accounts, sessions)
  }

  /** Undefined for a disabled account too. */
  findByUsername(username: string): Promise<Account | undefined> {
    return this.#accounts.findByUsername(username)
  }

  /** Undefined for a disabled account too. */
  findById(id: string): Promise<Account | undefined> {
    return this.#accounts.findById(id)
  }

  /** What a new password must be, where this one is not; undefined where it is. */
  faultOf(password: string): string | undefined {
    return faultOf(password)
  }

  /** Hashes a password for a table of your own, with what the server checks it by. Waits for its turn, as logins do. */
  hashPassword(password: string): Promise<string> {
    return this.#accounts.hashPassword(password)
  }

  /**
   * Makes an account. The password is hashed first, whether or not the username is taken; then the account is written where it is not, and how long that
   * takes can be measured.
   *
   * @param password or the hash that {@link hashPassword} made of it
   * @returns undefined where the username is taken. Answer only those who have proven that it is theirs: from the difference, or from the time, anybody
   * else would learn who has an account
   * @throws GraphQLError `BAD_USER_INPUT` where the username or the password cannot be one
   * @throws ConfigurationError where the server's accounts are yours and cannot create any
   */
  async register(
    username: string,
    password: NewPassword,
    { scopes = [] }: { readonly scopes?: readonly string[] } = {},
  ): Promise<Account | undefined> {
    const fault = faultOfUsername(username)
    if (fault !== undefined) throw badInput('username', fault)
    requireNew(password)
    if (!scopes.every(isScope)) {
      throw new TypeError(
        'scopes: must be texts without spaces, quotes and backslashes (RFC 6749 section 3.3)',
      )
    }
    return this.#accounts.create(username, await this.#hashOf(password), scopes)
  }

  /**
   * Sets a new password and ends every session of the user, before and after, whatever the password was. Whoever calls this has made sure who asks.
   *
   * @param next or the hash that {@link hashPassword} made of it: make it before you spend whatever proves who asks, since there may be no turn to hash
   * @returns false where there is no such account, or it is disabled
   * @throws GraphQLError `BAD_USER_INPUT` where it cannot be a password
   */
  async resetPassword(id: string, next: NewPassword): Promise<boolean> {
    requireNew(next)
    return this.#passwords.reset(id, await this.#hashOf(next))
  }

  async #hashOf(password: NewPassword): Promise<string> {
    return typeof password === 'string' ? this.#accounts.hashPassword(password) : password.passwordHash
  }
}

/** A password, or the hash of one. */
type NewPassword = string | Pick<Account, 'passwordHash'>

/** Anything but a hash in its place would be an account that nobody can log in to. */
function requireNew(password: NewPassword): void {
  if (typeof password === 'string') requirePassword('password', password)
  else if (!/^\$argon2(id|i|d)\$v=\d+\$.+\$.+\$.+$/.test(password.passwordHash)) {
    throw new TypeError('passwordHash: must be what hashPassword answers, a PHC string of Argon2')
  }
}
