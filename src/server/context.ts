import type { YogaInitialContext } from 'graphql-yoga'
import type { AuthXContext, Refreshing } from '../graphql/context.ts'

/** What every resolver of the server gets. */
export type ServerContext = YogaInitialContext & AuthXContext

/** What the resolver of `refresh` gets. */
export type RefreshContext = Refreshing<ServerContext>
