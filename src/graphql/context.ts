import type { AccessClaims, Claims, RefreshClaims, TokenType } from '../core/claims.ts'
import type { RequestToken } from '../core/request-token.ts'
import type { TokenCookies } from '../core/token-cookies.ts'

/** The authentication of a request as a resolver without a rule sees it: nothing can be read before it is checked. */
export interface UncheckedAuth<OfClaims extends Claims = AccessClaims, Subject = unknown> {
  readonly type: TokenType
  /**
   * Checks the token as `@auth` would.
   *
   * @throws AuthError when there is none, or it is not valid, or revoked
   */
  check(): Promise<CheckedAuth<OfClaims, Subject>>
  /**
   * Aborts when what outlives its first answer is to stop: a token that it goes by has ended, or nobody waits for the stream any more. Also there without a rule or a token. Hand it to whatever your source waits for.
   *
   * @example
   * subscribe: (_, __, { auth }) => on(bus, 'price', { signal: auth.signal })
   */
  readonly signal: AbortSignal
}

/** The authentication of a request whose token was verified and is not revoked. */
export interface CheckedAuth<OfClaims extends Claims = AccessClaims, Subject = unknown>
  extends UncheckedAuth<OfClaims, Subject> {
  readonly claims: OfClaims
  readonly token: RequestToken
  /**
   * Whom the token is for, as the subject getter loads it: once per request, and only when this is called.
   *
   * @throws AuthError `SUBJECT_UNKNOWN` where the subject is gone
   * @throws ConfigurationError without a getter
   */
  subject(): Promise<Subject>
  /** Revokes this one token. */
  revoke(): Promise<void>
  /** Ends the session: this token, its companion and all that were refreshed from them. Takes the cookies away, if there are any. */
  logout(): Promise<void>
}

/** The authentication of a caller who brought no token, under `@auth(optional: true)`. */
export interface AnonymousAuth<OfClaims extends Claims = AccessClaims, Subject = unknown>
  extends UncheckedAuth<OfClaims, Subject> {
  readonly claims: null
  readonly token: null
  subject(): Promise<null>
}

/** Under `@auth(optional: true)`: `if (auth.claims !== null)` tells which. */
export type OptionalAuth<OfClaims extends Claims = AccessClaims, Subject = unknown> =
  | CheckedAuth<OfClaims, Subject>
  | AnonymousAuth<OfClaims, Subject>

/** What the adapters add to every GraphQL context. Say what your subject getter loads: `AuthXContext<User>`. */
export interface AuthXContext<Subject = unknown> {
  readonly auth: UncheckedAuth<AccessClaims, Subject>
  readonly refreshAuth: UncheckedAuth<RefreshClaims, Subject>
  /** Where tokens travel in cookies: sets and clears them. */
  readonly tokenCookies: TokenCookies
}

/** What the subject getter loads, by a context. */
type SubjectOf<Context> = Context extends AuthXContext<infer Subject> ? Subject : unknown

/** A context that a rule vouches for already. */
type Vouched =
  | { readonly auth: { readonly claims: AccessClaims | null } }
  | { readonly refreshAuth: { readonly claims: RefreshClaims | null } }

/**
 * A context under `@auth`.
 *
 * One that a rule vouches for already stays as it is, because graphql-codegen's `directiveContextTypes` puts this around every field with the directive,
 * whatever its arguments are.
 */
export type Authenticated<Context> = Context extends Vouched
  ? Context
  : Omit<Context, 'auth'> & { readonly auth: CheckedAuth<AccessClaims, SubjectOf<Context>> }

/** A context under `@auth(optional: true)`. `auth.claims` is null for whoever brings no token. */
export type OptionallyAuthenticated<Context> = Omit<Context, 'auth'> & {
  readonly auth: OptionalAuth<AccessClaims, SubjectOf<Context>>
}

/** A context under `@auth(type: REFRESH)`. */
export type Refreshing<Context> = Omit<Context, 'refreshAuth'> & {
  readonly refreshAuth: CheckedAuth<RefreshClaims, SubjectOf<Context>>
}

/** A context under `@auth(type: REFRESH, optional: true)`. `refreshAuth.claims` is null for whoever brings no token. */
export type OptionallyRefreshing<Context> = Omit<Context, 'refreshAuth'> & {
  readonly refreshAuth: OptionalAuth<RefreshClaims, SubjectOf<Context>>
}

/** A context under `@optionalToken`. */
export type WithOptionalToken<Context> = Context & {
  /**
   * The token as it came, or null where there is none. Nothing about it was verified.
   *
   * @param type default: `access`
   */
  requestToken(type?: TokenType): RequestToken | null
}
