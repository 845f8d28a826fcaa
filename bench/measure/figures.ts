/** Samples by contestant, each list in the order of the rounds. */
export type Samples = ReadonlyMap<string, readonly number[]>

/** A middle and where half of all values are. */
export interface Figure {
  readonly median: number
  readonly low: number
  readonly high: number
}

export function figureOf(values: readonly number[]): Figure {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) }
}

/** Of what two contestants did in the same round, so that whatever else the machine did then falls on both. */
export function ratio(samples: Samples, name: string, base: string): Figure {
  const bases = samples.get(base) ?? []
  return figureOf((samples.get(name) ?? []).map((value, round) => value / (bases[round] ?? Number.NaN)))
}

/** Between two neighbours in proportion to how near they are. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}
