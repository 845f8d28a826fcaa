import Fastify from 'fastify'
import mercurius from 'mercurius'
import { mercuriusAuthX, mercuriusOptions } from '../../src/graphql/adapters/mercurius.ts'
import type { AuthX } from '../../src/index.ts'

/** Compiles, or does not, as a reader's own would. */
export async function register(authx: AuthX, typeDefs: string): Promise<void> {
  const schema = [authx.typeDefs, typeDefs]
  const resolvers = { Query: { profile: () => 'ada' } }
  const app = Fastify()
  await app.register(mercurius, mercuriusOptions(authx, { schema, resolvers, loaders: {} }))
  await app.register(mercuriusAuthX(authx))
  const own = {
    context: (request: { readonly id: string }) => ({ id: request.id }),
    subscription: { onConnect: async () => true },
  }
  await app.register(mercurius, mercuriusOptions(authx, { schema, ...own }))
  await app.register(
    mercurius,
    mercuriusOptions(authx, { schema, context: (request) => ({ id: request.id }) }),
  )
}
