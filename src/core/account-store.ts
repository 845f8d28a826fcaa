/** Somebody who can log in. */
export interface Account {
  /** The `sub` of the tokens: never reused, never changed. */
  readonly id: string
  readonly username: string
  /** A PHC string; its parameters travel with it. */
  readonly passwordHash: string
}

/**
 * Where the server's accounts are kept. A method that cannot do its work rejects.
 *
 * Two usernames are the same when their {@link usernameKey} is, so `Ada` cannot log in beside `ada`; an account keeps the spelling it was made with.
 */
export interface AccountStore {
  findByUsername(username: string): Promise<Account | undefined>
  findById(id: string): Promise<Account | undefined>
  /** False where the username is taken; nothing is changed then. */
  createAccount(account: Account): Promise<boolean>
  /** False where there is no such account. */
  setPasswordHash(id: string, passwordHash: string): Promise<boolean>
}

/** What a username is compared by: Unicode NFKC and lower case, so that spellings a reader cannot tell apart are one name. */
export function usernameKey(username: string): string {
  // Lower-casing can leave a sequence that NFKC would compose; the second pass makes the key of a key the key itself.
  return username.normalize('NFKC').toLowerCase().normalize('NFKC')
}
