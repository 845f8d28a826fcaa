import type { AuthX } from '../authx.ts'
import type { Account } from '../core/account-store.ts'
import type { TokenPair } from '../core/issuer.ts'
import type { RequestToken } from '../core/request-token.ts'
import { AuthError } from '../graphql/auth-error.ts'
import type { Accounts } from './accounts.ts'
import type { LoginLimits } from './login-limits.ts'

/** Where a login comes from. */
export interface LoginOrigin {
  /** An IP address, as far as it can be known. */
  readonly address: string
  /** The client by its own account. */
  readonly device?: string
  readonly presented: readonly RequestToken[]
}

/** From a name and a password to a session. */
export class Logins {
  readonly #authx: AuthX
  readonly #accounts: Accounts
  readonly #limits: LoginLimits

  constructor(authx: AuthX, accounts: Accounts, limits: LoginLimits) {
    this.#authx = authx
    this.#accounts = accounts
    this.#limits = limits
  }

  /**
   * @param origin where the request comes from, and the tokens that came with it: their sessions end, so that nobody goes on in one that another may have planted
   * @throws AuthError `CREDENTIALS_WRONG`, the same for a wrong password, an unknown user and a disabled account
   * @throws AuthError `TOO_MANY_ATTEMPTS`
   */
  async login(username: string, password: string, origin: LoginOrigin): Promise<TokenPair> {
    const account = await this.#limits.attempt(username, origin.address, () =>
      this.#accounts.authenticate(username, password),
    )
    if (account === undefined) throw new AuthError('CREDENTIALS_WRONG')
    return this.#begin(account, origin)
  }

  /**
   * Starts a session of somebody who has just proven to be the user.
   *
   * @throws AuthError `SUBJECT_UNKNOWN`
   */
  async begin(sub: string, origin: Omit<LoginOrigin, 'presented'>): Promise<TokenPair> {
    const account = await this.#accounts.findById(sub)
    if (account === undefined) throw new AuthError('SUBJECT_UNKNOWN')
    return this.#begin(account, { ...origin, presented: [] })
  }

  /**
   * Asks somebody who is logged in for the password again; what is wrong counts as a failed login.
   *
   * @throws AuthError `CREDENTIALS_WRONG`, `TOO_MANY_ATTEMPTS` or `SUBJECT_UNKNOWN`
   */
  async confirm(sub: string, password: string, address: string): Promise<void> {
    const account = await this.#accounts.findById(sub)
    if (account === undefined) throw new AuthError('SUBJECT_UNKNOWN')
    const { username } = account
    const check = () => this.#accounts.authenticate(username, password)
    if ((await this.#limits.attempt(username, address, check)) === undefined) {
      throw new AuthError('CREDENTIALS_WRONG')
    }
  }

  async #begin(account: Account, { presented, device, address }: LoginOrigin): Promise<TokenPair> {
    const scopes = await this.#accounts.scopesOf(account)
    for (const token of new Set(presented.map((one) => one.token))) await this.#authx.revoke({ token })
    const pair = await this.#authx.sessions.login({
      sub: account.id,
      address,
      ...(device !== undefined ? { device } : {}),
      // A scope claim has at least one scope (RFC 6749 section 3.3).
      ...(scopes.length > 0 ? { scopes } : {}),
    })
    // Whoever disables an account, changes its password or takes a scope away ends its sessions after that; one that was made in between would be left.
    if (await this.#accounts.isAsItWas(account, scopes)) return pair
    await this.#authx.revoke({ token: pair.refreshToken })
    throw new AuthError('CREDENTIALS_WRONG')
  }
}
