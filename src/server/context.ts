import type { YogaInitialContext } from 'graphql-yoga'
import type { Account } from '../core/account-store.ts'
import type { AuthXContext } from '../graphql/context.ts'

/** What tells resolvers where a request comes from. */
export interface SourceContext {
  /** An IP address, as far as it can be known. */
  readonly source: string
}

/** What every resolver of the server gets. */
export type ServerContext = YogaInitialContext & AuthXContext<Account> & SourceContext
