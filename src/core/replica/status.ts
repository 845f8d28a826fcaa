/** How a copy fares, for metrics. Times are milliseconds, counts are since the start. */
export interface ReplicaStatus {
  /** Revocations that are known and in force. */
  readonly entries: number
  /** How old what is known may be; null before the log was read to its end for the first time. */
  readonly age: number | null
  /** What the last poll took, whether it succeeded or not; null before the first. */
  readonly lastPoll: number | null
  readonly polls: number
  readonly failedPolls: number
  /** Checks that had to wait for a poll. */
  readonly waits: number
  /** Of those, the ones that got no answer, so that the request was refused. */
  readonly refusals: number
  /** How often the store was found to have lost lines. */
  readonly losses: number
}
