import type { GraphQLSchema } from 'graphql'
import { Refused } from './refused.ts'
import { CHANGES, type MercuriusGraphql, type MercuriusInstance } from './shapes.ts'

/**
 * Protects what Mercurius serves, now and after every change of it: loaders, for one, take the place of resolvers.
 *
 * @returns refuses a schema that was put there past that, and has a rule which nothing asks
 * @throws ConfigurationError
 */
export function keepProtected(
  authx: MercuriusInstance,
  graphql: MercuriusGraphql,
): (schema: GraphQLSchema) => void {
  // Mercurius changes resolvers in place, so what cannot be protected must be known no longer.
  const known = new WeakSet<GraphQLSchema>()
  const replace = graphql.replaceSchema.bind(graphql) as (schema: GraphQLSchema) => unknown
  const protectCurrent = (): void => {
    known.delete(graphql.schema)
    const schema = authx.protect(graphql.schema)
    authx.serving.beginServing(schema)
    known.add(schema)
    replace(schema)
  }
  for (const name of CHANGES) {
    const change = graphql[name].bind(graphql) as (value: unknown) => unknown
    graphql[name] = (value: unknown) => {
      known.delete(graphql.schema)
      const done = change(value)
      protectCurrent()
      return done
    }
  }
  protectCurrent()
  return (schema) => {
    if (known.has(schema)) return
    const unprotected = authx.serving.refuseUnprotected(schema)
    if (unprotected !== undefined) throw new Refused([unprotected])
    known.add(schema)
  }
}
