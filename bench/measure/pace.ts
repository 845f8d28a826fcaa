/** How long and how often things are measured. */
export interface Pace {
  /** How often both of a meeting start anew: what a process is compiled to differs from one to the next. */
  readonly starts: number
  /** How often each has its turn, after each start. */
  readonly rounds: number
  /** Milliseconds of CPU before anything counts. */
  readonly warmUp: number
  /** Milliseconds of CPU in one turn. */
  readonly turn: number
}

type Paces = Readonly<Record<'micro' | 'executor' | 'http', Pace>>

/** Some twenty-five minutes in all. Turns are short, since the machine's speed changes within seconds, and what is compared has to meet the same. */
export const FULL: Paces = {
  micro: { starts: 2, rounds: 12, warmUp: 800, turn: 100 },
  executor: { starts: 2, rounds: 12, warmUp: 1000, turn: 150 },
  http: { starts: 2, rounds: 12, warmUp: 1500, turn: 200 },
}

/** A minute or two. */
export const QUICK: Paces = {
  micro: { starts: 1, rounds: 3, warmUp: 300, turn: 60 },
  executor: { starts: 1, rounds: 3, warmUp: 400, turn: 100 },
  http: { starts: 1, rounds: 4, warmUp: 800, turn: 150 },
}

/** Once, as shortly as it can be: for the checks before and after. */
export const CHECK: Paces = {
  micro: { starts: 1, rounds: 1, warmUp: 1, turn: 1 },
  executor: { starts: 1, rounds: 1, warmUp: 1, turn: 1 },
  http: { starts: 1, rounds: 1, warmUp: 100, turn: 50 },
}

/** What a process that measures is told, a line of JSON each, and answers with one. */
export interface Order {
  /** Milliseconds of CPU to be measured for; undefined where only the work is to be checked. */
  readonly milliseconds?: number
}
