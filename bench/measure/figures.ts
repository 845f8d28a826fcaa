/** Samples of contestants that had their turns together: each list in the order of the rounds. */
export type Samples = ReadonlyMap<string, readonly number[]>

/** A middle and where half of all values are. */
export interface Figure {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** All that was measured in a section, meeting by meeting. */
export class Measured {
  readonly #meetings: readonly Samples[]

  constructor(meetings: readonly Samples[]) {
    this.#meetings = meetings
  }

  /** Of all its turns, beside whomever; undefined where it had none. */
  figure(name: string): Figure | undefined {
    const values = this.#meetings.flatMap((samples) => samples.get(name) ?? [])
    return values.length === 0 ? undefined : figureOf(values)
  }

  /**
   * Of what two did in two rounds after each other, A, B and B, A, so that whatever else the machine did then falls on both, and so does coming first; undefined where they have
   * not met.
   */
  ratio(name: string, base: string): Figure | undefined {
    const ratios = this.#meetings.flatMap((samples) => {
      const [ours, theirs] = [samples.get(name), samples.get(base)].map((values) => values && inTwos(values))
      return ours === undefined || theirs === undefined
        ? []
        : ours.map((value, round) => value / at(theirs, round))
    })
    return ratios.length === 0 ? undefined : figureOf(ratios)
  }
}

/** The sums of two and two. */
function inTwos(values: readonly number[]): readonly number[] {
  if (values.length % 2 === 1) throw new RangeError('rounds come in twos')
  return values.flatMap((value, round) => (round % 2 === 0 ? value + at(values, round + 1) : []))
}

export function figureOf(values: readonly number[]): Figure {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) }
}

/** Between two neighbours in proportion to how near they are. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const place = (sorted.length - 1) * share
  const below = at(sorted, Math.floor(place))
  return below + (at(sorted, Math.ceil(place)) - below) * (place - Math.floor(place))
}

function at(values: readonly number[], place: number): number {
  return values[place] ?? Number.NaN
}
