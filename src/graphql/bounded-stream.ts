import { type Logger, loggable } from '../core/logger.ts'
import type { Refusal } from '../core/refusal.ts'
import type { Lifetime } from './lifetime.ts'

type Result<Item> = IteratorResult<Item, undefined>

/** Somebody who waits for an item. */
interface Reader<Item> {
  readonly resolve: (result: Result<Item>) => void
  readonly reject: (error: unknown) => void
}

/** What a stream is made of, and what it says in the end. */
export interface BoundedStreamParts<Item> {
  readonly source: AsyncIterable<Item>
  readonly lifetime: Lifetime
  readonly logger: Logger
  /** The last item of a stream whose token has ended; undefined where it was told already. */
  lastWords(refusal: Refusal): Item | undefined
  /** Is shown each item that is delivered. */
  passed?(item: Item): void
}

/**
 * A stream that ends with its operation's lifetime: at once, with last words. What its source has or gets ready is not delivered any more, and the source is told to return.
 *
 * No generator: the `return` of a generator waits for the `next` that is under way, and a source that has no event has one for ever.
 */
export class BoundedStream<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #parts: BoundedStreamParts<Item>
  readonly #source: AsyncIterator<Item>
  readonly #readers: Reader<Item>[] = []
  /** What is left to say when its token has ended and nobody was waiting. */
  #lastWords: Item | undefined
  #isOver = false
  #release: (() => void) | undefined

  constructor(parts: BoundedStreamParts<Item>) {
    this.#parts = parts
    this.#source = parts.source[Symbol.asyncIterator]()
    this.#release = parts.lifetime.onEnd((refusal) => this.#end(refusal))
  }

  next(): Promise<Result<Item>> {
    if (this.#isOver) return Promise.resolve(this.#last())
    return new Promise((resolve, reject) => {
      const reader = { resolve, reject }
      this.#readers.push(reader)
      const failed = (error: unknown): void => {
        if (this.#isOver) return
        this.#dismiss(reader)
        this.#finish()
        reject(error)
      }
      try {
        this.#source.next().then((result) => this.#deliver(reader, result as Result<Item>), failed)
      } catch (error) {
        failed(error)
      }
    })
  }

  async return(): Promise<Result<Item>> {
    this.#leave()
    return done()
  }

  async throw(error: unknown): Promise<Result<Item>> {
    this.#leave()
    throw error
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #deliver(reader: Reader<Item>, result: Result<Item>): void {
    if (this.#isOver) return
    // What this event was granted by may be what has ended.
    if (result.done !== true) this.#parts.lifetime.follow()
    if (this.#isOver) return
    this.#dismiss(reader)
    if (result.done === true) this.#finish()
    else this.#parts.passed?.(result.value)
    reader.resolve(result)
  }

  /** It has its answer. */
  #dismiss(reader: Reader<Item>): void {
    this.#readers.splice(this.#readers.indexOf(reader), 1)
  }

  #end(refusal: Refusal): void {
    if (this.#isOver) return
    this.#lastWords = this.#parts.lastWords(refusal)
    this.#finish()
    this.#returnSource()
  }

  #leave(): void {
    this.#lastWords = undefined
    if (this.#isOver) return
    this.#finish()
    this.#returnSource()
  }

  /** Nobody who waits stays waiting. */
  #finish(): void {
    this.#isOver = true
    for (const { resolve } of this.#readers.splice(0)) resolve(this.#last())
    this.#release?.()
    this.#release = undefined
  }

  #last(): Result<Item> {
    const value = this.#lastWords
    this.#lastWords = undefined
    return value === undefined ? done() : { value, done: false }
  }

  /** Not waited for: it may never answer. */
  #returnSource(): void {
    const failed = (error: unknown): void => {
      this.#parts.logger.error(
        { err: loggable(error) },
        'the source of a stream that has ended failed to return',
      )
    }
    try {
      this.#source.return?.()?.then(undefined, failed)
    } catch (error) {
      failed(error)
    }
  }
}

function done(): { value: undefined; done: true } {
  return { value: undefined, done: true }
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
