import type { GraphQLSchema } from 'graphql'
import { AuthError, type AuthX } from '../../src/index.ts'
import { guarded, type Resolvers } from '../../test/harness/graphql.ts'

/** A field for every way to have, or not to have, something. */
export const TYPES: string = `
  type Query {
    open: String
    secret: String! @auth
    may: String @auth
    read: String! @auth(scopes: [["read", "list"], ["admin"]])
    mayRead: String @auth(scopes: [["read", "list"]])
    fresh: String! @auth(fresh: true)
    renew: String! @auth(type: REFRESH)
    maybe: String @auth(optional: true)
    handed: String @optionalToken
    checked: String!
    wrong: String!
    limited: String!
    node: Node
    nodes: [Node]
    any: [Any]
    place: Place
    find(by: String, hidden: String @auth): String
    search(filter: Filter): String
  }
  interface Node @auth { id: ID! }
  type Person implements Node { id: ID! name: String }
  type Safe @auth { gold: String }
  type Street { name: String number: Int! @auth }
  type Place { name: String street: Street! }
  union Any = Safe | Street
  input Filter { text: String owner: String @auth nested: Filter }
  type Mutation {
    open: String
    change: String! @auth
    login: Boolean
    refresh: Boolean! @auth(type: REFRESH)
    logout: Boolean! @auth
  }
`

/** The schema behind every server; `ran` gets the name of each resolver that changes something or needs no token. */
export function stage(authx: AuthX, ran: string[]): GraphQLSchema {
  return guarded(authx, TYPES, resolversOf(authx, ran))
}

function resolversOf(authx: AuthX, ran: string[]): Resolvers {
  const run = (name: string) => (): string => {
    ran.push(name)
    return name
  }
  const person = { __typename: 'Person', id: '1', name: 'Ada' }
  const street = { __typename: 'Street', name: 'Lane', number: 7 }
  return {
    Query: {
      open: run('open'),
      secret: (_source, _args, { auth }) => auth.claims.sub,
      may: () => 'may',
      read: () => 'read',
      mayRead: () => 'read',
      fresh: () => 'fresh',
      renew: (_source, _args, { refreshAuth }) => refreshAuth.claims.sub,
      maybe: (_source, _args, { auth }) => auth.claims?.sub ?? 'anonymous',
      handed: (_source, _args, { requestToken }) => requestToken()?.location ?? 'none',
      checked: async (_source, _args, { auth }) => (await auth.check()).claims.sub,
      wrong: () => {
        throw new AuthError('CREDENTIALS_WRONG')
      },
      limited: () => {
        throw new AuthError('TOO_MANY_ATTEMPTS', { retryAfter: 30 })
      },
      node: () => person,
      nodes: () => [person, person],
      any: () => [{ __typename: 'Safe', gold: 'gold' }, street],
      place: () => ({ name: 'Town', street }),
      find: () => 'found',
      search: () => 'found',
    },
    Mutation: {
      open: run('open'),
      change: run('change'),
      login: async (_source, _args, { tokenCookies }) => {
        tokenCookies.set(await authx.sessions.login({ sub: 'ada' }))
        return true
      },
      refresh: async (_source, _args, { refreshAuth, tokenCookies }) => {
        tokenCookies.set(await authx.sessions.refresh(refreshAuth.claims))
        return true
      },
      logout: (_source, _args, { auth }) => auth.logout().then(() => true),
    },
  }
}
