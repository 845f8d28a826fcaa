import { gql as apolloGql } from '@apollo/client'
import { gql as urqlGql } from '@urql/core'
import { createApolloClient } from './apollo.ts'
import { type GraphQLErrorLike, type Session, SessionOver } from './session.ts'
import { createSocketClient, type SocketClient } from './socket.ts'
import { createUrqlClient } from './urql.ts'

/** What a subscriber was told so far: kinds of events, `refused TOKEN_…`, `failed …`, `complete`. */
export type Told = string[]

/** Subscribes to the events of the user's sessions; the function that it answers with leaves. */
export type Subscribing = (url: string, session: Session, told: Told) => () => void

const DOCUMENT = 'subscription { sessionEvents { kind } }'

interface Result {
  readonly data?: unknown
  readonly errors?: readonly GraphQLErrorLike[] | undefined
}

function note(told: Told, { data, errors = [] }: Result): void {
  const { sessionEvents } = (data ?? {}) as { sessionEvents?: { kind: string } }
  if (sessionEvents) told.push(sessionEvents.kind)
  for (const { extensions } of errors) told.push(`refused ${extensions?.reason}`)
}

function noteFailure(told: Told, problem: unknown): void {
  if (problem instanceof SessionOver) told.push(`failed ${problem.reason}`)
  else {
    const { code, reason, message } = problem as { code?: number; reason?: string; message?: string }
    told.push(`failed ${code === undefined ? message : `${code} ${reason}`}`)
  }
}

/** Apollo Client completes after a failure, too. */
function noteEnd(told: Told): void {
  if (!told.some((one) => one.startsWith('failed'))) told.push('complete')
}

/** What was told but events. */
export function newsOf(told: Told): readonly string[] {
  return told.filter((one) => !/^[A-Z]/.test(one))
}

/** Each made by its example, and used the way its users do. */
export const SUBSCRIBERS: Readonly<Record<string, Subscribing>> = {
  'Apollo Client over a WebSocket'(url, session, told) {
    const client = createApolloClient(url, session)
    const subscription = client.subscribe({ query: apolloGql(DOCUMENT), errorPolicy: 'all' }).subscribe({
      next({ data, error }) {
        const { errors } = (error ?? {}) as { errors?: readonly GraphQLErrorLike[] }
        if (error !== undefined && errors === undefined) noteFailure(told, error)
        note(told, { data, errors })
      },
      error: (problem) => noteFailure(told, problem),
      complete: () => noteEnd(told),
    })
    return () => subscription.unsubscribe()
  },
  'urql over server-sent events'(url, session, told) {
    const client = createUrqlClient(url, session)
    const { unsubscribe } = client.subscription(urqlGql(DOCUMENT), {}).subscribe(({ data, error }) => {
      if (error?.networkError) noteFailure(told, error.networkError)
      note(told, { data, errors: error?.graphQLErrors })
    })
    return unsubscribe
  },
  'graphql-ws by itself'(url, session, told) {
    return subscribeWith(createSocketClient(url, session), told)
  },
}

export function subscribeWith(client: SocketClient, told: Told): () => void {
  return client.subscribe(
    { query: DOCUMENT },
    {
      next: (result) => note(told, result as Result),
      error: (problem) => noteFailure(told, problem),
      complete: () => noteEnd(told),
    },
  )
}
