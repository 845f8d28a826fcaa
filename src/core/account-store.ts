/** Somebody who can log in. */
export interface Account {
  /** The `sub` of the tokens: never reused, never changed. */
  readonly id: string
  readonly username: string
  /** A PHC string; its parameters travel with it. */
  readonly passwordHash: string
  /** Whether its owner may not log in for now. */
  readonly disabled: boolean
  /** What its owner may do: the scopes of the tokens, unless a hook of the server's says otherwise. */
  readonly scopes: readonly string[]
}

/** What of an account can change. What is left out stays as it is. */
export type AccountChange = Partial<Pick<Account, 'passwordHash' | 'disabled' | 'scopes'>>

/** A password that takes the place of another, both as PHC strings. */
export interface PasswordReplacement {
  /** The hash that a password was just compared with. */
  readonly current: string
  readonly next: string
}

/**
 * What the server asks about accounts: as much as a user table of your own has to do behind it. A method that cannot do its work rejects.
 *
 * Two usernames are the same when their {@link usernameKey} is, so `Ada` cannot log in beside `ada`; an account keeps the spelling it was made with.
 */
export interface AccountDirectory {
  findByUsername(username: string): Promise<Account | undefined>
  findById(id: string): Promise<Account | undefined>
  /**
   * Writes the hash `next` in place of `current`, durably. False, and nothing is changed, unless the account is there, is not disabled and has exactly
   * the hash `current` at that moment: of callers that race, one succeeds, and none after the account was disabled or given another password.
   *
   * @example
   * UPDATE users SET password = :next WHERE id = :id AND password = :current AND NOT disabled
   */
  replacePassword(id: string, replacement: PasswordReplacement): Promise<boolean>
}

/** A directory that can be administered too: what the server's own accounts are kept in. */
export interface AccountStore extends AccountDirectory {
  /** False where the username is taken; nothing is changed then. */
  createAccount(account: Account): Promise<boolean>
  /** False where there is no such account. */
  changeAccount(id: string, change: AccountChange): Promise<boolean>
  /** Frees the username; false where there is no such account. */
  deleteAccount(id: string): Promise<boolean>
}

/** The longest username there is, in UTF-16 units. */
export const LONGEST_USERNAME = 255

/** What a username is compared by: Unicode NFKC and lower case, so that spellings a reader cannot tell apart are one name. */
export function usernameKey(username: string): string {
  // Nobody has a longer one, and normalizing takes time that grows with the square of its length.
  if (username.length > LONGEST_USERNAME) return username
  // Lower-casing can leave a sequence that NFKC would compose; the second pass makes the key of a key the key itself.
  return username.normalize('NFKC').toLowerCase().normalize('NFKC')
}
