/** Counts tries by key, each key in a window that begins with its first try. Every method rejects when it cannot do its work. */
export interface AttemptCounter {
  /**
   * Takes one try of a key, if there is one left. Of callers that race, in all processes, no more succeed than there are tries.
   *
   * @returns 0, or the milliseconds until the key's window ends; nothing was taken then
   */
  spend(key: string): Promise<number>
  /** Gives one try back. */
  refund(key: string): Promise<void>
  /** Begins a new window for a key, with one try taken. */
  restart(key: string): Promise<void>
  /** How many tries of a key are taken now. */
  taken(key: string): Promise<number>
}

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
