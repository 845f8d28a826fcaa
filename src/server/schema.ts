import { readdirSync, readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import type { AuthX } from '../authx.ts'
import type { Accounts } from './accounts.ts'
import type { Logins } from './logins.ts'
import { createResolvers } from './resolvers.ts'

const FOLDER = new URL('../../schema/', import.meta.url)
/** Comes with the instance. */
const DIRECTIVES = 'directives.graphql'

/** The server's schema, with its rules in force. */
export function createSchema(authx: AuthX, accounts: Accounts, logins: Logins): GraphQLSchema {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.graphql') && name !== DIRECTIVES)
  const typeDefs = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
  const resolvers = createResolvers(authx, accounts, logins)
  return authx.protect(makeExecutableSchema({ typeDefs: [authx.typeDefs, ...typeDefs], resolvers }))
}
