import type { Account } from '../../core/account-store.ts'
import type { LogEntry } from '../../core/blocklist.ts'
import type { SessionRow } from '../rotation.ts'

/** All that a memory store knows. The keys of the maps are made by {@link nameOf}, but for accounts. */
export interface State {
  /** In the order of positions: a Map keeps the order of insertion, and an entry that moves is deleted first. */
  readonly log: Map<string, LogEntry>
  /** The last position that was given out. */
  head: number
  readonly epochs: Map<string, number>
  readonly sessions: Map<string, SessionRow>
  /** By id. */
  readonly accounts: Map<string, Account>
  /** The id of an account by what its username is compared by. */
  readonly usernames: Map<string, string>
}

export function emptyState(): State {
  return {
    log: new Map(),
    head: 0,
    epochs: new Map(),
    sessions: new Map(),
    accounts: new Map(),
    usernames: new Map(),
  }
}

/** An issuer and a key as one text, such that no two pairs share it: the length tells where the issuer ends. */
export function nameOf(issuer: string, key: string): string {
  return `${issuer.length}:${issuer}${key}`
}

/** What {@link nameOf} made one text of. */
export function partsOf(name: string): readonly [issuer: string, key: string] {
  const begin = name.indexOf(':') + 1
  const end = begin + Number(name.slice(0, begin - 1))
  return [name.slice(begin, end), name.slice(end)]
}
