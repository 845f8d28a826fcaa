import { countsInWords, type NamedReport, sourcesInWords, wayInWords } from './named-report.ts'

/** The report as a page of Markdown. */
export function asMarkdown(report: NamedReport): string {
  const rows = report.entries.map((entry) =>
    [
      code(entry.coordinate),
      entry.effect,
      text(entry.rule),
      text(sourcesInWords(entry)),
      text(wayInWords(entry, 'directly')),
    ].join(' | '),
  )
  return [
    '# Who may have what',
    '',
    `${report.files.map(code).join(', ')}, default policy \`${report.defaultPolicy}\`: ${countsInWords(report)}.`,
    '',
    ...list(
      'Warnings',
      report.warnings.map(({ coordinate, message }) => `${code(coordinate)}: ${text(message)}`),
    ),
    ...list('Notes', report.notes.map(text)),
    '## Coordinates',
    '',
    '| coordinate | effect | rule | from | anyone gets there |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n')
}

function list(title: string, items: readonly string[]): string[] {
  return items.length === 0 ? [] : [`## ${title}`, '', ...items.map((item) => `- ${item}`), '']
}

function code(name: string): string {
  const fence = name.includes('`') ? '``' : '`'
  return `${fence}${name.replaceAll('|', '\\|')}${fence}`
}

/** A scope may be made of almost any sign, and some of them mean something here. */
function text(words: string): string {
  return words.replaceAll(/[\\`*_[\]<>|~#&!]/g, '\\$&')
}
