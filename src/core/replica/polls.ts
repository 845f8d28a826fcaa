import { type Logger, loggable } from '../logger.ts'
import type { Reading } from './follower.ts'

/** What a check asks of the poll that answers it. */
export interface Need {
  /** It began after this many others. */
  readonly after: number
  /** It began at this time or later, by the monotonic clock. */
  readonly since: number
  /** The same by the wall clock, which goes on while a machine is suspended. */
  readonly wallSince: number
}

/** What polls do, and by which clocks. */
export interface PollParts {
  poll(poll: number): Promise<Reading>
  /** Is told of each that read the log to its end, before whoever waits for it. */
  done(reading: Reading): void
  readonly monotonic: () => number
  readonly clock: () => number
  readonly logger: Logger
}

/** The poll that is under way. */
interface Running extends Pick<Reading, 'poll' | 'at' | 'wall'> {
  readonly done: Promise<void>
}

/** Polls, one at a time; whoever needs one that begins later than the one under way shares the next with all others who do. */
export class Polls {
  readonly #parts: PollParts
  #running: Running | undefined
  #next: Promise<void> | undefined
  #reading: Reading | undefined
  #begun = 0
  #failed = 0
  #isFailing = false
  #isStopped = false
  #duration: number | null = null

  constructor(parts: PollParts) {
    this.#parts = parts
  }

  /** How many have begun. */
  get begun(): number {
    return this.#begun
  }

  get failed(): number {
    return this.#failed
  }

  /** Milliseconds that the last one took. */
  get duration(): number | null {
    return this.#duration
  }

  /** The last one that read the log to its end. */
  get reading(): Reading | undefined {
    return this.#reading
  }

  /** Whether one that is over answers the need. */
  meet({ after, since, wallSince }: Need): boolean {
    const reading = this.#reading
    return reading !== undefined && reading.poll > after && reading.at >= since && reading.wall >= wallSince
  }

  /** Resolves when one is over that answers the need; rejects where that one fails. */
  join({ after, since, wallSince }: Need): Promise<void> {
    const running = this.#running
    const answers =
      running !== undefined && running.poll > after && running.at >= since && running.wall >= wallSince
    return answers ? running.done : this.next()
  }

  /** Resolves when one is over that begins from now on; rejects where that one fails. */
  next(): Promise<void> {
    if (this.#next !== undefined) return this.#next
    const running = this.#running
    if (running === undefined) return this.#begin()
    this.#next = running.done.catch(() => undefined).then(() => this.#begin())
    return this.#next
  }

  /** What fails from here on is not told. */
  stop(): void {
    this.#isStopped = true
  }

  #begin(): Promise<void> {
    this.#next = undefined
    this.#begun += 1
    const poll = this.#begun
    const { monotonic, clock } = this.#parts
    const at = monotonic()
    const done = this.#run(poll, at)
    // Nobody may be waiting.
    done.catch(() => undefined)
    this.#running = { poll, at, wall: clock(), done }
    return done
  }

  async #run(poll: number, began: number): Promise<void> {
    const { logger, monotonic } = this.#parts
    try {
      const reading = await this.#parts.poll(poll)
      this.#parts.done(reading)
      this.#reading = reading
      if (this.#isFailing) logger.warn({}, 'the log of revocations is read again')
      this.#isFailing = false
    } catch (error) {
      this.#failed += 1
      // An outage is one thing to tell, however often it is tried meanwhile.
      if (!this.#isFailing && !this.#isStopped) {
        const consequence = 'requests are refused once the copy of it is older than maxStaleness'
        logger.error({ err: loggable(error) }, `the log of revocations cannot be read; ${consequence}`)
      }
      this.#isFailing = true
      throw error
    } finally {
      this.#duration = monotonic() - began
      this.#running = undefined
    }
  }
}
