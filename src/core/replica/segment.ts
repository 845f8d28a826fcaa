import type { Line } from './line.ts'

/** Into how many parts a table is cut, so that no single step has to move all of it. A power of two. */
export const SEGMENTS = 256
/** Lines that a part has room for at first. A power of two. */
const SMALLEST = 16
/** Words of a line: four that find its key, and the expiry. */
const WIDTH = 5
const EPOCH = 5
const WORD = 2 ** 32

/** Where the expiry stands in a line. 0 there: the place is free. */
export const UNTIL = 4

/** How many words a line has. An epoch takes two more, the high one first. */
export function widthOf(hasEpochs: boolean): number {
  return hasEpochs ? WIDTH + 2 : WIDTH
}

/** Places for `count` lines, and a third more. A power of two. */
export function placesFor(count: number): number {
  let places = SMALLEST
  while (places * 3 < count * 4) places *= 2
  return places
}

export function readLine(lines: Int32Array, at: number, width: number): Line {
  const until = untilAt(lines, at)
  if (width === WIDTH) return { until, epoch: 0 }
  return { until, epoch: epochAt(lines, at) }
}

/** When the line expires. */
export function untilAt(lines: Int32Array, at: number): number {
  return (lines[at + UNTIL] as number) >>> 0
}

/** The epoch of a line that has one. */
export function epochAt(lines: Int32Array, at: number): number {
  return ((lines[at + EPOCH] as number) >>> 0) * WORD + ((lines[at + EPOCH + 1] as number) >>> 0)
}

export function writeLine(lines: Int32Array, at: number, width: number, { until, epoch }: Line): void {
  lines[at + UNTIL] = until
  if (width === WIDTH) return
  lines[at + EPOCH] = Math.floor(epoch / WORD)
  lines[at + EPOCH + 1] = epoch % WORD
}

/** One part of a table. */
export interface Segment {
  lines: Int32Array
  count: number
}

/** How a table is swept. */
export interface Sweep<Part extends Segment> {
  readonly width: number
  /** Seconds since the epoch. */
  readonly time: number
  /** Keeps of a part what expires later; so many lines do. */
  rebuild(segment: Part, count: number): void
}

/** Removes the lines that expired at a time or before, one part at a step, and says at each how many those were. */
export function* sweepSegments<Part extends Segment>(
  segments: (Part | undefined)[],
  { width, time, rebuild }: Sweep<Part>,
): Generator<number> {
  for (const [index, segment] of segments.entries()) {
    if (segment === undefined) continue
    const expired = countExpired(segment.lines, width, time)
    if (expired > 0 && expired === segment.count) segments[index] = undefined
    else if (expired > 0) rebuild(segment, segment.count - expired)
    yield expired
  }
}

/** How many lines expired at a time or before, seconds since the epoch. */
function countExpired(lines: Int32Array, width: number, time: number): number {
  let expired = 0
  for (let at = 0; at < lines.length; at += width) {
    const until = untilAt(lines, at)
    if (until !== 0 && until <= time) expired += 1
  }
  return expired
}
