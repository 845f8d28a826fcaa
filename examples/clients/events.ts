// Subscriptions over server-sent events with a login that is refreshed: each is a request of its own, by graphql-sse, and outlives access tokens.

import { createClient, type ExecutionResult, NetworkError, type RequestParams, type Sink } from 'graphql-sse'
import { RefreshFailed, type Session } from './session.ts'

/** Requests that fail one after another before a subscription does. */
const MOST_FAILURES = 16
/** Milliseconds between them, at most. */
const LONGEST_WAIT = 30_000

/** What a subscriber hears of an event. */
export type EventResult<Data> = ExecutionResult<Data, Readonly<Record<string, unknown>>>

/**
 * Subscribes until the server completes, the login is over, or the function that it answers with is called.
 *
 * @param url the GraphQL endpoint
 */
export function subscribeToEvents<Data>(
  url: string,
  session: Session,
  request: RequestParams,
  sink: Sink<EventResult<Data>>,
): () => void {
  let stop = (): void => {}
  let isStopped = false
  const start = (again: boolean): void => {
    /** What the request was sent with, and whether it was granted by it. */
    let token: string | undefined
    let isGranted = false
    let isOld = false
    const client = createClient({
      url,
      retryAttempts: MOST_FAILURES,
      retry: (failures) =>
        new Promise((done) => {
          const wait = Math.min(1000 * 2 ** failures, LONGEST_WAIT) * (0.5 + Math.random() / 2)
          setTimeout(done, wait)
        }),
      async headers() {
        token = await session.token().catch((problem: unknown) => {
          throw problem instanceof RefreshFailed ? new NetworkError(problem) : problem
        })
        return { authorization: `Bearer ${token}` }
      },
      async fetchFn(input: string, init: RequestInit) {
        const response = await fetch(input, init)
        isGranted = response.ok
        // graphql-sse sends whatever is no 200 again, and again, which is right for a 503. A refusal is a stream too, and says why.
        const isRefusal = response.status === 401 || response.status === 403
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
        return isRefusal && isStream ? new Response(response.body, { headers: response.headers }) : response
      },
    })
    stop = client.subscribe<Data, Readonly<Record<string, unknown>>>(request, {
      next(result) {
        // Its time was over, or the request came too late: that one is sent once more.
        isOld = session.refused(token, result.errors ?? []) && (isGranted || again)
        if (!isOld || result.data != null) sink.next(result)
      },
      error: (problem) => sink.error(problem),
      complete: () => (isOld && !isStopped ? start(isGranted) : sink.complete()),
    })
  }
  start(true)
  return () => {
    isStopped = true
    stop()
  }
}
