// Apollo Client with a login that is refreshed: queries and mutations over HTTP, subscriptions over a WebSocket.

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { ServerError } from '@apollo/client/errors'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import type { Client as GraphQLWsClient } from 'graphql-ws'
import { catchError, defer, mergeMap, type Observable, of, throwError } from 'rxjs'
import { hasRunNothing } from './resend.ts'
import type { Session } from './session.ts'
import { createSocketClient } from './socket.ts'

export function createApolloClient(url: string, session: Session): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      // The link does nothing but subscribe.
      new GraphQLWsLink(createSocketClient(url, session) as GraphQLWsClient),
      ApolloLink.from([authLink(session), new HttpLink({ uri: url })]),
    ),
    cache: new InMemoryCache(),
  })
}

/** Sends operations with the session's access token, and once more with the next one when the server says that it has expired and nothing of them has run. */
export function authLink(session: Session): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const send = (again: boolean): Observable<ApolloLink.Result> =>
      defer(() => session.token()).pipe(
        mergeMap((token) => {
          operation.setContext(({ headers }) => ({
            headers: { ...headers, authorization: `Bearer ${token}` },
          }))
          return forward(operation).pipe(
            catchError(resultOf),
            mergeMap((result) => {
              const { errors = [] } = result
              const mayHelp = session.refused(token, errors) && again
              return mayHelp && hasRunNothing(operation.query, errors) ? send(false) : of(result)
            }),
          )
        }),
      )
    return send(true)
  })
}

/**
 * The result that a 401 or 503 carries. Apollo Client reads it only where the answer is `application/graphql-response+json`; of `application/json` it
 * keeps the text, and the reason would be lost.
 */
function resultOf(error: unknown): Observable<ApolloLink.Result> {
  if (ServerError.is(error)) {
    try {
      const result = JSON.parse(error.bodyText)
      if (Array.isArray(result?.errors)) return of(result)
    } catch {
      // A page of a proxy, or nothing at all: the error says what there is to say.
    }
  }
  return throwError(() => error)
}
