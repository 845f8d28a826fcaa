import Fastify from 'fastify'
import mercurius from 'mercurius'
import type { Serve } from '../../contest.ts'
import { sdl, USER } from '../../fixture.ts'

const serve =
  (jit: number): Serve =>
  async () => {
    const app = Fastify()
    await app.register(mercurius, { schema: sdl(), resolvers: { Query: { member: () => USER } }, jit })
    return { url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql` }
  }

export const bare: Serve = serve(0)
export const jit: Serve = serve(1)
