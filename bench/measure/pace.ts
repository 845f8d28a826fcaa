/** How long and how often things are measured. */
export interface Pace {
  /** How often both of a meeting start anew: what a process is compiled to differs from one to the next. */
  readonly starts: number
  /** How often each has its turn, after each start: an even number, since the second time they come the other way around. */
  readonly rounds: number
  /** Milliseconds of CPU before anything counts: tens of thousands of requests, before which V8 has not compiled all that one runs through. */
  readonly warmUp: number
  /** Milliseconds of CPU in one turn. */
  readonly turn: number
}

type Paces = Readonly<Record<'micro' | 'executor' | 'http', Pace>>

/** Some thirty minutes in all. Turns are short, since the machine's speed changes within seconds, and what is compared has to meet the same. */
export const FULL: Paces = {
  micro: { starts: 2, rounds: 6, warmUp: 1000, turn: 100 },
  executor: { starts: 2, rounds: 6, warmUp: 1500, turn: 150 },
  http: { starts: 2, rounds: 8, warmUp: 4000, turn: 200 },
}

/** A minute or two. */
export const QUICK: Paces = {
  micro: { starts: 1, rounds: 4, warmUp: 300, turn: 50 },
  executor: { starts: 1, rounds: 4, warmUp: 400, turn: 80 },
  http: { starts: 1, rounds: 4, warmUp: 800, turn: 150 },
}

/** Nothing but whether the work is done right. */
export const CHECK: Pace = { starts: 1, rounds: 0, warmUp: 0, turn: 0 }

/** What a process that measures is told, a line of JSON each, and answers with one. */
export interface Order {
  /** Milliseconds of CPU to be measured for; undefined where only the work is to be checked. */
  readonly milliseconds?: number
}
