// AuthX's page on token callbacks, line by line, for GraphQL: a list of revoked tokens and a callback that looks into it.
// Run it with: npm run example examples/blocklist-callback/server.ts

import { createServer } from 'node:http'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { createAuthX, type RequestToken } from 'graphql-authx'
import { useAuthX } from 'graphql-authx/yoga'
import { createYoga } from 'graphql-yoga'

const REVOKED_TOKEN: string[] = []

const security = createAuthX({
  secret: process.env.AUTHX_SECRET ?? crypto.randomUUID() + crypto.randomUUID(),
})

// The callback gets the token's text first. What it is looked up by is the verified claim that names it: one token can be
// spelt in several ways, and only its claims stay the same.
security.setTokenBlocklistCallback((_token, { claims }) => REVOKED_TOKEN.includes(claims.jti))

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
        REVOKED_TOKEN.push(context.auth.claims.jti)
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
