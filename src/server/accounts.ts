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

  /** The account, if the password is its own. An unknown user takes as long as a wrong password. */
  async authenticate(username: string, password: string): Promise<Account | undefined> {
    const account = await this.#ask(() => this.#store.findByUsername(username))
    return (await this.#passwords.matches(account?.passwordHash, password)) ? account : undefined
  }

  async findById(id: string): Promise<Account | undefined> {
    return this.#ask(() => this.#store.findById(id))
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
  return store.createAccount({ id: randomUUID(), username, passwordHash: await hashPassword(password) })
}

/** A password that nobody guesses and a person can copy. */
export function randomPassword(): string {
  return randomBytes(12).toString('base64url')
}
