import { readEnvironment, startServer } from 'graphql-authx/server'
import type { Serve } from '../../contest.ts'
import { OPTIONS, SECRET, USER } from '../../fixture.ts'

const TYPES = `
  extend type Query { member: Member @auth }
  type Member { id: ID! name: String! email: String }
`

/** Our server in production, with the contest's field added to its schema and all its limits in force. */
export const started: Serve = async (tokens) => {
  const settings = readEnvironment({
    NODE_ENV: 'production',
    PORT: '0',
    AUTHX_DATABASE_URL: 'memory:',
    AUTHX_ALLOW_MEMORY: 'true',
    AUTHX_SECRET: SECRET,
    AUTHX_ACCESS_TOKEN_TTL: String(OPTIONS.accessTokenTtl),
    LOG_LEVEL: 'silent',
  })
  let ended: Promise<void> | undefined
  const { url } = await startServer(settings, {
    extend({ authx }) {
      ended = authx.revoke({ token: tokens.revoked })
      const member = (_source: unknown, _args: unknown, { auth }: { auth: { claims: { sub: string } } }) => ({
        ...USER,
        id: auth.claims.sub,
      })
      return { typeDefs: TYPES, resolvers: { Query: { member } } }
    },
  })
  await ended
  return { url: `${url}/graphql` }
}
