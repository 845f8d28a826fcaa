import type { RefreshClaims } from '../core/claims.ts'
import type { TokenPair } from '../core/issuer.ts'
import type { EndAllOptions, LoginInput, Session, Sessions } from '../core/sessions.ts'
import { orThrow } from './auth-error.ts'

/** Login, refresh, and what a user can see and end, on the session store. Without one each is a `ConfigurationError`. */
export interface SessionMethods {
  /**
   * Starts a session for somebody whose credentials you have checked, and makes its first pair. The access token is fresh. Beyond `maxSessions` the
   * user's oldest session ends.
   *
   * @throws ConfigurationError without a session store
   * @throws AuthError `SERVICE_UNAVAILABLE` when the store does not answer
   */
  login(input: LoginInput): Promise<TokenPair>
  /**
   * Spends a refresh token, by its verified claims, for the next pair. Ten seconds long (`refreshGrace`) the same token gets the same
   * successor again; after that it is theft, and the session ends.
   *
   * @param scopes what the user may have now; the session's scopes can shrink to it, never grow
   * @throws AuthError `TOKEN_REUSED`, `TOKEN_REVOKED`, `TOKEN_EXPIRED`, `TOKEN_INVALID` or `SERVICE_UNAVAILABLE`
   */
  refresh(claims: RefreshClaims, scopes?: readonly string[]): Promise<TokenPair>
  /**
   * The sessions of a user that can be refreshed, the one that was used last first.
   *
   * @throws AuthError `SERVICE_UNAVAILABLE` when the store does not answer
   */
  list(sub: string): Promise<readonly Session[]>
  /**
   * Ends one session of a user, durably. False where the user has no such live session: another's answers as an unknown one.
   *
   * @throws AuthError `SERVICE_UNAVAILABLE` when the store did not record it
   */
  revoke(session: { readonly sub: string; readonly sid: string }): Promise<boolean>
  /**
   * Ends all sessions of a user, or all but one, and says how many. Without `except` every token that the user holds is revoked too, whether or not it
   * belongs to a session.
   *
   * @throws AuthError `SERVICE_UNAVAILABLE` when the store did not record it
   */
  revokeAll(sub: string, options?: EndAllOptions): Promise<number>
}

/**
 * The sessions, with refusals as errors.
 *
 * @param beforeLogin called before every login
 */
export function sessionMethods(sessions: Sessions, beforeLogin: () => void): SessionMethods {
  return {
    login: async (input) => {
      beforeLogin()
      return orThrow(await sessions.login(input))
    },
    refresh: async (claims, scopes) => orThrow(await sessions.refresh(claims, scopes)),
    list: async (sub) => orThrow(await sessions.list(sub)),
    revoke: async ({ sub, sid }) => orThrow(await sessions.end(sub, sid)),
    revokeAll: async (sub, options) => orThrow(await sessions.endAll(sub, options)),
  }
}
