import Fastify from 'fastify'
import { mercuriusAuthX, mercuriusOptions } from 'graphql-authx/mercurius'
import mercurius, { type MercuriusOptions } from 'mercurius'
import type { Serve } from '../../contest.ts'
import { ours } from './schema.ts'

const serve =
  (jit: number): Serve =>
  async (tokens) => {
    const { authx, schema } = await ours(tokens)
    const app = Fastify()
    const options: MercuriusOptions = { schema, jit }
    await app.register(mercurius, mercuriusOptions(authx, options))
    await app.register(mercuriusAuthX(authx))
    return { url: `${await app.listen({ port: 0, host: '127.0.0.1' })}/graphql` }
  }

export const plain: Serve = serve(0)
export const jit: Serve = serve(1)
