import { Filter } from './filter.ts'
import { type Id, writeId } from './id.ts'
import type { Line } from './line.ts'
import {
  placesFor,
  readLine,
  SEGMENTS,
  type Segment,
  sweepSegments,
  UNTIL,
  untilAt,
  widthOf,
  writeLine,
} from './segment.ts'

/**
 * Ids of one form, and what is known of them: an open-addressed table of whole keys, so every answer is exact.
 *
 * Each line begins with the four words of its id. The table is cut into parts that grow and are swept one at a time, and there is nothing in it for the collector to follow.
 */
export class IdTable {
  readonly #width: number
  readonly #form: Id['form']
  readonly #segments: (Segment | undefined)[] = new Array<Segment | undefined>(SEGMENTS).fill(undefined)
  /** Not the same in any two processes, so that nobody can make ids that meet in one place. */
  readonly #seed: number
  readonly #filter: Filter
  #size = 0

  constructor(form: Id['form'], seed: number, hasEpochs: boolean) {
    this.#form = form
    this.#seed = seed
    this.#width = widthOf(hasEpochs)
    this.#filter = new Filter(seed, () => this.#lastWords())
  }

  get size(): number {
    return this.#size
  }

  /** Whether there is surely no id with this last word. */
  excludes(lastWord: number): boolean {
    return this.#filter.excludes(lastWord)
  }

  has({ words }: Id): boolean {
    const hash = this.#hash(words)
    const segment = this.#segments[hash >>> 24]
    return segment !== undefined && this.#locate(segment.lines, words, hash) >= 0
  }

  find({ words }: Id): Line | undefined {
    const hash = this.#hash(words)
    const lines = this.#segments[hash >>> 24]?.lines
    if (lines === undefined) return undefined
    const at = this.#locate(lines, words, hash)
    return at < 0 ? undefined : readLine(lines, at, this.#width)
  }

  /** Writes the line in place of what was known. */
  put({ words }: Id, line: Line): void {
    const before = this.#size
    const hash = this.#hash(words)
    const segment = this.#roomIn(hash >>> 24)
    let at = this.#locate(segment.lines, words, hash)
    if (at < 0) {
      at = -1 - at
      segment.count += 1
      this.#size += 1
    }
    segment.lines.set(words, at)
    writeLine(segment.lines, at, this.#width, line)
    if (this.#size > before) this.#filter.add(words[3] as number, this.#size)
  }

  /** Removes the lines that expired at a time or before, seconds since the epoch, one part at a step. */
  *sweep(time: number): Generator<void> {
    const before = this.#size
    const rebuild = (segment: Segment, count: number): void => this.#rebuild(segment, count, time)
    for (const removed of sweepSegments(this.#segments, { width: this.#width, time, rebuild })) {
      this.#size -= removed
      yield
    }
    if (before === this.#size) return
    this.#filter.renew(this.#size)
    while (this.#filter.step()) yield
  }

  /** Every line, one part at a time. What is written meanwhile may be left out. */
  *lines(): Generator<Line & { readonly key: string }> {
    for (const segment of this.#segments) {
      const lines = segment?.lines ?? new Int32Array()
      for (let at = 0; at < lines.length; at += this.#width) {
        if (lines[at + UNTIL] === 0) continue
        const id = { form: this.#form, words: lines.subarray(at, at + 4) }
        yield { key: writeId(id), ...readLine(lines, at, this.#width) }
      }
    }
  }

  *#lastWords(): Generator<Int32Array> {
    for (const segment of this.#segments) {
      if (segment === undefined) continue
      const { lines, count } = segment
      const words = new Int32Array(count)
      let filled = 0
      for (let at = 0; at < lines.length; at += this.#width) {
        if (lines[at + UNTIL] === 0) continue
        words[filled] = lines[at + 3] as number
        filled += 1
      }
      yield words
    }
  }

  /** Where the id stands, or -1 - the place where it would. */
  #locate(lines: Int32Array, words: Int32Array, hash: number): number {
    const width = this.#width
    const mask = lines.length / width - 1
    const first = words[0]
    const second = words[1]
    const third = words[2]
    const fourth = words[3]
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * width
      if (lines[at + UNTIL] === 0) return -1 - at
      if (
        lines[at] === first &&
        lines[at + 1] === second &&
        lines[at + 2] === third &&
        lines[at + 3] === fourth
      )
        return at
    }
  }

  #roomIn(index: number): Segment {
    let segment = this.#segments[index]
    if (segment === undefined) {
      segment = { lines: new Int32Array(placesFor(0) * this.#width), count: 0 }
      this.#segments[index] = segment
    } else if ((segment.count + 1) * 4 > (segment.lines.length / this.#width) * 3) {
      this.#rebuild(segment, segment.count * 2, 0)
    }
    return segment
  }

  /** Moves what expires later into a part with room for `count`, and a third more. */
  #rebuild(segment: Segment, count: number, time: number): void {
    const before = segment.lines
    const width = this.#width
    const after = new Int32Array(placesFor(count) * width)
    let kept = 0
    for (let at = 0; at < before.length; at += width) {
      if (untilAt(before, at) <= time) continue
      const line = before.subarray(at, at + width)
      after.set(line, -1 - this.#locate(after, line, this.#hash(line)))
      kept += 1
    }
    segment.lines = after
    segment.count = kept
  }

  #hash(words: Int32Array): number {
    let hash = this.#seed
    for (let index = 0; index < 4; index += 1) {
      hash = Math.imul(hash ^ (words[index] as number), 0x85ebca6b)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash, 0xc2b2ae35)
    return hash ^ (hash >>> 16)
  }
}
