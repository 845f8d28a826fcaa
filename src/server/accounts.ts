import { randomBytes, randomUUID } from 'node:crypto'
import {
  type Account,
  type AccountDirectory,
  type AccountStore,
  LONGEST_USERNAME,
} from '../core/account-store.ts'
import { ask, type Patience } from '../core/availability.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import { Refusal } from '../core/refusal.ts'
import { isScope } from '../core/scopes.ts'
import { AuthError } from '../graphql/auth-error.ts'
import { hashPassword, type PasswordCheck } from './passwords.ts'

/** Each time means that another change got between reading and writing, and had to hash a password for it. */
const MOST_OVERTAKEN = 10

/** Says which scopes the tokens of an account get. */
export type GrantScopes = (account: Account) => readonly string[] | PromiseLike<readonly string[]>

/**
 * Who the server knows, and whether somebody is who they say.
 *
 * Every method throws AuthError `SERVICE_UNAVAILABLE` when the store does not answer.
 */
export class Accounts {
  readonly #store: AccountDirectory
  readonly #passwords: PasswordCheck
  readonly #patience: Patience
  readonly #grantScopes: GrantScopes

  constructor(
    store: AccountDirectory,
    passwords: PasswordCheck,
    patience: Patience,
    grantScopes: GrantScopes = (account) => account.scopes,
  ) {
    this.#store = store
    this.#passwords = passwords
    this.#patience = patience
    this.#grantScopes = grantScopes
    passwords.onUnreadable = once(() =>
      patience.logger.warn(
        {},
        'accounts: a passwordHash is not an Argon2 PHC string, so its user cannot log in; make it with hashPassword, or let the user reset the password',
      ),
    )
  }

