import { makeExecutableSchema } from '@graphql-tools/schema'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { type AuthX, createAuthX } from 'graphql-authx'
import type { Tokens } from '../../contest.ts'
import { OPTIONS, sdl, USER } from '../../fixture.ts'
import type { User } from './verify.ts'

/** Guards nothing. */
export function bareSchema(more = '', guard = ''): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: [more, sdl(guard)].filter(Boolean),
    resolvers: { Query: { member: () => USER } },
  })
}

/** Guarded by hand: the resolver looks for the user that the context has. */
export function handGuarded(): GraphQLSchema {
  const member = (_source: unknown, _args: unknown, { user }: { user?: User | undefined }) => {
    if (user === undefined)
      throw new GraphQLError('Unauthenticated', { extensions: { code: 'UNAUTHENTICATED' } })
    return { ...USER, id: user.sub }
  }
  return makeExecutableSchema({ typeDefs: sdl(), resolvers: { Query: { member } } })
}

/** Guarded by us, with one session that has ended. */
export async function ours(tokens: Tokens): Promise<{ authx: AuthX; schema: GraphQLSchema }> {
  const authx = createAuthX(OPTIONS)
  await authx.revoke({ token: tokens.revoked })
  const member = (_source: unknown, _args: unknown, { auth }: { auth: { claims: { sub: string } } }) => ({
    ...USER,
    id: auth.claims.sub,
  })
  const schema = makeExecutableSchema({
    typeDefs: [authx.typeDefs, sdl('@auth')],
    resolvers: { Query: { member } },
  })
  return { authx, schema: authx.protect(schema) }
}
