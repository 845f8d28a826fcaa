/** Counts tries by key, each key in a window that begins with its first try. Every method rejects when it cannot do its work. */
export interface AttemptCounter {
  /** Takes one try of a key, if there is one left. Of callers that race, in all processes, no more succeed than there are tries. */
  spend(key: string): Promise<Spending>
  /** Begins a new window for a key, with one try taken. */
  restart(key: string): Promise<void>
  /** How many tries of a key are taken now. */
  taken(key: string): Promise<number>
}

/** What came of asking for a try. */
export type Spending =
  /** Milliseconds until the key's window ends, at least 1; nothing was taken. */
  | { readonly wait: number }
  /** One was taken. Gives it back, once, to the window that it was taken from; where that is over, to none. */
  | { readonly wait: 0; refund(): Promise<void> }

/** How many tries a key has in one window. */
export interface Allowance {
  /** Keeps this counter's keys apart from those of others. */
  readonly name: string
  readonly tries: number
  /** Seconds, at most {@link LONGEST_WINDOW}. */
  readonly window: number
}

/** 24 days: a timer of Node.js holds no more milliseconds. */
export const LONGEST_WINDOW: number = 24 * 86_400

/** Where tries are counted, for all processes that share a database. */
export interface Attempts {
  counter(allowance: Allowance): AttemptCounter
  close(): Promise<void>
}
