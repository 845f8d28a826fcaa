import type { Logger } from '../core/logger.ts'
import type { Refusal } from '../core/refusal.ts'
import { AuthError } from './auth-error.ts'
import { EndedStream, isAsyncIterable } from './ended-stream.ts'
import type { OperationAuth } from './operation-auth.ts'

/** What graphql 17 answers an operation with of which parts come later. */
interface Incremental {
  readonly initialResult: unknown
  readonly subsequentResults: AsyncIterable<unknown>
}

/** An answer as it may go out: where it goes on, it ends with the operation's lifetime. */
export function endAnswer<Answer>(answer: Answer, auth: OperationAuth, logger: Logger): Answer {
  const { lifetime } = auth
  const end = (source: AsyncIterable<unknown>): AsyncIterable<unknown> => {
    const lastWords = (refusal: Refusal) => ({
      errors: [new AuthError(refusal)],
      ...(auth.kind === 'subscription' ? {} : { hasNext: false }),
    })
    return new EndedStream<unknown>({ source, lifetime, logger, lastWords })
  }
  if (isAsyncIterable(answer)) return end(answer) as Answer
  if (isIncremental(answer)) return { ...answer, subsequentResults: end(answer.subsequentResults) }
  auth.close()
  return answer
}

function isIncremental(answer: unknown): answer is Incremental {
  return typeof answer === 'object' && answer !== null && 'subsequentResults' in answer
}
