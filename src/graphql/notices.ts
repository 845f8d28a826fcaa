import type { Logger } from '../core/logger.ts'

/** Anybody can send anything: so many kinds are told of, and no more. */
const MOST = 100

/** What an operator is told of requests that an app cannot mean to send: each once. */
export class Notices {
  readonly #logger: Logger
  readonly #told = new Set<string>()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  once(message: string, details: Readonly<Record<string, string>> = {}): void {
    const key = JSON.stringify([message, details])
    if (this.#told.has(key) || this.#told.size >= MOST) return
    this.#told.add(key)
    this.#logger.warn(details, message)
  }
}
