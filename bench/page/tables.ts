import { CLAIMS, type Results } from '../claims.ts'
import type { Section } from '../contest.ts'
import type { Figure, Measured } from '../measure/figures.ts'
import { boundOf, type Growth } from '../measure/memory.ts'
import { besideOf } from '../meetings.ts'

type Row = readonly string[]

/** A table in Markdown, its columns as wide as they need to be, so that a terminal shows it well too. */
export function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)))
  const line = (row: Row): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, at) => (at === 0 ? `:${'-'.repeat(width + 1)}` : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

const plain = (value: number, digits: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })

const spread = ({ low, high }: Figure, digits: number): string =>
  low === high ? '' : `${plain(low, digits)} to ${plain(high, digits)}`

/** A figure with half of its rounds, in as many digits as can be told apart. */
function withHalf(figure: Figure): string {
  const digits = figure.median < 0.1 ? 3 : figure.median < 10 ? 2 : 1
  const half = spread(figure, digits)
  return half === '' ? plain(figure.median, digits) : `${plain(figure.median, digits)} (${half})`
}

/** The medians of a section, where half of the turns are, and the ratio to whom each is set beside. */
export function sectionTable(section: Section, measured: Measured): string {
  const { contestants, digits, unit } = section
  const rows = contestants.flatMap((one) => {
    const figure = measured.figure(one.name)
    if (figure === undefined) return []
    const beside = besideOf(section, one)?.name
    const ratio = beside && measured.ratio(one.name, beside)
    const compared = ratio ? [withHalf(ratio), beside] : ['', '']
    return [[one.name, plain(figure.median, digits), spread(figure, digits), ...compared]]
  })
  return table(['', unit, 'middle half', 'ratio', 'to'], rows)
}

export function memoryTable(growth: Growth): string {
  const mebibytes = (bytes: number): string => plain(bytes / 1024 / 1024, 1)
  const rows = growth.steps.map(({ tokens, bytes }) => [plain(tokens, 0), mebibytes(bytes)])
  return `${table(['distinct tokens', 'MiB more in use'], rows)}

The bound: ${plain(growth.remembered, 0)} tokens remembered, ${mebibytes(boundOf(growth))} MiB. The ${plain(growth.steps.at(-1)?.tokens ?? 0, 0)} took ${plain(growth.seconds, 0)} seconds.`
}

export function claimTable(results: Results): string {
  const rows = CLAIMS.flatMap(({ says, atLeast, atMost, of }) => {
    const figure = of(results)
    if (figure === undefined) return []
    const holds = (value: number): boolean =>
      atLeast === undefined ? value <= (atMost ?? Number.NaN) : value >= atLeast
    const verdict = holds(figure.median) ? 'yes' : '**no**'
    // Where the half of all rounds says the one and the other, this run does not tell.
    const isTold = holds(figure.low) === holds(figure.high)
    const wanted = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`
    return [[says, wanted, withHalf(figure), isTold ? verdict : `${verdict}, not for sure`]]
  })
  return table(['', 'we want', 'measured', 'holds'], rows)
}

/** A line for each peer that does better than what we do in its place. */
export function peersAhead(section: Section, measured: Measured): readonly string[] {
  return section.contestants.flatMap((peer) => {
    const own = besideOf(section, peer)
    if (peer.ours || !own?.ours) return []
    const figure = section.isRate ? measured.ratio(peer.name, own.name) : measured.ratio(own.name, peer.name)
    if (figure === undefined || figure.median <= 1) return []
    const isTold = figure.low > 1 ? '' : ', not for sure'
    return [`- ${peer.name}: ${withHalf(figure)} times as fast as "${own.name}"${isTold}`]
  })
}
