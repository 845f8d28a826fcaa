/** How long and how often things are measured. */
export interface Pace {
  readonly rounds: number
  /** Milliseconds before anything counts. */
  readonly warmUp: number
  /** Milliseconds that count. */
  readonly measured: number
}

/** By section: a server's code takes longer to get warm. */
export const FULL = {
  micro: { rounds: 9, warmUp: 1000, measured: 1500 },
  executor: { rounds: 9, warmUp: 1500, measured: 2000 },
  http: { rounds: 7, warmUp: 2000, measured: 5000 },
} as const satisfies Record<string, Pace>

/** About a minute in all. */
export const QUICK = {
  micro: { rounds: 2, warmUp: 150, measured: 250 },
  executor: { rounds: 2, warmUp: 250, measured: 350 },
  http: { rounds: 2, warmUp: 600, measured: 700 },
} as const satisfies Record<string, Pace>
