/** What happened to a session, as `sessionEvents` tells it. */
export interface SessionEvent {
  readonly kind: 'STARTED' | 'REFRESHED' | 'REUSED' | 'ENDED'
  /** The session's id. */
  readonly session: string
  /** ISO 8601, UTC. */
  readonly at: string
}

/** Events that wait for a subscriber who is slow; older ones are dropped, since the list of sessions tells the rest. */
const MOST_WAITING = 100

/** Tells whoever subscribes what happens to the sessions of one user. It knows what happens in this process. */
export class SessionEvents {
  readonly #streams = new Map<string, Set<Stream>>()
  #closed = false

  /** How many subscribers there are. */
  get size(): number {
    return [...this.#streams.values()].reduce((sum, streams) => sum + streams.size, 0)
  }

  publish(sub: string, event: SessionEvent): void {
    for (const stream of this.#streams.get(sub) ?? []) stream.push(event)
  }

  /** The events of a user's sessions from now on, until the subscriber leaves. */
  subscribe(sub: string): AsyncIterableIterator<SessionEvent> {
    const streams = this.#streams.get(sub) ?? new Set()
    const stream = new Stream(() => {
      streams.delete(stream)
      if (streams.size === 0 && this.#streams.get(sub) === streams) this.#streams.delete(sub)
    })
    if (this.#closed) stream.end()
    else this.#streams.set(sub, streams.add(stream))
    return stream
  }

  /** Completes every subscription, and every one to come. */
  close(): void {
    this.#closed = true
    for (const streams of this.#streams.values()) for (const stream of streams) stream.end()
  }
}

/** No generator: one that waits for an event cannot be told that its subscriber has gone. */
class Stream implements AsyncIterableIterator<SessionEvent> {
  readonly #left: () => void
  readonly #waiting: SessionEvent[] = []
  readonly #readers: ((result: IteratorResult<SessionEvent, undefined>) => void)[] = []
  #done = false

  constructor(left: () => void) {
    this.#left = left
  }

  push(event: SessionEvent): void {
    const reader = this.#readers.shift()
    if (reader === undefined) this.#waiting.push(event)
    else reader({ value: event, done: false })
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift()
  }

  end(): void {
    if (this.#done) return
    this.#done = true
    this.#left()
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true })
  }

  async next(): Promise<IteratorResult<SessionEvent, undefined>> {
    const value = this.#waiting.shift()
    if (value !== undefined) return { value, done: false }
    if (this.#done) return { value: undefined, done: true }
    return new Promise((resolve) => this.#readers.push(resolve))
  }

  async return(): Promise<IteratorResult<SessionEvent, undefined>> {
    this.#waiting.length = 0
    this.end()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
