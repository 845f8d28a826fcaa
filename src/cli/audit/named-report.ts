import type { AuditEntry, AuditReport, Effect } from '../../graphql/audit/entry.ts'
import { EFFECTS } from '../../graphql/audit/entry.ts'

/** A report, and what it is about. */
export interface NamedReport extends AuditReport {
  /** What the command line named. */
  readonly files: readonly string[]
}

/** How many entries have each effect, and how many of all fields anyone can reach. */
export interface Counts extends Readonly<Record<Effect, number>> {
  readonly withinReach: number
}

export function countsOf({ entries }: AuditReport): Counts {
  const of = (effect: Effect): number => entries.filter((entry) => entry.effect === effect).length
  const byEffect = Object.fromEntries(EFFECTS.map((effect) => [effect, of(effect)])) as Record<Effect, number>
  return { ...byEffect, withinReach: entries.filter(({ path }) => path !== null).length }
}

/** Such as `3 public, 1 optional, 8 guarded; anyone can reach 4`. */
export function countsInWords(report: AuditReport): string {
  const counts = countsOf(report)
  const parts = EFFECTS.filter((effect) => counts[effect] > 0).map((effect) => `${counts[effect]} ${effect}`)
  return `${parts.join(', ')}; anyone can reach ${counts.withinReach}`
}

/** How a caller without a token gets there: `through Query.node, Post.author`, or what is said at a root. */
export function wayInWords({ kind, effect, path }: AuditEntry, atRoot = ''): string {
  if (kind !== 'field' || effect === 'guarded') return ''
  if (path === null) return 'out of reach: no way leads there without a token'
  return path.length === 0 ? atRoot : `through ${path.join(', ')}`
}

/** What adds up to a rule, and where it stands. A source that says no more than the rule itself does is left out. */
export function sourcesInWords({ coordinate, rule, sources }: AuditEntry): string {
  return sources
    .filter(({ at, says }) => at !== coordinate || says !== rule)
    .map(({ at, says }) => (at === coordinate ? says : `${at} ${says}`))
    .join(', ')
}
