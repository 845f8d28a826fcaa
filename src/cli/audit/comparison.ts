import type { AuditReport } from '../../graphql/audit/entry.ts'
import { effectInWords, type Line, type Manifest, manifestOf } from './manifest.ts'
import { wayInWords } from './named-report.ts'

/** What a change does to one coordinate. */
export interface Difference {
  readonly text: string
  /** Whether somebody without a token gets what they did not get before. */
  readonly isOpening: boolean
}

/** What is otherwise than a manifest says. */
export interface Comparison {
  /** The policy of the manifest and that of today, where they are not the same. */
  readonly policy: readonly [before: string, now: string] | undefined
  readonly differences: readonly Difference[]
}

/** Compares a manifest with the schema of today; undefined where they agree. */
export function compare(manifest: Manifest, report: AuditReport): Comparison | undefined {
  const now = manifestOf(report)
  const ways = new Map(report.entries.map((entry) => [entry.coordinate, wayInWords(entry)]))
  const coordinates = [...new Set([...manifest.lines.keys(), ...now.lines.keys()])].sort()
  const differences = coordinates.flatMap((coordinate) => {
    const way = ways.get(coordinate) ?? ''
    return differenceOf(coordinate, manifest.lines.get(coordinate), now.lines.get(coordinate), way) ?? []
  })
  const isSamePolicy = manifest.defaultPolicy === now.defaultPolicy
  if (differences.length === 0 && isSamePolicy) return undefined
  return { policy: isSamePolicy ? undefined : [manifest.defaultPolicy, now.defaultPolicy], differences }
}

/**
 * For somebody who reviews the change.
 *
 * @param accept the command that takes it for right
 */
export function comparisonInWords({ policy, differences }: Comparison, accept: string): string {
  const [opening, other] = [true, false].map((isOpening) =>
    differences.filter((one) => one.isOpening === isOpening).map(({ text }) => text),
  )
  return [
    ...(policy === undefined ? [] : [`~ default policy  ${policy.join(' -> ')}`, '']),
    ...section('Callers without a token get more:', opening),
    ...section('Otherwise changed:', other),
    'If all of that is meant, write the manifest anew and commit it:',
    `  ${accept}`,
    '',
  ].join('\n')
}

function section(title: string, lines: readonly string[] = []): string[] {
  return lines.length === 0 ? [] : [title, ...lines, '']
}

function differenceOf(
  coordinate: string,
  before: Line | undefined,
  after: Line | undefined,
  way: string,
): Difference | undefined {
  const isValue = (before ?? after)?.isValue === true
  const isOpening = openness(after, isValue) > openness(before, isValue)
  if (after === undefined) {
    const why = isValue ? 'nothing guards it any more, or it is gone' : 'gone'
    return (
      before && {
        text: `- ${coordinate}  ${effectInWords(before)}   (${why}; was: ${before.rule})`,
        isOpening,
      }
    )
  }
  const how = isOpening && way !== '' ? `; ${way}` : ''
  if (before === undefined) {
    return {
      text: `+ ${coordinate}  ${effectInWords(after)}   (new: ${after.rule}${how})`,
      isOpening,
    }
  }
  const [was, is] = [effectInWords(before), effectInWords(after)]
  if (was === is && before.rule === after.rule) return undefined
  const effect = was === is ? is : `${was} -> ${is}`
  const rule = before.rule === after.rule ? after.rule : `was: ${before.rule}; now: ${after.rule}`
  return { text: `~ ${coordinate}  ${effect}   (${rule}${how})`, isOpening }
}

/** How much a caller without a token may: nothing; something, as nobody; everything. A value without a line has no rule. */
function openness(line: Line | undefined, isValue: boolean): number {
  if (line === undefined) return isValue ? 2 : 0
  if (line.effect === 'guarded' || (!isValue && !line.isWithinReach)) return 0
  return line.effect === 'optional' ? 1 : 2
}
