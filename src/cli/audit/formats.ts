import { extname } from 'node:path'
import { styleText } from 'node:util'
import { terminalColumns } from '../../server/environment.ts'
import { asHtml } from './html.ts'
import { asMarkdown } from './markdown.ts'
import { countsOf, type NamedReport } from './named-report.ts'
import { asTable, type TableOptions } from './table.ts'

/** How a report is written. */
export type Format = 'table' | 'json' | 'markdown' | 'html'

interface Writer {
  /** How the name of a file ends that stands for the format. */
  readonly ending?: string
  /** @param isShown whether it goes to standard output */
  readonly write: (report: NamedReport, isShown: boolean) => string
}

const WRITERS: Readonly<Record<Format, Writer>> = {
  table: { write: (report, isShown) => asTable(report, isShown ? onTerminal() : PLAIN) },
  json: { ending: '.json', write: asJson },
  markdown: { ending: '.md', write: asMarkdown },
  html: { ending: '.html', write: asHtml },
}

/** Every {@link Format}. */
export const FORMATS: readonly Format[] = Object.keys(WRITERS) as Format[]

/** The report in the format that is asked for; else in that of the file's name, else as a table. */
export function written(
  report: NamedReport,
  { format, output }: { readonly format?: Format; readonly output?: string },
): string {
  const ending = extname(output ?? '')
  const named = FORMATS.find((one) => WRITERS[one].ending === ending)
  return WRITERS[format ?? named ?? 'table'].write(report, output === undefined)
}

function asJson(report: NamedReport): string {
  return `${JSON.stringify({ version: 1, ...report, counts: countsOf(report) }, null, 2)}\n`
}

const PLAIN: TableOptions = { width: Number.POSITIVE_INFINITY, paint: (_, text) => text }

const COLOURS = { public: 'red', unverified: 'yellow', optional: 'yellow', guarded: 'green' } as const

function onTerminal(): TableOptions {
  return {
    width: terminalColumns() ?? process.stdout.columns ?? Number.POSITIVE_INFINITY,
    // Leaves the colour out where the terminal has none, or NO_COLOR is set.
    paint: (effect, text) => styleText(COLOURS[effect], text, { stream: process.stdout }),
  }
}
