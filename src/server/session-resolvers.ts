import { isName } from '../core/claims.ts'
import { originOf } from './client.ts'
import type { MutationResolvers, QueryResolvers, SubscriptionResolvers } from './generated/resolvers.ts'
import { requirePassword } from './passwords.ts'
import type { ResolverParts } from './resolver-parts.ts'
import type { SessionEvent } from './session-events.ts'
import { answerWith, forgetTokens } from './token-answers.ts'
import { utc } from './utc.ts'

/** The resolvers of `schema/sessions.graphql`. */
interface SessionResolvers {
  readonly Query: Pick<QueryResolvers, 'sessions'>
  readonly Mutation: Pick<MutationResolvers, 'logoutEverywhere' | 'revokeSession' | 'changePassword'>
  readonly Subscription: SubscriptionResolvers
}

/** What users see of their sessions and can do to them. Each goes by the `sub` of the caller's token, so nobody reaches another's. */
export function sessionResolvers(parts: ResolverParts): SessionResolvers {
  const { authx, logins, events } = parts
  return {
    Query: {
      sessions: async (_source, _args, { auth: { claims } }) => {
        const sessions = await authx.sessions.list(claims.sub)
        return sessions.map(({ sid, device, address, createdAt, lastUsedAt, expiresAt }) => ({
          id: sid,
          device,
          address,
          createdAt: utc(createdAt),
          lastUsedAt: utc(lastUsedAt),
          expiresAt: utc(expiresAt),
          current: sid === claims.sid,
        }))
      },
    },
    Mutation: {
      logoutEverywhere: async (_source, _args, context) => {
        forgetTokens(context, parts)
        return authx.sessions.revokeAll(context.auth.claims.sub)
      },
      revokeSession: async (_source, { id }, context) => {
        const { sub, sid } = context.auth.claims
        if (id === sid) forgetTokens(context, parts)
        return isName(id) ? authx.sessions.revoke({ sub, sid: id }) : false
      },
      changePassword: async (_source, { current, next }, context) => {
        requirePassword('next', next)
        const { claims } = context.auth
        const pair = await logins.changePassword(claims, { current, next }, originOf(context))
        return answerWith(pair, context, parts)
      },
    },
    Subscription: {
      sessionEvents: {
        subscribe: (_source, _args, { auth }) => events.subscribe(auth.claims.sub),
        resolve: (event: SessionEvent) => event,
      },
    },
  }
}
