/** How long and how often things are measured. */
export interface Pace {
  readonly rounds: number
  /** Milliseconds of CPU before anything counts. */
  readonly warmUp: number
  /** Milliseconds of CPU that count. */
  readonly measured: number
}

type Paces = Readonly<Record<'micro' | 'executor' | 'http', Pace>>

/** Half an hour in all. */
export const FULL: Paces = {
  micro: { rounds: 5, warmUp: 1000, measured: 1500 },
  executor: { rounds: 5, warmUp: 1500, measured: 2000 },
  http: { rounds: 3, warmUp: 2000, measured: 4000 },
}

/** About a minute. */
export const QUICK: Paces = {
  micro: { rounds: 2, warmUp: 300, measured: 200 },
  executor: { rounds: 2, warmUp: 500, measured: 300 },
  http: { rounds: 2, warmUp: 1500, measured: 500 },
}

/** Once, as shortly as it can be: for the checks before and after. */
export const CHECK: Paces = {
  micro: { rounds: 1, warmUp: 1, measured: 1 },
  executor: { rounds: 1, warmUp: 1, measured: 1 },
  http: { rounds: 1, warmUp: 100, measured: 100 },
}
