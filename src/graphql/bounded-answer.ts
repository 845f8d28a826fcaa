import type { Logger } from '../core/logger.ts'
import type { Refusal } from '../core/refusal.ts'
import { AuthError } from './auth-error.ts'
import { BoundedStream, isAsyncIterable } from './bounded-stream.ts'
import type { OperationAuth } from './operation-auth.ts'

/** What graphql 17 answers an operation with of which parts come later. */
interface Incremental {
  readonly initialResult: unknown
  readonly subsequentResults: AsyncIterable<unknown>
}

/** What a part of an answer says of those to come, where they have ids (graphql 17). */
interface Part {
  readonly pending?: readonly { readonly id: string }[]
  readonly completed?: readonly { readonly id: string }[]
}

/** An answer as it may go out: where it goes on, it ends with the operation's lifetime. */
export function boundAnswer<Answer>(answer: Answer, auth: OperationAuth, logger: Logger): Answer {
  const end = (source: AsyncIterable<unknown>, lastWords: (refusal: Refusal) => unknown, passed?: Passed) => {
    const { lifetime } = auth
    lifetime.tellByAnswer()
    return new BoundedStream<unknown>({ source, lifetime, logger, lastWords, ...(passed && { passed }) })
  }
  if (isIncremental(answer)) {
    const words = new IncrementalWords(answer.initialResult)
    return { ...answer, subsequentResults: end(answer.subsequentResults, words.last, words.passed) }
  }
  if (isAsyncIterable(answer)) {
    if (auth.kind === 'subscription')
      return end(answer, (refusal) => ({ errors: [new AuthError(refusal)] })) as Answer
    const words = new IncrementalWords()
    return end(answer, words.last, words.passed) as Answer
  }
  auth.close()
  return answer
}

type Passed = (part: unknown) => void

/** How an answer in parts ends before its time: whoever waits for one of the rest by its id is told as well. */
class IncrementalWords {
  readonly #pending = new Set<string>()

  constructor(first?: unknown) {
    this.passed(first)
  }

  readonly passed = (part: unknown): void => {
    const { pending = [], completed = [] } = (part ?? {}) as Part
    for (const { id } of pending) this.#pending.add(id)
    for (const { id } of completed) this.#pending.delete(id)
  }

  readonly last = (refusal: Refusal): object => {
    const errors = [new AuthError(refusal)]
    const completed = [...this.#pending].map((id) => ({ id, errors }))
    return { errors, ...(completed.length > 0 ? { completed } : {}), hasNext: false }
  }
}

function isIncremental(answer: unknown): answer is Incremental {
  return typeof answer === 'object' && answer !== null && 'subsequentResults' in answer
}
