type Work = readonly [name: string, run: () => Promise<unknown> | unknown]

/** Works to be timed against each other. */
export interface Comparison {
  readonly baseline: Work
  readonly others: readonly Work[]
  readonly rounds: number
}

/**
 * Runs each work in turn, round after round, so that what else the machine does falls on all of them, and prints each median as a ratio to the baseline's.
 */
export async function compare({ baseline, others, rounds }: Comparison): Promise<void> {
  const works = [baseline, ...others]
  const times = new Map<Work, number[]>(works.map((work) => [work, []]))
  for (const [, run] of works) await run()
  for (let round = 0; round < rounds; round += 1) {
    for (const work of works) {
      const began = performance.now()
      await work[1]()
      times.get(work)?.push(performance.now() - began)
    }
  }
  const base = median(times.get(baseline) ?? [])
  for (const work of works) {
    const taken = times.get(work) ?? []
    const ratios = taken.map((time, round) => time / (times.get(baseline)?.[round] ?? Number.NaN))
    console.log(
      `${work[0].padEnd(36)} ${median(taken).toFixed(2).padStart(9)} ms  ratio ${(median(taken) / base).toFixed(2)}  (rounds: ${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)})`,
    )
  }
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
