import type { AuthX } from '../authx.ts'
import type { AccessClaims } from '../core/claims.ts'
import { AuthError } from '../graphql/auth-error.ts'
import { originOf } from './client.ts'
import type { MutationResolvers, QueryResolvers, SubscriptionResolvers } from './generated/resolvers.ts'
import { requirePassword } from './passwords.ts'
import type { ResolverParts } from './resolver-parts.ts'
import type { SessionEvent } from './session-events.ts'
import { answerWith, forgetTokens } from './token-answers.ts'

/** The resolvers of `schema/sessions.graphql`. */
interface SessionResolvers {
  readonly Query: Pick<QueryResolvers, 'sessions'>
  readonly Mutation: Pick<MutationResolvers, 'logoutEverywhere' | 'revokeSession' | 'changePassword'>
  readonly Subscription: SubscriptionResolvers
}

/** What users see of their sessions and can do to them. Each goes by the `sub` of the caller's token, so nobody reaches another's. */
export function sessionResolvers(parts: ResolverParts): SessionResolvers {
  const { authx, accounts, logins, events } = parts
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
        return id === '' ? false : authx.sessions.revoke({ sub, sid: id })
      },
      changePassword: async (_source, { current, next }, context) => {
        const { claims } = context.auth
        requirePassword('next', next)
        await requireLive(authx, claims)
        await logins.confirm(claims.sub, current, context.source)
        if (!(await accounts.setPassword(claims.sub, next))) throw new AuthError('SUBJECT_UNKNOWN')
        // All of them, this one too: whoever stole its tokens has them still.
        await authx.sessions.revokeAll(claims.sub)
        return answerWith(await logins.begin(claims.sub, originOf(context)), context, parts)
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

/** Asks the session store itself: what a process has heard of revocations may be older. */
async function requireLive(authx: AuthX, { sub, sid }: AccessClaims): Promise<void> {
  const sessions = await authx.sessions.list(sub)
  if (!sessions.some((session) => session.sid === sid)) throw new AuthError('TOKEN_REVOKED')
}

function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
