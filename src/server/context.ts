import type { IncomingMessage } from 'node:http'
import type { YogaInitialContext } from 'graphql-yoga'
import type { Account } from '../core/account-store.ts'
import type { AuthXContext, Refreshing, WithOptionalToken } from '../graphql/context.ts'

/** What every resolver of the server gets. */
export type ServerContext = YogaInitialContext &
  AuthXContext<Account> & {
    /** Node's request, where the server listens on node:http. */
    readonly req?: IncomingMessage
  }

/** What the resolver of `login` gets: a token that comes with the login is looked at, whatever it is. */
export type LoginContext = WithOptionalToken<ServerContext>

/** What the resolver of `refresh` gets. */
export type RefreshContext = Refreshing<ServerContext>
