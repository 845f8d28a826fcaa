import type { Logger } from './logger.ts'
import type { Refusal, RefusalReason } from './refusal.ts'

/** What would have been refused in one place. */
export interface Report {
  /** Where the rule stands: of a field such as `User.email`, of an argument `Query.posts(drafts:)`, of an input field `PostInput.price`. */
  readonly coordinate: string
  readonly reason: RefusalReason
  /** In how many operations. */
  readonly count: number
  /** The last time, milliseconds since the epoch. */
  readonly last: number
}

/** As many places as are kept; a schema has no more than so many, and reasons are few. */
const MOST = 100_000

/** What `enforcement: 'report'` found: counted by place and reason, logged once for each operation. */
export class Reports {
  readonly #logger: Logger
  readonly #clock: () => number
  readonly #found = new Map<string, Report>()
  readonly #noted = new WeakMap<object, Set<string>>()

  constructor({ logger, clock }: { readonly logger: Logger; readonly clock: () => number }) {
    this.#logger = logger
    this.#clock = clock
  }

  /** @param operation what is the same for all fields of one operation */
  note(coordinate: string, { reason }: Refusal, operation: object): void {
    const key = `${coordinate} ${reason}`
    const noted = this.#noted.get(operation) ?? new Set()
    this.#noted.set(operation, noted)
    if (noted.has(key)) return
    noted.add(key)
    const { count = 0 } = this.#found.get(key) ?? {}
    if (count === 0 && this.#found.size >= MOST) return
    this.#found.set(key, Object.freeze({ coordinate, reason, count: count + 1, last: this.#clock() }))
    this.#logger.warn({ coordinate, reason }, 'would be refused; enforcement is "report"')
  }

  /** The places that were found, most frequent first. */
  get all(): readonly Report[] {
    return [...this.#found.values()].sort((one, other) => other.count - one.count)
  }
}
