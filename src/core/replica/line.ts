import type { LogEntry } from '../blocklist.ts'

/** What is known of one key. */
export interface Line {
  /** When it expires by the store's clock, seconds since the epoch, rounded up; {@link FOREVER} where that is not known yet. */
  readonly until: number
  /** Of a subject: the epoch that tokens must carry at least. Otherwise 0. */
  readonly epoch: number
}

/** A line with what it is about. */
export interface NamedLine extends Line, Pick<LogEntry, 'kind' | 'issuer' | 'key'> {}

/** A line that no sweep removes. */
export const FOREVER = 0xffff_ffff

/** The expiry of a line, from milliseconds. Never sooner than it was, and never 0. */
export function untilOf(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds / 1000), 1), FOREVER)
}
