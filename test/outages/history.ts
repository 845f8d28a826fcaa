/** Nanoseconds of the machine's monotonic clock, which all its processes share. */
export type Moment = bigint

/** One request with an access token, as it was answered. */
export interface Check {
  readonly sid: string
  /** Which process answered; one that was started again is another. */
  readonly process: string
  /** When it began to ask whether the token is revoked; of an answer without one, when it came. */
  readonly at: Moment
  readonly verdict: 'accepted' | 'revoked'
}

/** One answer to a refresh token that was shown to several processes at once. */
export interface Refreshed {
  readonly sid: string
  readonly generation: number
  /** The successor's `jti`. */
  readonly successor: string
  /** When it was asked for. */
  readonly sent: Moment
}

/** All that was seen from outside. */
export interface History {
  /** When the end of a session was acknowledged, by `sid`. */
  readonly ended: Map<string, Moment>
  readonly checks: Check[]
  readonly refreshed: Refreshed[]
  /** Sessions that were ended as stolen while nobody had stolen anything. */
  readonly alarms: string[]
}

export function emptyHistory(): History {
  return { ended: new Map(), checks: [], refreshed: [], alarms: [] }
}

/** What a history shows. */
export interface Judgement {
  readonly violations: readonly string[]
  /** Milliseconds after its acknowledged end at which a session was still accepted at the latest. */
  readonly worstStaleness: number
  /** How many checks there were of sessions whose end had been acknowledged. */
  readonly checksAfterEnd: number
}

/**
 * Judges what happened, once it is over.
 *
 * - I1: no check that begins `maxStaleness` after an acknowledged end accepts.
 * - I2: a process that said "revoked" never accepts again; nor does any other, `maxStaleness` later.
 * - REF-04: a refresh token has one successor, whoever is asked, and nobody is called a thief for a race.
 * - REF-08: nothing that is asked for after an acknowledged end is refreshed.
 *
 * @param maxStaleness milliseconds
 */
export function judge(history: History, maxStaleness: number): Judgement {
  const bound = BigInt(maxStaleness) * MILLISECOND
  const violations: string[] = []
  let worst = 0n
  let checksAfterEnd = 0
  for (const check of history.checks) {
    const ended = history.ended.get(check.sid)
    if (ended === undefined || check.at < ended) continue
    checksAfterEnd += 1
    if (check.verdict !== 'accepted') continue
    const late = check.at - ended
    if (late > worst) worst = late
    if (late >= bound) violations.push(`I1: ${check.process} accepted ${inMs(late)} ms after the end`)
  }
  return {
    violations: [
      ...violations,
      ...unlearned(history.checks, bound),
      ...forked(history.refreshed),
      ...refreshedAfterEnd(history),
      ...history.alarms.map((sid) => `REF-04: ${sid} was called stolen`),
    ],
    worstStaleness: inMs(worst),
    checksAfterEnd,
  }
}

const MILLISECOND = 1_000_000n

function inMs(nanoseconds: bigint): number {
  return Math.round(Number(nanoseconds) / 1e5) / 10
}

function unlearned(checks: readonly Check[], bound: bigint): string[] {
  const byProcess = new Map<string, Moment>()
  const byAnyone = new Map<string, Moment>()
  const keep = (known: Map<string, Moment>, key: string, at: Moment): void => {
    const before = known.get(key)
    if (before === undefined || at < before) known.set(key, at)
  }
  for (const { sid, process, at, verdict } of checks) {
    if (verdict !== 'revoked') continue
    keep(byProcess, `${process} ${sid}`, at)
    keep(byAnyone, sid, at)
  }
  return checks.flatMap(({ sid, process, at, verdict }) => {
    if (verdict !== 'accepted') return []
    const own = byProcess.get(`${process} ${sid}`)
    const other = byAnyone.get(sid)
    const isUnlearned =
      (own !== undefined && at > own) || (other !== undefined && at > other && at - other >= bound)
    return isUnlearned ? [`I2: ${process} accepted what had been called revoked`] : []
  })
}

function forked(refreshed: readonly Refreshed[]): string[] {
  const successors = new Map<string, Set<string>>()
  for (const { sid, generation, successor } of refreshed) {
    const key = `${sid} ${generation}`
    const known = successors.get(key)
    if (known === undefined) successors.set(key, new Set([successor]))
    else known.add(successor)
  }
  return [...successors]
    .filter(([, known]) => known.size > 1)
    .map(([key, known]) => `REF-04: ${key} has ${known.size} successors`)
}

function refreshedAfterEnd({ refreshed, ended }: History): string[] {
  return refreshed.flatMap(({ sid, sent }) => {
    const end = ended.get(sid)
    return end !== undefined && sent > end ? [`REF-08: ${sid} was refreshed after its end`] : []
  })
}
