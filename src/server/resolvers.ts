import type { RequestToken } from '../core/request-token.ts'
import { originOf } from './client.ts'
import type { Resolvers } from './generated/resolvers.ts'
import type { ResolverParts } from './resolver-parts.ts'
import { sessionResolvers } from './session-resolvers.ts'
import { answerWith } from './token-answers.ts'

/** The resolvers of `schema/`. Who may call them is said there, so none of them asks. */
export function createResolvers(parts: ResolverParts): Resolvers {
  const { authx, logins } = parts
  const sessions = sessionResolvers(parts)
  return {
    Query: {
      profile: () => 'You are authenticated',
      tokenOptional: (_source, _args, context) => {
        const token = context.requestToken()
        return token === null ? 'No token found' : describe(token)
      },
      tokenMandatory: (_source, _args, { auth }) => describe(auth.token),
      me: (_source, _args, { auth }) => auth.subject(),
      ...sessions.Query,
    },
    Mutation: {
      login: async (_source, { username, password }, context) => {
        const pair = await logins.login(username, password, {
          ...originOf(context),
          presented: [context.requestToken('access'), context.requestToken('refresh')],
        })
        return answerWith(pair, context, parts)
      },
      refresh: async (_source, _args, context) => {
        const { claims } = context.refreshAuth
        const scopes = await logins.scopesAtRefresh(claims, context.source)
        return answerWith(await authx.sessions.refresh(claims, scopes), context, parts)
      },
      logout: async (_source, _args, { auth }) => {
        await auth.logout()
        return true
      },
      revoke: async (_source, { token }) => {
        await authx.revoke({ token })
        return true
      },
      ...sessions.Mutation,
    },
    Subscription: sessions.Subscription,
  }
}

function describe({ token, location }: RequestToken): string {
  return `Your token is: ${token} and is located in ${location}`
}
