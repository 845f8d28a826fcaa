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
import { readText, type Text, writeText } from './text.ts'
import { hashText } from './text-hash.ts'

/** One part. Each line begins with the hash of its text and where that stands in the bytes; one word is free. */
interface TextSegment extends Segment {
  bytes: Uint8Array
  /** How many of the bytes are taken. */
  taken: number
}

const HASH = 0
const START = 1
const LENGTH = 2

/**
 * Texts of any kind, and what is known of them: an open-addressed table of their bytes, so every answer is exact.
 *
 * As with ids, it is cut into parts that grow and are swept one at a time, and there is nothing in it for the collector to follow; a million texts in
 * maps cost it pauses of 25 ms.
 */
export class TextTable {
  readonly #width: number
  readonly #segments: (TextSegment | undefined)[] = new Array<undefined>(SEGMENTS).fill(undefined)
  readonly #key: readonly [number, number]
  #size = 0

  /** @param key of the hash */
  constructor(key: readonly [number, number], hasEpochs: boolean) {
    this.#key = key
    this.#width = widthOf(hasEpochs)
  }

  get size(): number {
    return this.#size
  }

  has(key: string): boolean {
    if (this.#size === 0) return false
    const text = readText(key)
    const hash = hashText(text, this.#key)
    const segment = this.#segments[hash >>> 24]
    return segment !== undefined && this.#locate(segment, text, hash) >= 0
  }

  find(key: string): Line | undefined {
    if (this.#size === 0) return undefined
    const text = readText(key)
    const hash = hashText(text, this.#key)
    const segment = this.#segments[hash >>> 24]
    if (segment === undefined) return undefined
    const at = this.#locate(segment, text, hash)
    return at < 0 ? undefined : readLine(segment.lines, at, this.#width)
  }

  /** Writes the line in place of what was known. */
  put(key: string, line: Line): void {
    const text = readText(key)
    const hash = hashText(text, this.#key)
    const segment = this.#roomIn(hash >>> 24, text.length)
    let at = this.#locate(segment, text, hash)
    if (at < 0) {
      at = -1 - at
      segment.lines[at + HASH] = hash
      segment.lines[at + START] = segment.taken
      segment.lines[at + LENGTH] = text.length
      segment.bytes.set(text.bytes.subarray(0, text.length), segment.taken)
      segment.taken += text.length
      segment.count += 1
      this.#size += 1
    }
    writeLine(segment.lines, at, this.#width, line)
  }

  /** Removes the lines that expired at a time or before, seconds since the epoch, one part at a step. */
  *sweep(time: number): Generator<void> {
    const rebuild = (segment: TextSegment, count: number): void =>
      this.#rebuild(segment, count, segment.taken, time)
    for (const removed of sweepSegments(this.#segments, { width: this.#width, time, rebuild })) {
      this.#size -= removed
      yield
    }
  }

  /** Every line, one part at a time. What is written meanwhile may be left out. */
  *lines(): Generator<Line & { readonly key: string }> {
    for (const segment of this.#segments) {
      if (segment === undefined) continue
      const { lines, bytes } = segment
      for (let at = 0; at < lines.length; at += this.#width) {
        if (lines[at + UNTIL] === 0) continue
        const start = lines[at + START] as number
        const key = writeText(bytes.subarray(start, start + (lines[at + LENGTH] as number)))
        yield { key, ...readLine(lines, at, this.#width) }
      }
    }
  }

  /** Where the text stands, or -1 - the place where it would. */
  #locate({ lines, bytes }: TextSegment, text: Text, hash: number): number {
    const width = this.#width
    const mask = lines.length / width - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot * width
      if (lines[at + UNTIL] === 0) return -1 - at
      if (
        lines[at + HASH] === hash &&
        lines[at + LENGTH] === text.length &&
        isAt(bytes, lines[at + START] as number, text)
      )
        return at
    }
  }

  /** The part with room for one more line, and for its text. */
  #roomIn(index: number, length: number): TextSegment {
    let segment = this.#segments[index]
    if (segment === undefined) {
      const lines = new Int32Array(placesFor(0) * this.#width)
      segment = { lines, count: 0, bytes: new Uint8Array(length), taken: 0 }
      this.#segments[index] = segment
    }
    const { lines, count, bytes, taken } = segment
    if ((count + 1) * 4 > (lines.length / this.#width) * 3) this.#rebuild(segment, count * 2, bytes.length, 0)
    if (taken + length > bytes.length) {
      segment.bytes = new Uint8Array(Math.ceil((taken + length) * 1.5))
      segment.bytes.set(bytes)
    }
    return segment
  }

  /** Moves what expires later into a part with room for `count`, and a third more, and for as many bytes. */
  #rebuild(segment: TextSegment, count: number, size: number, time: number): void {
    const before = segment.lines
    const width = this.#width
    const after = new Int32Array(placesFor(count) * width)
    const mask = after.length / width - 1
    const bytes = new Uint8Array(size)
    let kept = 0
    let taken = 0
    for (let at = 0; at < before.length; at += width) {
      if (untilAt(before, at) <= time) continue
      let slot = (before[at + HASH] as number) & mask
      while (after[slot * width + UNTIL] !== 0) slot = (slot + 1) & mask
      const [start, length] = [before[at + START] as number, before[at + LENGTH] as number]
      after.set(before.subarray(at, at + width), slot * width)
      after[slot * width + START] = taken
      bytes.set(segment.bytes.subarray(start, start + length), taken)
      taken += length
      kept += 1
    }
    segment.lines = after
    segment.count = kept
    segment.bytes = bytes
    segment.taken = taken
  }
}

function isAt(bytes: Uint8Array, start: number, { bytes: wanted, length }: Text): boolean {
  for (let index = 0; index < length; index += 1) {
    if (bytes[start + index] !== wanted[index]) return false
  }
  return true
}
