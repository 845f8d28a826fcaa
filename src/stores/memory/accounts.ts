import {
  type Account,
  type AccountChange,
  type PasswordReplacement,
  usernameKey,
} from '../../core/account-store.ts'
import type { State } from './state.ts'

export function createAccount(state: State, account: Account): boolean {
  const { id, username, passwordHash, disabled, scopes } = account
  const name = usernameKey(username)
  if (state.usernames.has(name)) return false
  if (state.accounts.has(id)) throw new Error('an account of this id exists already')
  state.usernames.set(name, id)
  state.accounts.set(id, frozen({ id, username, passwordHash, disabled, scopes }))
  return true
}

export function changeAccount(state: State, id: string, change: AccountChange): boolean {
  const account = state.accounts.get(id)
  if (account === undefined) return false
  const { passwordHash = account.passwordHash, disabled = account.disabled, scopes = account.scopes } = change
  state.accounts.set(id, frozen({ ...account, passwordHash, disabled, scopes }))
  return true
}

export function replacePassword(state: State, id: string, { current, next }: PasswordReplacement): boolean {
  const account = state.accounts.get(id)
  if (account === undefined || account.disabled || account.passwordHash !== current) return false
  return changeAccount(state, id, { passwordHash: next })
}

export function deleteAccount(state: State, id: string): boolean {
  const account = state.accounts.get(id)
  if (account === undefined) return false
  state.usernames.delete(usernameKey(account.username))
  return state.accounts.delete(id)
}

/** What callers hold is theirs; what is kept is not theirs to change. */
function frozen(account: Account): Account {
  return Object.freeze({ ...account, scopes: Object.freeze([...account.scopes]) })
}
