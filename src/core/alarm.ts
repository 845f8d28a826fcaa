import type { Logger } from './logger.ts'

/** Milliseconds of answers after which an outage is over: a store that answers every other time has not come back. */
const QUIET = 1000

/** Tells of an outage once when it begins and once when it is over, however many requests it costs. */
class Alarm {
  readonly #what: string
  readonly #logger: Logger
  readonly #told = new Set<string>()
  #refused = 0
  #recovering: NodeJS.Timeout | undefined

  constructor(what: string, logger: Logger) {
    this.#what = what
    this.#logger = logger
  }

  fail(problem: string, err: object): void {
    this.#refused += 1
    clearTimeout(this.#recovering)
    this.#recovering = undefined
    if (this.#told.has(problem)) return
    this.#told.add(problem)
    this.#logger.error({ err }, `${this.#what} failed; requests are refused until it answers`)
  }

  answer(): void {
    if (this.#refused > 0) this.#recovering ??= setTimeout(() => this.#recover(), QUIET).unref()
  }

  #recover(): void {
    const refused = this.#refused
    this.#refused = 0
    this.#recovering = undefined
    this.#told.clear()
    this.#logger.warn({ refused }, `${this.#what} answers again; requests that were refused: ${refused}`)
  }
}

const alarms = new WeakMap<Logger, Map<string, Alarm>>()

/**
 * A question to somebody else's server found no answer.
 *
 * @param err as it may be logged; of another message it is another thing to tell
 */
export function noteFailure(what: string, err: { readonly message: string }, logger: Logger): void {
  const ofLogger = alarms.get(logger) ?? new Map<string, Alarm>()
  alarms.set(logger, ofLogger)
  const alarm = ofLogger.get(what) ?? new Alarm(what, logger)
  ofLogger.set(what, alarm)
  alarm.fail(err.message, err)
}

/** It found one; nothing is done unless there was an outage. */
export function noteAnswer(what: string, logger: Logger): void {
  alarms.get(logger)?.get(what)?.answer()
}
