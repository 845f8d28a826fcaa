import type { AuthX } from '../authx.ts'
import type { RequestToken } from '../core/request-token.ts'
import { AuthError } from '../graphql/auth-error.ts'
import type { Accounts } from './accounts.ts'
import type { Resolvers } from './generated/resolvers.ts'
import type { Logins } from './logins.ts'

/** The resolvers of `schema/`. Who may call them is said there, so none of them asks. */
export function createResolvers(authx: AuthX, accounts: Accounts, logins: Logins): Resolvers {
  return {
    Query: {
      profile: () => 'You are authenticated',
      tokenOptional: (_source, _args, context) => {
        const token = context.requestToken()
        return token === null ? 'No token found' : describe(token)
      },
      tokenMandatory: (_source, _args, { auth }) => describe(auth.token),
      me: async (_source, _args, { auth }) => {
        const account = await accounts.findById(auth.claims.sub)
        if (account === undefined) throw new AuthError('SUBJECT_UNKNOWN')
        return account
      },
    },
    Mutation: {
      login: (_source, { username, password }, { source }) => logins.login(username, password, source),
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
    },
  }
}

function describe({ token, location }: RequestToken): string {
  return `Your token is: ${token} and is located in ${location}`
}
