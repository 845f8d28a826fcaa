// The client of graphql-ws with a login that is refreshed: its subscriptions outlive access tokens. Apollo Client takes it in a `GraphQLWsLink`; it
// is of use by itself, too. For subscriptions only: a connection that is lost sends again what ran over it, and a mutation would run twice.

import {
  type Client,
  createClient,
  type FormattedExecutionResult,
  type Sink,
  type SubscribePayload,
} from 'graphql-ws'
import { type GraphQLErrorLike, type Session, SessionOver } from './session.ts'

/** How a server closes on a token that is not good, or not any more. */
const FORBIDDEN = 4403
/** Connections that fail one after another before a subscription does: some four minutes. */
const MOST_FAILURES = 16
/** Milliseconds between them, at most. */
const LONGEST_WAIT = 30_000

/** The part of graphql-ws that is used here; `iterate` is left out, because it would end with every token. */
export type SocketClient = Omit<Client, 'iterate'>

/** @param url the GraphQL endpoint, with http: or ws: */
export function createSocketClient(url: string, session: Session): SocketClient {
  /** What the connection was opened with. */
  let token: string | undefined
  /** Whether a connection that ended is made again, and whether at once: only its token was too old. */
  let mayReturn = true
  let isRenewal = false
  let refusals = 0
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    async connectionParams() {
      token = await session.token()
      return { Authorization: `Bearer ${token}` }
    },
    on: {
      connected() {
        refusals = 0
      },
      // The login is over, or its refresh got no verdict and may be tried again, or a browser says that it could not connect.
      error(problem) {
        mayReturn = !(problem instanceof SessionOver)
      },
      closed(event) {
        const { code, reason } = event as CloseEvent
        mayReturn = true
        if (code !== FORBIDDEN) return
        // Refused with the next token too: neither our clock nor theirs will get better.
        refusals += 1
        mayReturn = session.refused(token, refusalsOf(reason)) && refusals < 2
        isRenewal = mayReturn
      },
    },
    retryAttempts: MOST_FAILURES,
    // 4401 and the other codes of a client that makes mistakes end a subscription without a question.
    shouldRetry: () => mayReturn,
    async retryWait(failures) {
      const wait = isRenewal ? 0 : Math.min(1000 * 2 ** failures, LONGEST_WAIT) * (0.5 + Math.random() / 2)
      isRenewal = false
      await new Promise((done) => setTimeout(done, wait))
    },
  })
  return {
    ...client,
    subscribe<Data, Extensions>(
      payload: SubscribePayload,
      sink: Sink<FormattedExecutionResult<Data, Extensions>>,
    ) {
      return client.subscribe<Data, Extensions>(payload, {
        next(result) {
          const isOld = session.refused(token, result.errors ?? [])
          if (isOld && result.data == null) {
            // graphql-ws connects again, with what `connectionParams` gives then, and sends again what ran.
            isRenewal = true
            client.terminate()
          } else sink.next(result)
        },
        error: (problem) => sink.error(problem),
        complete: () => sink.complete(),
      })
    },
  }
}

/** What the server says when it closes: `Forbidden: TOKEN_EXPIRED`. */
function refusalsOf(why: string): readonly GraphQLErrorLike[] {
  return [{ extensions: { reason: why.replace('Forbidden: ', '') } }]
}
