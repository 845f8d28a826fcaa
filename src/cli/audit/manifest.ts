import { ConfigurationError } from '../../core/configuration-error.ts'
import { type AuditEntry, type AuditReport, EFFECTS, type Effect } from '../../graphql/audit/entry.ts'
import { VALUE_RULE } from '../../graphql/audit/wording.ts'

/** What a manifest says of one coordinate. */
export interface Line {
  readonly effect: Effect
  /** An argument or an input field: it has a line only where it has a rule. */
  readonly isValue: boolean
  /** Whether a caller without a token gets there. */
  readonly isWithinReach: boolean
  readonly rule: string
}

/** A manifest, read. */
export interface Manifest {
  readonly defaultPolicy: string
  readonly lines: ReadonlyMap<string, Line>
}

const GAP = '  '
const OUT_OF_REACH = ' (out of reach)'
const POLICY = 'default policy'

/**
 * The report as a text to commit: a line for each coordinate, sorted, with nothing that changes where its own rule does not, so that a review shows
 * what a change lets whom have, and no more.
 */
export function asManifest(report: AuditReport): string {
  const { defaultPolicy, lines } = manifestOf(report)
  return [
    '# Made by `graphql-authx audit --write`, and compared with the schema by `graphql-authx audit --check`.',
    '# Who may have what: public, unverified and optional let callers without a token in; guarded does not.',
    `${POLICY}${GAP}${defaultPolicy}`,
    '',
    ...Array.from(lines, ([coordinate, line]) => [coordinate, effectInWords(line), line.rule].join(GAP)),
    '',
  ].join('\n')
}

/** What a manifest of this report says. */
export function manifestOf({ defaultPolicy, entries }: AuditReport): Manifest {
  return { defaultPolicy, lines: new Map(entries.map((entry) => [entry.coordinate, lineOf(entry)])) }
}

function lineOf({ kind, effect, rule, path }: AuditEntry): Line {
  return { effect, rule, isValue: kind !== 'field', isWithinReach: path !== null }
}

/** Such as `public`, or `public (out of reach)`. */
export function effectInWords({ effect, isWithinReach, isValue }: Line): string {
  const isHidden = effect !== 'guarded' && !isWithinReach && !isValue
  return isHidden ? `${effect}${OUT_OF_REACH}` : effect
}

/** @throws ConfigurationError naming the line that says nothing of this kind */
export function readManifest(text: string, path: string): Manifest {
  let defaultPolicy: string | undefined
  const lines = new Map<string, Line>()
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line === '' || line.startsWith('#')) continue
    const [coordinate = '', said = '', ...rule] = line.split(GAP)
    if (coordinate === POLICY && defaultPolicy === undefined) {
      defaultPolicy = said
      continue
    }
    const effect = EFFECTS.find((one) => said === one || said === one + OUT_OF_REACH)
    if (effect === undefined || rule.length === 0 || lines.has(coordinate)) {
      throw new ConfigurationError(
        `${path}:${at + 1}: this is no line of a manifest, or its coordinate has one already; make the file anew with --write`,
      )
    }
    const words = rule.join(GAP)
    const isValue = words.startsWith(VALUE_RULE)
    const isWithinReach = effect !== 'guarded' && said === effect && !isValue
    lines.set(coordinate, { effect, isValue, isWithinReach, rule: words })
  }
  if (defaultPolicy === undefined) {
    throw new ConfigurationError(`${path}: is no manifest; make one with --write`)
  }
  return { defaultPolicy, lines }
}
