import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import mercuriusPlugin, { type MercuriusOptions } from 'mercurius'
import { mercuriusAuthX, mercuriusOptions } from '../../src/graphql/adapters/mercurius.ts'
import type { AuthX } from '../../src/index.ts'
import type { Serve } from './serve.ts'

/** What the tests of this server alone add. */
export interface MercuriusParts {
  readonly origins?: readonly string[]
  readonly mercurius?: MercuriusOptions
  /** Registered after all else, before it listens. */
  readonly more?: (app: FastifyInstance) => void | Promise<void>
}

/** A Mercurius that listens on a free port of this machine. */
export interface ServedMercurius {
  readonly app: FastifyInstance
  readonly url: string
  close(): Promise<void>
}

export async function serve(
  authx: AuthX,
  schema: GraphQLSchema,
  { origins = [], mercurius: options = {}, more }: MercuriusParts = {},
): Promise<ServedMercurius> {
  const app = Fastify({ forceCloseConnections: true })
  await app.register(mercuriusPlugin, mercuriusOptions(authx, { schema, ...options }, { origins }))
  await app.register(mercuriusAuthX(authx, { origins }))
  await more?.(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { app, url: `http://127.0.0.1:${port}/graphql`, close: () => app.close() }
}

/** As the others are served. */
export const mercurius: Serve = ({ authx, schema, origins = [], batching = false, onContext }) =>
  serve(authx, schema, {
    origins,
    mercurius: {
      allowBatchedQueries: batching,
      context: async () => ({ own: await onContext?.() }),
    },
  })
