import type { Authentication, Engine } from '../core/authentication.ts'
import type { AccessClaims, Claims, RefreshClaims, TokenType } from '../core/claims.ts'
import { Refusal } from '../core/refusal.ts'
import type { RequestToken } from '../core/request-token.ts'
import { AuthError } from './auth-error.ts'
import type { RequestAuth } from './request-auth.ts'
import { loadSubject } from './subject.ts'

/** The authentication of a request as a resolver without a rule sees it: nothing can be read before it is checked. */
export interface UncheckedAuth<OfClaims extends Claims = AccessClaims, Subject = unknown> {
  readonly type: TokenType
  /**
   * Checks the token as `@auth` would.
   *
   * @throws AuthError when there is none, or it is not valid, or revoked
   */
  check(): Promise<CheckedAuth<OfClaims, Subject>>
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
  /** Ends the session: this token, its companion and all that were refreshed from them. */
  logout(): Promise<void>
}

/** What the adapters add to every GraphQL context. Say what your subject getter loads: `AuthXContext<User>`. */
export interface AuthXContext<Subject = unknown> {
  readonly auth: UncheckedAuth<AccessClaims, Subject>
  readonly refreshAuth: UncheckedAuth<RefreshClaims, Subject>
}

/** What the subject getter loads, by a context. */
type SubjectOf<Context> = Context extends AuthXContext<infer Subject> ? Subject : unknown

/** A context under `@auth`: for graphql-codegen's `directiveContextTypes`. */
export type Authenticated<Context> = Omit<Context, 'auth'> & {
  readonly auth: CheckedAuth<AccessClaims, SubjectOf<Context>>
}

/** A context under `@auth(type: REFRESH)`: for graphql-codegen's `fieldContextTypes`. */
export type Refreshing<Context> = Omit<Context, 'refreshAuth'> & {
  readonly refreshAuth: CheckedAuth<RefreshClaims, SubjectOf<Context>>
}

/** A context under `@optionalToken`: for graphql-codegen's `directiveContextTypes`. */
export type WithOptionalToken<Context> = Context & {
  /**
   * The token as it came, or null where there is none. Nothing about it was verified.
   *
   * @param type default: `access`
   */
  requestToken(type?: TokenType): RequestToken | null
}

/** Any rule will do when a resolver checks by itself. */
const ANY_TOKEN = { fresh: false, scopes: [] } as const

/** The members that an adapter assigns to the context of an operation. */
export function contextMembers(request: RequestAuth, context: object): WithOptionalToken<AuthXContext> {
  const members = {
    auth: new ContextAuth(request, 'access', context),
    refreshAuth: new ContextAuth(request, 'refresh', context),
    requestToken(type: TokenType = 'access'): RequestToken | null {
      return found(request.of(type))
    },
  }
  // Symbols survive Object.assign and spreading, which is how servers build contexts.
  Object.defineProperty(members, request.engine.contextKey, { value: request, enumerable: true })
  return members as unknown as WithOptionalToken<AuthXContext>
}

/** The state that an adapter left on a context; undefined when none did. */
export function requestAuthOf(engine: Engine, context: unknown): RequestAuth | undefined {
  if (typeof context !== 'object' || context === null) return undefined
  return (context as Record<symbol, RequestAuth | undefined>)[engine.contextKey]
}

class ContextAuth<OfClaims extends Claims> implements CheckedAuth<OfClaims> {
  readonly #request: RequestAuth
  readonly #authentication: Authentication
  readonly #context: object

  constructor(request: RequestAuth, type: TokenType, context: object) {
    this.#request = request
    this.#authentication = request.of(type)
    this.#context = context
  }

  get type(): TokenType {
    return this.#authentication.type
  }

  async check(): Promise<CheckedAuth<OfClaims>> {
    const verdict = await this.#authentication.judge({ type: this.type, ...ANY_TOKEN }, {}, this.#context)
    if (verdict instanceof Refusal) throw new AuthError(verdict)
    return this
  }

  get claims(): OfClaims {
    const { claims } = this.#authentication
    if (claims === undefined) {
      const name = this.type === 'access' ? 'auth' : 'refreshAuth'
      throw new TypeError(
        `context.${name}.claims was read where no rule vouches for it; put @auth on the field, or await context.${name}.check() first`,
      )
    }
    return claims as OfClaims
  }

  get token(): RequestToken {
    void this.claims
    return found(this.#authentication) as RequestToken
  }

  async subject(): Promise<unknown> {
    const { claims } = this
    return this.#request.subject(claims.sub, () =>
      loadSubject(this.#request.engine, { claims, context: this.#context }),
    )
  }

  async revoke(): Promise<void> {
    const { jti, exp } = this.claims
    await this.#revoke({ jti, exp }, 'REVOKED', this.claims)
  }

  async logout(): Promise<void> {
    await this.#revoke({ claims: this.claims }, 'LOGOUT')
  }

  async #revoke(...how: Parameters<Engine['sessions']['revoke']>): Promise<void> {
    const refusal = await this.#request.engine.sessions.revoke(...how)
    if (refusal !== undefined) throw new AuthError(refusal)
  }
}

function found(authentication: Authentication): RequestToken | null {
  const token = authentication.locate()
  if (token instanceof Refusal) throw new AuthError(token)
  return token ?? null
}
