import { ConfigurationError } from '../../core/configuration-error.ts'
import type { AuditEntry, AuditReport } from '../../graphql/audit/entry.ts'

/**
 * The fields that let in a caller without a token although a pattern says that none may: `Mutation.*` names them, `!Mutation.login` excepts one.
 *
 * @throws ConfigurationError where a pattern names nothing: misspelt, it would deny nothing, and nobody would know
 */
export function deniedBy(patterns: readonly string[], { entries }: AuditReport): readonly AuditEntry[] {
  const fields = entries.filter(({ kind }) => kind === 'field')
  const read = patterns.map((pattern) => ({ isExcept: pattern.startsWith('!'), matches: matcherOf(pattern) }))
  for (const [at, { matches }] of read.entries()) {
    if (fields.some(({ coordinate }) => matches(coordinate))) continue
    throw new ConfigurationError(
      `--deny-public ${patterns[at]}: names no field of this schema; it is a pattern such as 'Mutation.*', or '!Mutation.login' for what it does not mean`,
    )
  }
  if (read.length > 0 && read.every(({ isExcept }) => isExcept)) {
    throw new ConfigurationError(
      "--deny-public: has exceptions alone; say what they are excepted from, such as 'Mutation.*'",
    )
  }
  return fields.filter(({ coordinate, effect }) => {
    if (effect === 'guarded') return false
    const named = read.filter(({ matches }) => matches(coordinate))
    return named.length > 0 && !named.some(({ isExcept }) => isExcept)
  })
}

/** What is said of what was found. */
export function denialInWords(denied: readonly AuditEntry[]): string {
  const lines = denied.map(({ coordinate, effect, rule }) => `  ${coordinate}  ${effect}   (${rule})`)
  return [
    'These let in callers without a token, and --deny-public says that none of them may:',
    ...lines,
    "Put @auth there, or except what is meant: --deny-public '!Type.field'",
    '',
  ].join('\n')
}

function matcherOf(pattern: string): (coordinate: string) => boolean {
  // Anything but names, dots and stars matches nothing, which is said.
  if (!/^!?[\w.*]+$/.test(pattern)) return () => false
  const expression = pattern.replace('!', '').replaceAll('.', '\\.').replaceAll('*', '.*')
  const whole = new RegExp(`^${expression}$`)
  return (coordinate) => whole.test(coordinate)
}
