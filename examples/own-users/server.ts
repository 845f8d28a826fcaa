// The server, over a user table of your own: roles become scopes at login, and a ban ends every session at once.
// Run it with: npm run example examples/own-users/server.ts

import { type Extend, hashPassword, readEnvironment, startServer } from 'graphql-authx/server'
import { Users } from './users.ts'

const SCOPES: Readonly<Record<string, readonly string[]>> = {
  author: ['posts:read', 'posts:write'],
  moderator: ['posts:read', 'users:ban', 'users:roles'],
}

const users = new Users(process.env.USERS ?? 'users.db')

const moderation: Extend = ({ authx }) => {
  /** What was changed holds at once: tokens made before it are refused from now on. */
  const change = async (email: string, work: (id: string) => void): Promise<boolean> => {
    const user = await users.findByUsername(email)
    if (user === undefined) return false
    work(user.id)
    await authx.sessions.revokeAll(user.id)
    return true
  }
  return {
    typeDefs: /* GraphQL */ `
      extend type Query {
        posts: [String!]! @auth(scopes: [["posts:read"]])
      }
      extend type Mutation {
        publish(post: String!): Boolean! @auth(scopes: [["posts:write"]])
        ban(email: String!): Boolean! @auth(scopes: [["users:ban"]])
        setRoles(email: String!, roles: [String!]!): Boolean! @auth(scopes: [["users:roles"]])
      }
    `,
    resolvers: {
      Query: { posts: () => posts },
      Mutation: {
        publish: (_, { post }) => posts.push(post) > 0,
        ban: (_, { email }) => change(email, (id) => users.ban(id)),
        setRoles: (_, { email, roles }) => change(email, (id) => users.setRoles(id, roles)),
      },
    },
  }
}

const posts: string[] = []

// Somebody to try it with.
if ((await users.findByUsername('grace@example.com')) === undefined) {
  const chosen = process.env.PASSWORD ?? crypto.randomUUID()
  const password = await hashPassword(chosen)
  users.add({ email: 'grace@example.com', password, roles: ['moderator'] })
  users.add({ email: 'Alan@example.com', password, roles: ['author'] })
  if (process.env.PASSWORD === undefined) console.log(`grace@example.com and alan@example.com: ${chosen}`)
}

const server = await startServer(readEnvironment(), {
  accounts: users,
  grantScopes: ({ scopes: roles }) => roles.flatMap((role) => SCOPES[role] ?? []),
  extend: moderation,
})
console.log(`${server.url}/graphql`)
