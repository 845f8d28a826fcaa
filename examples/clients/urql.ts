// urql with a login that is refreshed: subscriptions over server-sent events. `@urql/core` is the client of every urql binding.

import { Client, cacheExchange, fetchExchange, type Operation, subscriptionExchange } from '@urql/core'
import { authExchange } from '@urql/exchange-auth'
import { subscribeToEvents } from './events.ts'
import { hasRunNothing } from './resend.ts'
import type { Session } from './session.ts'

export function createUrqlClient(url: string, session: Session): Client {
  return new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      cacheExchange,
      // Before `authExchange`, which sends nothing more than twice: a subscription may live as long as many tokens.
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables = {} }) => ({
          subscribe: (sink) => ({ unsubscribe: subscribeToEvents(url, session, { query, variables }, sink) }),
        }),
      }),
      authExchange(async ({ appendHeaders }) => ({
        addAuthToOperation(operation) {
          const { accessToken } = session
          return accessToken === undefined
            ? operation
            : appendHeaders(operation, { authorization: `Bearer ${accessToken}` })
        },
        willAuthError: () => session.isStale,
        // What may have run is not sent again; the session knows that its token has expired, and the next operation waits for another.
        didAuthError: ({ graphQLErrors }, operation) =>
          session.refused(tokenOf(operation), graphQLErrors) && hasRunNothing(operation.query, graphQLErrors),
        // Operations wait here, and fail with what this rejects with. The exchange sends none more than twice.
        async refreshAuth() {
          await session.token()
        },
      })),
      fetchExchange,
    ],
  })
}

/** The token that an operation was sent with. */
function tokenOf({ context: { fetchOptions } }: Operation): string | undefined {
  const { headers } = (typeof fetchOptions === 'function' ? fetchOptions() : fetchOptions) ?? {}
  return new Headers(headers).get('authorization')?.replace('Bearer ', '')
}
