import { randomBytes, randomUUID } from 'node:crypto'
import type { Account, AccountStore } from '../core/account-store.ts'
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

  /** Whether an account has the password still that it was found with. */
  async isAsFound({ id, passwordHash }: Account): Promise<boolean> {
    return (await this.findById(id))?.passwordHash === passwordHash
  }

  /** Sets a new password for whoever knows the one until now. False where that is another. */
  async changePassword(id: string, current: string, next: string): Promise<boolean> {
    const account = await this.findById(id)
    if (!(await this.#passwords.matches(account?.passwordHash, current))) return false
    const passwordHash = await hashPassword(next)
    return this.#ask(() => this.#store.setPasswordHash(id, passwordHash))
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const answer = await ask(question, 'the account store', this.#patience)
    if (answer instanceof Refusal) throw new AuthError(answer)
    return answer
  }
}

/** Adds an account. False where the username is taken. */
export async function addAccount(store: AccountStore, username: string, password: string): Promise<boolean> {
  return store.createAccount({ id: randomUUID(), username, passwordHash: await hashPassword(password) })
}

/** A password that nobody guesses and a person can copy. */
export function randomPassword(): string {
  return randomBytes(12).toString('base64url')
}
