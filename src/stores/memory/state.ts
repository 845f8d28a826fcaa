import type { Account } from '../../core/account-store.ts'
import type { LogEntry } from '../../core/blocklist.ts'
import type { SessionRow } from '../rotation.ts'

/** Values by an issuer and a key of its own, such as a session's id. A Map in a Map: a text made of both would have to be made, and read through, for each look. */
export class ByIssuer<Value> {
  readonly #issuers = new Map<string, Map<string, Value>>()

  get(issuer: string, key: string): Value | undefined {
    return this.#issuers.get(issuer)?.get(key)
  }

  set(issuer: string, key: string, value: Value): void {
    const values = this.#issuers.get(issuer)
    if (values === undefined) this.#issuers.set(issuer, new Map([[key, value]]))
    else values.set(key, value)
  }

  delete(issuer: string, key: string): void {
    const values = this.#issuers.get(issuer)
    values?.delete(key)
    if (values?.size === 0) this.#issuers.delete(issuer)
  }

  values(): Value[] {
    return [...this.#issuers.values()].flatMap((values) => [...values.values()])
  }

  /** The issuers that have a value of a key. */
  issuersOf(key: string): string[] {
    return [...this.#issuers].flatMap(([issuer, values]) => (values.has(key) ? [issuer] : []))
  }
}

/** All that a memory store knows. */
export interface State {
  /** By their positions, in whose order they are: a Map keeps the order of insertion, and an entry that moves is deleted first. */
  readonly log: Map<number, LogEntry>
  /** The same by what they are about. */
  readonly listed: Readonly<Record<LogEntry['kind'], ByIssuer<LogEntry>>>
  /** The last position that was given out. */
  head: number
  readonly epochs: ByIssuer<number>
  readonly sessions: ByIssuer<SessionRow>
  /** By id. */
  readonly accounts: Map<string, Account>
  /** The id of an account by what its username is compared by. */
  readonly usernames: Map<string, string>
}

export function emptyState(): State {
  return {
    log: new Map(),
    listed: { token: new ByIssuer(), session: new ByIssuer(), subject: new ByIssuer() },
    head: 0,
    epochs: new ByIssuer(),
    sessions: new ByIssuer(),
    accounts: new Map(),
    usernames: new Map(),
  }
}
