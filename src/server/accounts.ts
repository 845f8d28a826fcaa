import { randomBytes, randomUUID } from 'node:crypto'
import { type Account, type AccountStore, LONGEST_USERNAME } from '../core/account-store.ts'
import { ask, type Patience } from '../core/availability.ts'
import { Refusal } from '../core/refusal.ts'
import { AuthError } from '../graphql/auth-error.ts'
import { hashPassword, type PasswordCheck } from './passwords.ts'

/**
 * Who the server knows, and whether somebody is who they say.
 *
 * Every method throws AuthError `SERVICE_UNAVAILABLE` when the store does not answer.
 */
export class Accounts {
  readonly #store: AccountStore
  readonly #passwords: PasswordCheck
  readonly #patience: Patience

  constructor(store: AccountStore, passwords: PasswordCheck, patience: Patience) {
    this.#store = store
    this.#passwords = passwords
    this.#patience = patience
  }

  /** The account, if the password is its own and it is not disabled. Every other case takes as long as a wrong password. */
  async authenticate(username: string, password: string): Promise<Account | undefined> {
    const account = await this.#ask(() => this.#store.findByUsername(username))
    const isRight = await this.#passwords.matches(account?.passwordHash, password)
    return isRight && account?.disabled === false ? account : undefined
  }

  /** The account, unless it is disabled: then it is nobody's. */
  async findById(id: string): Promise<Account | undefined> {
    const account = await this.#ask(() => this.#store.findById(id))
    return account?.disabled === false ? account : undefined
  }

  /** Whether an account that was read before still is there, is not disabled and has the same password. */
  async isAsItWas(account: Account): Promise<boolean> {
    return (await this.findById(account.id))?.passwordHash === account.passwordHash
  }

  /** Sets a new password. False where there is no such account any more. */
  async setPassword(id: string, password: string): Promise<boolean> {
    const passwordHash = await hashPassword(password)
    return this.#ask(() => this.#store.changeAccount(id, { passwordHash }))
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const answer = await ask(question, 'the account store', this.#patience)
    if (answer instanceof Refusal) throw new AuthError(answer)
    return answer
  }
}

/** Adds an account. False where the username is taken. */
export async function addAccount(store: AccountStore, username: string, password: string): Promise<boolean> {
  if (username.length > LONGEST_USERNAME) {
    throw new TypeError(`username: must have at most ${LONGEST_USERNAME} characters`)
  }
  const passwordHash = await hashPassword(password)
  return store.createAccount({ id: randomUUID(), username, passwordHash, disabled: false, scopes: [] })
}

/** A password that nobody guesses and a person can copy. */
export function randomPassword(): string {
  return randomBytes(12).toString('base64url')
}
