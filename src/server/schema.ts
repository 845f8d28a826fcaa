import { readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import type { AuthX } from '../authx.ts'
import type { Accounts } from './accounts.ts'
import { createResolvers } from './resolvers.ts'
import type { SessionEvents } from './session-events.ts'

/** The files of `schema/` beside the directives, which come with the instance. */
const FILES = ['auth', 'sessions', 'viewer']

/** The server's schema, with its rules in force. */
export function createSchema(authx: AuthX, accounts: Accounts, events: SessionEvents): GraphQLSchema {
  const typeDefs = FILES.map((name) =>
    readFileSync(new URL(`../../schema/${name}.graphql`, import.meta.url), 'utf8'),
  )
  const resolvers = createResolvers(authx, accounts, events)
  return authx.protect(makeExecutableSchema({ typeDefs: [authx.typeDefs, ...typeDefs], resolvers }))
}
