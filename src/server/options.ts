import type { AccountDirectory } from '../core/account-store.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { GrantScopes } from './accounts.ts'
import type { Extend } from './extension.ts'

/** What a team puts in place of, or adds to, the server's own. */
export interface StartOptions {
  /** Shows what a person must see once and no log should keep: the demo user's password. @default nothing is shown */
  readonly announce?: (line: string) => void
  /** Who can log in: a user table of your own. The command line's `user` does not know it. @default the accounts in the server's database */
  readonly accounts?: AccountDirectory
  /**
   * Says what an account's tokens may do; asked at every login, and at every refresh, where the session's scopes can shrink to the answer and never grow.
   * What it throws is logged, and the login is refused (503); an `AuthError` is sent as it is.
   *
   * @default the account's own scopes
   */
  readonly grantScopes?: GrantScopes
  /** Adds fields of your own to the schema, such as a registration. @default none */
  readonly extend?: Extend
}

const NAMES: ReadonlySet<string> = new Set<keyof StartOptions>([
  'announce',
  'accounts',
  'grantScopes',
  'extend',
])

const ASKED = ['findByUsername', 'findById', 'replacePassword'] as const

/** @throws ConfigurationError naming the option that is wrong: one that is misspelt would be the default, and nobody would find out */
export function checkOptions(options: StartOptions): void {
  const unknown = Object.keys(options).find((name) => !NAMES.has(name))
  if (unknown !== undefined) {
    throw new ConfigurationError(`${unknown}: no such option; there are ${[...NAMES].join(', ')}`)
  }
  const { accounts } = options
  for (const name of ['announce', 'grantScopes', 'extend'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw new ConfigurationError(`${name}: must be a function`)
    }
  }
  if (accounts === undefined) return
  const missing = ASKED.find((name) => typeof (accounts as typeof accounts | null)?.[name] !== 'function')
  if (missing !== undefined) throw new ConfigurationError(`accounts: must have a method ${missing}`)
}
