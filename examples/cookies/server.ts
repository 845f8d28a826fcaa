// A page that logs in with cookies: no script of it ever reads a token.
// Run it with: npm run example examples/cookies/server.ts, and open http://127.0.0.1:4000

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { createAuthX } from 'graphql-authx'
import { memory } from 'graphql-authx/stores/memory'
import { useAuthX } from 'graphql-authx/yoga'
import { createYoga } from 'graphql-yoga'

const authx = createAuthX({
  secret: process.env.AUTHX_SECRET ?? crypto.randomUUID() + crypto.randomUUID(),
  sessions: memory(),
  locations: { access: ['cookies'], refresh: ['cookies'] },
  // The cookies are __Host- and Secure. Chromium and Firefox keep such ones of localhost without TLS; for others, while you develop:
  // cookies: { secure: false },
})

const typeDefs = /* GraphQL */ `
  type Query {
    me: String! @auth
    likes: Int!
  }
  type Mutation {
    login(name: String!): Tokens!
    refresh: Tokens! @auth(type: REFRESH)
    like: Int! @auth
    logout: Boolean! @auth
  }
  type Tokens {
    expiresIn: Int!
  }
`

let likes = 0

const schema = makeExecutableSchema({
  typeDefs: [authx.typeDefs, typeDefs],
  resolvers: {
    Query: {
      me: (_, __, { auth }) => auth.claims.sub,
      likes: () => likes,
    },
    Mutation: {
      // A real one checks a password first.
      login: async (_, { name }, { tokenCookies }) =>
        tokenCookies.set(await authx.sessions.login({ sub: name })),
      refresh: async (_, __, { refreshAuth, tokenCookies }) =>
        tokenCookies.set(await authx.sessions.refresh(refreshAuth.claims)),
      like: () => {
        likes += 1
        return likes
      },
      logout: async (_, __, { auth }) => {
        await auth.logout()
        return true
      },
    },
  },
})

const yoga = createYoga({ schema: authx.protect(schema), plugins: [useAuthX(authx)], cors: false })

const files: Readonly<Record<string, { readonly type: string; readonly body: Buffer }>> = {
  '/': { type: 'text/html; charset=utf-8', body: readFileSync(new URL('page.html', import.meta.url)) },
  '/page.js': {
    type: 'text/javascript; charset=utf-8',
    body: readFileSync(new URL('page.js', import.meta.url)),
  },
}

const server = createServer((request, response) => {
  const file = files[request.url ?? '']
  if (file === undefined) return yoga(request, response)
  response.writeHead(200, { 'content-type': file.type }).end(file.body)
})

server.listen(Number(process.env.PORT ?? 4000), '127.0.0.1', () => {
  const address = server.address()
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/`)
})
