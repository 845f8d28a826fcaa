/** Somebody who can log in. */
export interface Account {
  /** The `sub` of the tokens: never reused, never changed. */
  readonly id: string
  readonly username: string
  /** A PHC string; its parameters travel with it. */
  readonly passwordHash: string
}

/** Where the server's accounts are kept. A method that cannot do its work rejects. */
export interface AccountStore {
  findByUsername(username: string): Promise<Account | undefined>
  findById(id: string): Promise<Account | undefined>
  /** False where the username is taken; nothing is changed then. */
  createAccount(account: Account): Promise<boolean>
}
