// The last listing of AuthX's page on token callbacks: the same, with the revoked tokens in a database, through an ORM (Drizzle on SQLite).
// Run it with: npm run example examples/blocklist-orm/server.ts

import { createServer } from 'node:http'
import { makeExecutableSchema } from '@graphql-tools/schema'
import Database from 'better-sqlite3'
import { eq, lt } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { createAuthX, type RequestToken } from 'graphql-authx'
import { useAuthX } from 'graphql-authx/yoga'
import { createYoga } from 'graphql-yoga'

const revokedTokens = sqliteTable('revoked_tokens', {
  jti: text('jti').primaryKey(),
  // Once the token has expired nobody can use it, and the row can go. A list that only grows is one nobody can search one day.
  expiresAt: integer('expires_at').notNull(),
})

const connection = new Database(process.env.DATABASE ?? 'revoked_tokens.db')
connection.exec(
  'CREATE TABLE IF NOT EXISTS revoked_tokens (jti TEXT PRIMARY KEY, expires_at INTEGER NOT NULL)',
)
const db = drizzle(connection)

const security = createAuthX({
  secret: process.env.AUTHX_SECRET ?? crypto.randomUUID() + crypto.randomUUID(),
})

security.setTokenBlocklistCallback((_token, { claims }) => {
  return db.select().from(revokedTokens).where(eq(revokedTokens.jti, claims.jti)).get() !== undefined
})

const typeDefs = /* GraphQL */ `
  type Query {
    tokenOptional: String! @optionalToken
    tokenMandatory: String! @auth(type: ACCESS)
    profile: String! @auth(type: ACCESS)
  }
  type Mutation {
    login: String!
    logout: String! @auth(type: ACCESS)
  }
`

const describe = (token: RequestToken) => `Your token is: ${token.token} and is located in ${token.location}`

const schema = makeExecutableSchema({
  typeDefs: [security.typeDefs, typeDefs],
  resolvers: {
    Query: {
      tokenOptional: (_, __, context) => {
        const token = context.requestToken()
        return token === null ? 'No token found' : describe(token)
      },
      tokenMandatory: (_, __, context) => describe(context.auth.token),
      profile: () => 'You are authenticated',
    },
    Mutation: {
      login: () => security.createAccessToken({ sub: 'john@doe.com' }),
      logout: (_, __, context) => {
        const { jti, exp } = context.auth.claims
        db.delete(revokedTokens)
          .where(lt(revokedTokens.expiresAt, Math.floor(Date.now() / 1000) - 60))
          .run()
        db.insert(revokedTokens).values({ jti, expiresAt: exp }).onConflictDoNothing().run()
        return 'OK'
      },
    },
  },
})

const server = createServer(createYoga({ schema: security.protect(schema), plugins: [useAuthX(security)] }))

server.listen(Number(process.env.PORT ?? 4000), '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/graphql`)
})
