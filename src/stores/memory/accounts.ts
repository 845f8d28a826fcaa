import { type Account, usernameKey } from '../../core/account-store.ts'
import type { State } from './state.ts'

export function createAccount(state: State, { id, username, passwordHash }: Account): boolean {
  const name = usernameKey(username)
  if (state.usernames.has(name)) return false
  if (state.accounts.has(id)) throw new Error('an account of this id exists already')
  state.usernames.set(name, id)
  state.accounts.set(id, Object.freeze({ id, username, passwordHash }))
  return true
}

export function setPasswordHash(state: State, id: string, passwordHash: string): boolean {
  const account = state.accounts.get(id)
  if (account === undefined) return false
  state.accounts.set(id, Object.freeze({ ...account, passwordHash }))
  return true
}
