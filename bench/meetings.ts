import { CLAIMS } from './claims.ts'
import type { Contestant, Section } from './contest.ts'

/** Two that are measured beside each other, and whatever else is not up meanwhile. */
export type Meeting = readonly [Contestant, Contestant]

/**
 * Who meets whom: everybody the same without what it adds, each peer the one of ours that does the same, and whoever something is claimed of.
 *
 * @param takesPart which of the meetings are asked for
 */
export function meetingsOf(
  section: Section,
  takesPart: (...meeting: Meeting) => boolean = () => true,
): readonly Meeting[] {
  const { baseline, contestants } = section
  const byName = new Map(contestants.map((one) => [one.name, one]))
  const pairs = [
    ...contestants.map(({ name, floor = baseline }) => [name, floor]),
    ...contestants.flatMap((peer) =>
      [ownOf(section, peer)?.name ?? []].flat().map((own) => [own, peer.name]),
    ),
    ...CLAIMS.filter(({ compares: [of] }) => of === section.name).flatMap(
      ({ compares: [, name, ...others] }) => others.map((other) => [name, other]),
    ),
  ]
  const meetings = new Map<string, Meeting>()
  for (const [name = '', other = ''] of pairs) {
    const [one, base] = [byName.get(name), byName.get(other)]
    if (one === undefined || base === undefined)
      throw new Error(`${section.name}: ${name}: nobody is called ${other}`)
    const who = [name, other].sort().join('\n')
    if (one !== base && !meetings.has(who) && takesPart(one, base)) meetings.set(who, [one, base])
  }
  return [...meetings.values()]
}

/** Of a peer, the one of ours that does the same. */
export function ownOf({ contestants }: Section, peer: Contestant): Contestant | undefined {
  if (peer.ours || !(peer.guards || peer.against)) return undefined
  return contestants.find(
    ({ ours, name, floor }) =>
      ours && (peer.against === undefined ? floor === peer.floor : name === peer.against),
  )
}