  /** The account of a username, disabled or not: for {@link verify}. */
  async whoever(username: string): Promise<Account | undefined> {
    return copyOf(await this.#ask(() => this.#store.findByUsername(username)))
  }

  /** The account as it is handed in, if the password is its own and it is not disabled. Every other case takes as long as a wrong password. */
  async verify(account: Account | undefined, password: string): Promise<Account | undefined> {
    const isRight = await this.#passwords.matches(account?.passwordHash, password)
    return isRight ? enabled(account) : undefined
  }

  /** The account, unless it is disabled: then it is nobody's. */
  async findById(id: string): Promise<Account | undefined> {
    return enabled(copyOf(await this.#ask(() => this.#store.findById(id))))
  }

  /** As {@link findById}. */
  async findByUsername(username: string): Promise<Account | undefined> {
    return enabled(await this.whoever(username))
  }

  /**
   * What the tokens of an account may do now.
   *
   * @throws AuthError `SERVICE_UNAVAILABLE` where that cannot be found out, or the one that the hook throws
   */
  async scopesOf(account: Account): Promise<readonly string[]> {
    const question = async () => scopesIn(await refusing(() => this.#grantScopes(account)))
    const answer = await this.#ask(question, 'the hook grantScopes')
    if (answer instanceof AuthError) throw answer
    return answer
  }

  /** The same by the account's id; null where there is no such account, or it is disabled. */
  async scopesNow(id: string): Promise<readonly string[] | null> {
    const account = await this.findById(id)
    return account === undefined ? null : this.scopesOf(account)
  }

  /** Whether an account that was read before still is there, is not disabled, has the same password, and may do what it might then. */
  async isAsItWas(account: Account, scopes: readonly string[]): Promise<boolean> {
    const now = await this.findById(account.id)
    if (now?.passwordHash !== account.passwordHash) return false
    const granted = await this.scopesOf(now)
    return scopes.every((scope) => granted.includes(scope))
  }

  /**
   * Adds an account. Undefined where the username is taken.
   *
   * @throws ConfigurationError where the directory is not a store of its own
   */
  async create(
    username: string,
    passwordHash: string,
    scopes: readonly string[],
  ): Promise<Account | undefined> {
    const store = this.#store
    if (!isStore(store)) {
      throw new ConfigurationError(
        'accounts: cannot create any; give it a method createAccount, or add the user to your own table with hashPassword',
      )
    }
    const account = { id: randomUUID(), username, passwordHash, disabled: false, scopes }
    return (await this.#ask(() => store.createAccount(account))) ? account : undefined
  }

  /** Hashes a password, when it is its turn. */
  hashPassword(password: string): Promise<string> {
    return this.#passwords.hash(password)
  }

  /** Writes a new hash where the account still has the password that it was read with, and is not disabled. False where not. */
  replacePassword({ id, passwordHash: current }: Account, next: string): Promise<boolean> {
    return this.#ask(() => this.#store.replacePassword(id, { current, next }))
  }

  /** Writes a new hash whatever the one before is. False where there is no such account, or it is disabled. */
  overwritePassword(id: string, next: string): Promise<boolean> {
    return this.#ask(async () => {
      for (let tries = 0; tries < MOST_OVERTAKEN; tries++) {
        const account = enabled(await this.#store.findById(id))
        if (account === undefined) return false
        if (await this.#store.replacePassword(id, { current: account.passwordHash, next })) return true
      }
      throw new Error(`the password of an account was not replaced in ${MOST_OVERTAKEN} tries`)
    })
  }

  async #ask<Answer>(question: () => Promise<Answer>, what = 'the account store'): Promise<Answer> {
    const answer = await ask(question, what, this.#patience)
    if (answer instanceof Refusal) throw new AuthError(answer)
    return answer
  }
}

/** Adds an account. False where the username is taken. */
export async function addAccount(store: AccountStore, username: string, password: string): Promise<boolean> {
  const fault = faultOfUsername(username)
  if (fault !== undefined) throw new TypeError(`username: ${fault}`)
  const passwordHash = await hashPassword(password)
  return store.createAccount({ id: randomUUID(), username, passwordHash, disabled: false, scopes: [] })
}

/** What a username must be, where this one is not; undefined where it is. */
export function faultOfUsername(username: string): string | undefined {
  const isOne =
    username !== '' &&
    username.length <= LONGEST_USERNAME &&
    username === username.trim() &&
    // Nobody sees them, so two names would look the same, or a terminal obey one. Half of a surrogate pair is among them.
    !/\p{C}/u.test(username)
  return isOne
    ? undefined
    : `must have 1 to ${LONGEST_USERNAME} characters, no blank at either end, and none that cannot be seen`
}

/** A password that nobody guesses and a person can copy. */
export function randomPassword(): string {
  return randomBytes(12).toString('base64url')
}

function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) action()
    isDone = true
  }
}

/** An object of somebody's own may change under our hands; what was read and compared may not. */
function copyOf(account: Account | undefined): Account | undefined {
  if (account === undefined) return undefined
  const { id, username, passwordHash, disabled, scopes } = account
  return { ...account, id, username, passwordHash, disabled, scopes }
}

function enabled(account: Account | undefined): Account | undefined {
  return account?.disabled === false ? account : undefined
}

function isStore(directory: AccountDirectory): directory is AccountStore {
  return typeof (directory as Partial<AccountStore>).createAccount === 'function'
}

/** A hook may refuse in our voice; everything else that it throws is for the log. */
async function refusing<Answer>(hook: () => Answer | PromiseLike<Answer>): Promise<Answer | AuthError> {
  try {
    return await hook()
  } catch (error) {
    if (error instanceof AuthError) return error
    throw error
  }
}

function scopesIn(answer: readonly string[] | AuthError): readonly string[] | AuthError {
  if (answer instanceof AuthError) return answer
  if (Array.isArray(answer) && answer.every(isScope)) return [...new Set(answer)]
  throw new TypeError(
    'grantScopes: must answer with a list of texts without spaces, quotes and backslashes (RFC 6749 section 3.3)',
  )
}
