import type { AuthX } from '../authx.ts'
import type { Account } from '../core/account-store.ts'
import type { RefusedAbout } from '../core/audit.ts'
import type { AccessClaims, RefreshClaims } from '../core/claims.ts'
import type { TokenPair } from '../core/issuer.ts'
import type { RequestToken } from '../core/request-token.ts'
import { AuthError } from '../graphql/auth-error.ts'
import type { Accounts } from './accounts.ts'
import type { LoginLimits } from './login-limits.ts'
import { PasswordChanges } from './password-changes.ts'

/** Where a login comes from. */
export interface LoginOrigin {
  /** An IP address, as far as it can be known. */
  readonly address: string
  /** The client by its own account. */
  readonly device?: string
  readonly presented: readonly (RequestToken | null)[]
}

/** A password that is to take the place of another, as they were typed. */
interface TypedPasswords {
  readonly current: string
  readonly next: string
}

/** What of a refusal is known before it is one. */
type About = { -readonly [Name in keyof RefusedAbout]: RefusedAbout[Name] }

/** From a name and a password to a session. What is refused on the way is told to the audit log. */
export class Logins {
  readonly #authx: AuthX
  readonly #accounts: Accounts
  readonly #limits: LoginLimits
  readonly #passwords: PasswordChanges

  constructor(authx: AuthX, accounts: Accounts, limits: LoginLimits) {
    this.#authx = authx
    this.#accounts = accounts
    this.#limits = limits
    this.#passwords = new PasswordChanges(accounts, authx.sessions)
  }

  /**
   * @param origin where the request comes from, and the tokens that came with it: their sessions end, so that nobody goes on in one that another may have planted
   * @throws AuthError `CREDENTIALS_WRONG`, the same for a wrong password, an unknown user and a disabled account
   * @throws AuthError `TOO_MANY_ATTEMPTS`
   */
  login(username: string, password: string, origin: LoginOrigin): Promise<TokenPair> {
    const { address } = origin
    const about: About = { address }
    return this.#audited(about, async () => {
      const account = await this.#limits.attempt(username, address, async () => {
        const named = await this.#accounts.whoever(username)
        about.sub = named?.id ?? null
        return this.#accounts.verify(named, password)
      })
      if (account === undefined) throw new AuthError('CREDENTIALS_WRONG')
      return this.#begin(account, origin)
    })
  }

  /**
   * Gives somebody who is logged in a new password, and a new session in place of all that there are. A wrong password counts as a failed login.
   *
   * @throws AuthError `CREDENTIALS_WRONG` where the password is wrong, or another change was quicker
   * @throws AuthError `TOKEN_REVOKED`, `TOO_MANY_ATTEMPTS` or `SUBJECT_UNKNOWN`
   */
  changePassword(
    { sub, sid, jti }: AccessClaims,
    { current, next }: TypedPasswords,
    origin: Omit<LoginOrigin, 'presented'>,
  ): Promise<TokenPair> {
    return this.#audited({ sub, sid, jti, address: origin.address }, async () => {
      await this.#requireLive(sub, sid)
      const confirmed = await this.#confirm(sub, current, origin.address)
      const changed = await this.#passwords.change(confirmed, next)
      if (changed === undefined) throw new AuthError('CREDENTIALS_WRONG')
      return this.#begin(changed, { ...origin, presented: [] })
    })
  }

  /**
   * What a refresh may give now. Asked before the token is spent: where there is no answer the client can come again with it.
   *
   * @throws AuthError `SUBJECT_UNKNOWN` where the user is gone or disabled
   */
  scopesAtRefresh({ sub, sid, jti }: RefreshClaims, address: string): Promise<readonly string[]> {
    return this.#audited({ sub, sid, jti, address }, async () =>
      this.#accounts.scopesOf(await this.#known(sub)),
    )
  }

  /** Asks the session store itself: what a process has heard of revocations may be older. */
  async #requireLive(sub: string, sid: string): Promise<void> {
    const sessions = await this.#authx.sessions.list(sub)
    if (!sessions.some((session) => session.sid === sid)) throw new AuthError('TOKEN_REVOKED')
  }

  /** Asks for the password again. The account is the one whose hash it was compared with. */
  async #confirm(sub: string, password: string, address: string): Promise<Account> {
    const account = await this.#known(sub)
    const check = () => this.#accounts.verify(account, password)
    const confirmed = await this.#limits.attempt(account.username, address, check)
    if (confirmed === undefined) throw new AuthError('CREDENTIALS_WRONG')
    return confirmed
  }

  async #known(sub: string): Promise<Account> {
    const account = await this.#accounts.findById(sub)
    if (account === undefined) throw new AuthError('SUBJECT_UNKNOWN')
    return account
  }

  async #begin(account: Account, { presented, device, address }: LoginOrigin): Promise<TokenPair> {
    const scopes = await this.#accounts.scopesOf(account)
    for (const token of new Set(presented.map((one) => one?.token))) {
      if (token !== undefined) await this.#authx.revoke({ token })
    }
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

  async #audited<Answer>(about: About, work: () => Promise<Answer>): Promise<Answer> {
    try {
      return await work()
    } catch (error) {
      throw error instanceof AuthError ? this.#authx.refused(error, about) : error
    }
  }
}
