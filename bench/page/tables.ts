import { CLAIMS, type Results } from '../claims.ts'
import type { Section } from '../contest.ts'
import { type Figure, figureOf, ratio, type Samples } from '../measure/figures.ts'
import { boundOf, type Growth } from '../measure/memory.ts'

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

/** Of a ratio as many digits as can be told apart. */
function times(figure: Figure): string {
  const digits = figure.median < 10 ? 2 : 1
  const half = spread(figure, digits)
  return half === '' ? plain(figure.median, digits) : `${plain(figure.median, digits)} (${half})`
}

/** The medians of a section, where half of the samples are, and the ratios to its baseline and to each one's floor. */
export function sectionTable(section: Section, samples: Samples): string {
  const { baseline, contestants, digits, unit } = section
  const measured = contestants.filter(({ name }) => samples.has(name))
  const hasFloors = measured.some(({ floor }) => floor !== undefined)
  const rows = measured.map(({ name, floor }) => {
    const figure = figureOf(samples.get(name) ?? [])
    const ratios = [baseline, ...(hasFloors ? [floor] : [])].map((base) =>
      base === undefined || base === name || !samples.has(base) ? '' : times(ratio(samples, name, base)),
    )
    return [name, plain(figure.median, digits), spread(figure, digits), ...ratios]
  })
  return table(
    ['', unit, 'half of all', `to ${baseline}`, ...(hasFloors ? ['to the same without'] : [])],
    rows,
  )
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
    return [[says, wanted, times(figure), isTold ? verdict : `${verdict}, not for sure`]]
  })
  return table(['', 'we want', 'measured', 'holds'], rows)
}

/** A line for each peer that does better than what we do in its place, in the ratios of this run. */
export function peersAhead({ contestants, isRate }: Section, samples: Samples): readonly string[] {
  const measured = contestants.filter(({ name }) => samples.has(name))
  return measured.flatMap((peer) => {
    const own = measured.find(
      (one) => one.ours && (peer.against ?? peer.floor) === (peer.against ? one.name : one.floor),
    )
    if (peer.ours || !(peer.guards || peer.against) || own === undefined) return []
    const figure = isRate ? ratio(samples, peer.name, own.name) : ratio(samples, own.name, peer.name)
    return figure.median > 1 ? [`- ${peer.name}: ${times(figure)} times as fast as "${own.name}"`] : []
  })
}
