import { type AuditEntry, EFFECTS, type Effect } from '../../graphql/audit/entry.ts'
import { countsInWords, type NamedReport, sourcesInWords, wayInWords } from './named-report.ts'

/** How a table is set. */
export interface TableOptions {
  /** Columns of the terminal; Infinity where nothing is broken into lines. */
  readonly width: number
  readonly paint: (effect: Effect, text: string) => string
}

const GAP = '  '
const EFFECT_WIDTH = Math.max(...EFFECTS.map(({ length }) => length))
/** A column of words that is narrower reads badly; on such a terminal they stand on lines of their own. */
const NARROWEST = 24

/** The report for a terminal: one coordinate after the other, in words that are broken where the terminal ends. */
export function asTable(report: NamedReport, { width, paint }: TableOptions): string {
  const longest = Math.max(0, ...report.entries.map(({ coordinate }) => coordinate.length))
  const first = Math.min(longest, Math.max(20, Math.floor(width * 0.4)))
  const indent = first + EFFECT_WIDTH + 2 * GAP.length
  const room = width - indent
  const row = (entry: AuditEntry): string => {
    const effect = paint(entry.effect, entry.effect.padEnd(EFFECT_WIDTH))
    const words = wordsOf(entry)
    if (room < NARROWEST) {
      return [entry.coordinate, ...hang(`${entry.effect}: ${words}`, width, '    ')].join('\n')
    }
    const [line = '', ...more] = broken(words, room)
    const isLong = entry.coordinate.length > first
    const head = isLong ? `${entry.coordinate}\n${' '.repeat(first)}` : entry.coordinate.padEnd(first)
    return [`${head}${GAP}${effect}${GAP}${line}`, ...more.map((one) => ' '.repeat(indent) + one)].join('\n')
  }
  return [
    ...broken(`${report.files.join(', ')} (default policy: ${report.defaultPolicy})`, width),
    ...broken(countsInWords(report), width),
    '',
    ...report.entries.map(row),
    ...section(
      'Warnings',
      report.warnings.map(({ coordinate, message }) => `${coordinate}: ${message}`),
      width,
    ),
    ...section('Notes', report.notes, width),
    '',
  ].join('\n')
}

function wordsOf(entry: AuditEntry): string {
  // What stands nowhere but there needs no mention: the rule is its words.
  const isOwn = entry.sources.every(({ at }) => at === entry.coordinate)
  const sources = isOwn ? '' : sourcesInWords(entry)
  const rule = sources === '' ? entry.rule : `${entry.rule} (${sources})`
  return [rule, wayInWords(entry)].filter((part) => part !== '').join('; ')
}

function section(title: string, items: readonly string[], width: number): string[] {
  if (items.length === 0) return []
  return ['', title, ...items.flatMap((item) => hang(`- ${item}`, width, '  '))]
}

function hang(text: string, width: number, indent: string): string[] {
  return broken(text, width - indent.length).map((line) => indent + line)
}

/** Lines no longer than the room, unless a single word is. */
function broken(text: string, room: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > room) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
