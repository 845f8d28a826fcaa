import type { YogaInitialContext } from 'graphql-yoga'
import type { Account } from '../core/account-store.ts'
import type { AuthXContext, WithOptionalToken } from '../graphql/context.ts'

/** What tells resolvers where a request comes from. */
export interface SourceContext {
  /** An IP address, as far as it can be known. */
  readonly source: string
}

/** What every resolver of the server gets. */
export type ServerContext = YogaInitialContext & AuthXContext<Account> & SourceContext

/** What the resolver of `login` gets: a token that comes with the login is looked at, whatever it is. */
export type LoginContext = WithOptionalToken<ServerContext>
