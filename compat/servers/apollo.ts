import { ApolloServer, type BaseContext } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { expressMiddleware } from '@as-integrations/express5'
import express from 'express'
import type { GraphQLFormattedError } from 'graphql'
import { authxPlugin } from '../../src/graphql/adapters/apollo.ts'
import { listen } from './listen.ts'
import type { Served, Setup } from './serve.ts'

/** What the tests of this server alone add. */
export interface ApolloParts {
  readonly plugins?: NonNullable<ConstructorParameters<typeof ApolloServer<BaseContext>>[0]['plugins']>
  readonly formatError?: (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError
}

export function apollo(
  { authx, schema, origins = [], batching = false }: Setup,
  { plugins = [], formatError }: ApolloParts = {},
): ApolloServer<BaseContext> {
  return new ApolloServer<BaseContext>({
    schema,
    plugins: [authxPlugin(authx, { origins }), ...plugins],
    allowBatchedHttpRequests: batching,
    nodeEnv: 'test',
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...(formatError === undefined ? {} : { formatError }),
  })
}

export async function apolloStandalone(setup: Setup, parts?: ApolloParts): Promise<Served> {
  const server = apollo(setup, parts)
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: '127.0.0.1' },
    context: async ({ req, res }) => ({ req, res, own: await setup.onContext?.() }),
  })
  return { url: new URL('/graphql', url).href, close: () => server.stop() }
}

export async function apolloExpress(setup: Setup, parts?: ApolloParts): Promise<Served> {
  const server = apollo(setup, parts)
  await server.start()
  const context = async (both: object): Promise<object> => ({ ...both, own: await setup.onContext?.() })
  const app = express().use('/graphql', express.json(), expressMiddleware(server, { context }))
  return listen(app, () => server.stop())
}
