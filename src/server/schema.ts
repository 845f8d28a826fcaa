import { readdirSync, readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import type { ResolverParts } from './resolver-parts.ts'
import { createResolvers } from './resolvers.ts'

const FOLDER = new URL('../../schema/', import.meta.url)
/** Comes with the instance. */
const DIRECTIVES = 'directives.graphql'

/** The server's schema, with its rules in force. */
export function createSchema(parts: ResolverParts): GraphQLSchema {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.graphql') && name !== DIRECTIVES)
  const typeDefs = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
  const resolvers = createResolvers(parts)
  return parts.authx.protect(
    makeExecutableSchema({ typeDefs: [parts.authx.typeDefs, ...typeDefs], resolvers }),
  )
}
