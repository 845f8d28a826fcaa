import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { authxPlugin } from 'graphql-authx/apollo'
import type { Serve } from '../../contest.ts'
import { ours } from './schema.ts'

export const standalone: Serve = async (tokens) => {
  const { authx, schema } = await ours(tokens)
  const server = new ApolloServer({ schema, plugins: [authxPlugin(authx)] })
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: '127.0.0.1' },
    context: async ({ req, res }) => ({ req, res }),
  })
  return { url }
}
