import type { AuthX } from '../authx.ts'
import type { TokenPair } from '../core/issuer.ts'
import { AuthError } from '../graphql/auth-error.ts'
import type { Accounts } from './accounts.ts'
import type { LoginLimits } from './login-limits.ts'

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
   * @param source the address that the request comes from
   * @throws AuthError `CREDENTIALS_WRONG`, the same for a wrong password, an unknown user and a disabled account
   * @throws AuthError `TOO_MANY_ATTEMPTS`
   */
  async login(username: string, password: string, source: string): Promise<TokenPair> {
    const account = await this.#limits.attempt(username, source, () =>
      this.#accounts.authenticate(username, password),
    )
    if (account === undefined) throw new AuthError('CREDENTIALS_WRONG')
    const pair = await this.#authx.sessions.login({ sub: account.id })
    // Whoever disables an account ends its sessions after that; one that was made in between would be left.
    if (await this.#accounts.isAsItWas(account)) return pair
    await this.#authx.revoke({ token: pair.refreshToken })
    throw new AuthError('CREDENTIALS_WRONG')
  }
}
