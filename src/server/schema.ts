import { readdirSync, readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { IResolvers } from '@graphql-tools/utils'
import type { GraphQLSchema } from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { SchemaExtension } from './extension.ts'
import type { ResolverParts } from './resolver-parts.ts'
import { createResolvers } from './resolvers.ts'

const FOLDER = new URL('../../schema/', import.meta.url)
/** Comes with the instance. */
const DIRECTIVES = 'directives.graphql'

/**
 * The server's schema and what extends it, with all rules in force.
 *
 * @throws ConfigurationError where the extension resolves a field of the server's or limits one that is not there, or the schema cannot mean what it says
 */
export function createSchema(parts: ResolverParts, extension?: SchemaExtension): GraphQLSchema {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.graphql') && name !== DIRECTIVES)
  const typeDefs = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
  const own = createResolvers(parts)
  if (extension !== undefined) refuseReplacing(own as IResolvers, extension.resolvers)
  const schema = makeExecutableSchema({
    typeDefs: [parts.authx.typeDefs, ...typeDefs, ...(extension === undefined ? [] : [extension.typeDefs])],
    resolvers: [own, ...(extension === undefined ? [] : [extension.resolvers])],
  })
  requireMutations(extension?.once ?? [], schema)
  return parts.authx.protect(schema)
}

/** A name that is misspelt would guard nothing, and nobody would find out. */
function requireMutations(once: readonly string[], schema: GraphQLSchema): void {
  if (!Array.isArray(once)) {
    throw new ConfigurationError('extend: once: must be a list of names of fields of Mutation')
  }
  const fields = schema.getMutationType()?.getFields() ?? {}
  const unknown = once.find((name) => !Object.hasOwn(fields, name))
  if (unknown !== undefined) {
    throw new ConfigurationError(`extend: once: ${JSON.stringify(unknown)} is no field of Mutation`)
  }
}

/** A login that somebody else resolves has none of the server's limits, and nobody would see that. */
function refuseReplacing(own: IResolvers, added: IResolvers): void {
  for (const [type, fields] of Object.entries(own)) {
    const taken = Object.keys(fields).find((field) => Object.hasOwn(added[type] ?? {}, field))
    if (taken !== undefined) {
      throw new ConfigurationError(
        `extend: ${type}.${taken} is the server's own field; add one of another name`,
      )
    }
  }
}
