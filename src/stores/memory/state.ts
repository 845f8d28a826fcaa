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

/** One text for several, such that no two lists share it: lengths tell where one ends. */
export function nameOf(...parts: readonly string[]): string {
  let name = ''
  for (const part of parts) name += `${part.length}:${part}`
  return name
}

/** What {@link nameOf} made one text of. */
export function partsOf(name: string): readonly string[] {
  const parts: string[] = []
  for (let at = 0; at < name.length; ) {
    const begin = name.indexOf(':', at) + 1
    at = begin + Number(name.slice(at, begin - 1))
    parts.push(name.slice(begin, at))
  }
  return parts
}
