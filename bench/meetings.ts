import { CLAIMS } from './claims.ts'
import type { Contestant, Section } from './contest.ts'

/** One or two that are up meanwhile, and nobody else. */
export type Meeting = readonly Contestant[]

/**
 * Whom the row of a contestant is set beside: of a peer ours that does the same, of everybody else the same without what it adds, or else the section's baseline.
 *
 * @returns undefined where there is nobody
 * @throws Error where the one that is named is not there, or not ours
 */
export function besideOf(section: Section, one: Contestant): Contestant | undefined {
  const { baseline, contestants } = section
  const isPeer = !one.ours && (one.guards === true || one.against !== undefined)
  if (isPeer) {
    const isTheirs = ({ name, floor }: Contestant): boolean =>
      one.against === undefined ? floor !== undefined && floor === one.floor : name === one.against
    const own = contestants.filter((other) => other.ours && isTheirs(other))
    if (own.length !== 1)
      throw new Error(`${section.name}: ${one.name}: say in \`against\` which of ours does the same`)
    return own[0]
  }
  const { name, floor = baseline } = one
  return floor === null || floor === name ? undefined : named(section, floor)
}

/**
 * Who meets whom: everybody whom they are set beside, and whoever something is claimed of.
 *
 * @param isQuick whether only rows are wanted that are measured with `--quick`, and claims of those
 */
export function meetingsOf(section: Section, isQuick = false): readonly Meeting[] {
  const { baseline, contestants, name: of } = section
  const meetings = new Map<string, Meeting>()
  const meet = (...meeting: Meeting): void => {
    const who = meeting
      .map(({ name }) => name)
      .sort()
      .join('\n')
    if (!meetings.has(who)) meetings.set(who, meeting)
  }
  const asked = contestants.filter(({ quick }) => !isQuick || quick)
  for (const one of asked) {
    const beside = besideOf(section, one)
    if (beside !== undefined) meet(one, beside)
    // The baseline itself has its turns beside the others.
    else if (one.name !== baseline) meet(one)
  }
  for (const { compares } of CLAIMS.filter(({ compares: [about] }) => about === of)) {
    const [name, ...others] = compares.slice(1).map((one) => named(section, one))
    for (const other of others) {
      if (name !== undefined && (!isQuick || (name.quick && other.quick))) meet(name, other)
    }
  }
  return [...meetings.values()]
}

function named({ name: section, contestants }: Section, name: string): Contestant {
  const found = contestants.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${section}: nobody is called ${name}`)
  return found
}
