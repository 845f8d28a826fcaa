import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import type { Serve, Tokens } from '../../contest.ts'
import { bareSchema, handGuarded } from './schema.ts'
import { type Authenticate, cached as cachedWith, jsonwebtoken, KEY, revokedBy, STRING } from './verify.ts'

const LISTEN = { port: 0, host: '127.0.0.1' }

export const bare: Serve = async () => {
  const { url } = await startStandaloneServer(new ApolloServer({ schema: bareSchema() }), { listen: LISTEN })
  return { url }
}

/** As its documentation puts a verify into the context. */
const serve =
  (authenticateBy: (tokens: Tokens) => Authenticate): Serve =>
  async (tokens) => {
    const authenticate = authenticateBy(tokens)
    const { url } = await startStandaloneServer(new ApolloServer({ schema: handGuarded() }), {
      listen: LISTEN,
      context: async ({ req }) => ({ user: authenticate(req.headers.authorization) }),
    })
    return { url }
  }

export const string: Serve = serve((tokens) => jsonwebtoken(STRING, revokedBy(tokens)))
export const key: Serve = serve((tokens) => jsonwebtoken(KEY, revokedBy(tokens)))
export const cached: Serve = serve((tokens) => cachedWith(revokedBy(tokens)))
