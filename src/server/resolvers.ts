import type { AuthX } from '../authx.ts'
import type { RequestToken } from '../core/request-token.ts'
import { AuthError } from '../graphql/auth-error.ts'
import type { Accounts } from './accounts.ts'
import { originOf } from './client.ts'
import type { LoginContext } from './context.ts'
import type { Resolvers } from './generated/resolvers.ts'
import type { SessionEvents } from './session-events.ts'
import { sessionResolvers } from './session-resolvers.ts'

/** The resolvers of `schema/`. Who may call them is said there, so none of them asks. */
export function createResolvers(authx: AuthX, accounts: Accounts, events: SessionEvents): Resolvers {
  const sessions = sessionResolvers(authx, accounts, events)
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
        const account = await accounts.authenticate(username, password)
        if (account === undefined) throw new AuthError('CREDENTIALS_WRONG')
        await endPresented(authx, context)
        const pair = await authx.sessions.login({ sub: account.id, ...originOf(context) })
        // A password that was changed while this one was checked has ended all sessions before this one began.
        if (!(await accounts.isAsFound(account))) {
          await authx.revoke({ token: pair.refreshToken })
          throw new AuthError('CREDENTIALS_WRONG')
        }
        return pair
      },
      refresh: async (_source, _args, { refreshAuth: { claims } }) => {
        if ((await accounts.findById(claims.sub)) === undefined) throw new AuthError('SUBJECT_UNKNOWN')
        return authx.sessions.refresh(claims)
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

/** Ends the session of a token that comes with a login, so that nobody goes on in a session that another may have planted. */
async function endPresented(authx: AuthX, { requestToken }: LoginContext): Promise<void> {
  const presented = new Set([requestToken('access')?.token, requestToken('refresh')?.token])
  for (const token of presented) if (token !== undefined) await authx.revoke({ token })
}

function describe({ token, location }: RequestToken): string {
  return `Your token is: ${token} and is located in ${location}`
}
