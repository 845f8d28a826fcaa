import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { createYoga } from 'graphql-yoga'
import { createAuthX } from '../../src/authx.ts'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import type { Authenticated, AuthXContext, Refreshing } from '../../src/graphql/context.ts'
import { openStore } from '../../src/server/database.ts'
import { hintsOnly } from './hints-only.ts'

/** One process of an API with logins, as a team would write it: a store by its URL, and what its tokens are asked. */
const [url = '', secret = '', mode = ''] = process.argv.slice(2)

interface Context {
  /** When the last question about revocation began. */
  started?: bigint
}

const store = await openStore(url)
const quiet = { warn: () => undefined, error: () => undefined }
const authx = createAuthX({
  secret,
  logger: quiet,
  sessions: mode === 'hints' ? hintsOnly(store) : store,
  leeway: 60,
})
authx.setTokenBlocklistCallback((_token, { context }) => {
  if (context !== undefined) (context as Context).started = process.hrtime.bigint()
  return false
})

await authx.ready()

const schema = authx.protect(
  makeExecutableSchema({
    typeDefs: [
      authx.typeDefs,
      `type Query { check: String! @auth }
       type Mutation {
         login(sub: String!): Pair!
         refresh: Pair! @auth(type: REFRESH)
         logout: Boolean! @auth
         everywhere: Boolean! @auth
         revoke(token: String!): Boolean!
       }
       type Pair { accessToken: String! refreshToken: String! }`,
    ],
    resolvers: {
      Query: { check: (_source: unknown, _args: unknown, { started }: Context) => String(started) },
      Mutation: {
        login: (_source: unknown, { sub }: { sub: string }) => authx.sessions.login({ sub }),
        refresh: (_source: unknown, _args: unknown, { refreshAuth }: Refreshing<AuthXContext>) =>
          authx.sessions.refresh(refreshAuth.claims),
        logout: (_source: unknown, _args: unknown, { auth }: Authenticated<AuthXContext>) =>
          auth.logout().then(() => true),
        everywhere: (_source: unknown, _args: unknown, { auth }: Authenticated<AuthXContext>) =>
          authx.sessions.revokeAll(auth.claims.sub).then(() => true),
        revoke: (_source: unknown, { token }: { token: string }) => authx.revoke({ token }).then(() => true),
      },
    },
  }),
)
const yoga = createYoga({ schema, plugins: [useAuthX(authx)], logging: false, graphiql: false })
const server = createServer(yoga)
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
// Whoever started it is gone.
process.stdin.on('end', () => process.exit()).resume()
