import type { Authentication, Verdict } from '../core/authentication.ts'
import type { AccessClaims, Claims, RefreshClaims, TokenType } from '../core/claims.ts'
import type { OperationKind } from '../core/csrf.ts'
import { Refusal } from '../core/refusal.ts'
import { RequestToken } from '../core/request-token.ts'
import { anyToken, isAboutRights, type Requirement } from '../core/requirement.ts'
import type { Verified } from '../core/revocation.ts'
import { isThenable } from '../core/thenable.ts'
import { AuthError, orThrow } from './auth-error.ts'
import type { AuthXContext, CheckedAuth, WithOptionalToken } from './context.ts'
import { FieldRefusals } from './field-refusals.ts'
import { Lifetime } from './lifetime.ts'
import type { RequestAuth } from './request-auth.ts'

/** The members that an adapter assigns to the context of an operation. */
export function contextMembers(request: RequestAuth, context: object): WithOptionalToken<AuthXContext> {
  const operation = new OperationAuth(request, context)
  return {
    auth: operation.of('access'),
    refreshAuth: operation.of('refresh'),
    tokenCookies: request.cookies,
    requestToken: (type: TokenType = 'access') => found(request.of(type).locateProven(operation.kind)),
    // Symbols survive Object.assign and spreading, which is how servers build contexts.
    [request.contextKey]: operation,
  } as unknown as WithOptionalToken<AuthXContext>
}

/** What an adapter left on a context under this instance's key; undefined when none did. */
export function operationAuthOf(contextKey: symbol, context: unknown): OperationAuth | undefined {
  if (typeof context !== 'object' || context === null) return undefined
  return (context as Record<symbol, OperationAuth | undefined>)[contextKey]
}

/** The authentications of one operation: those of its request, and which of them this operation has seen granted. */
export class OperationAuth {
  readonly #request: RequestAuth
  readonly #access: ContextAuth<AccessClaims>
  readonly #refresh: ContextAuth<RefreshClaims>
  readonly #context: object
  #kind: OperationKind | undefined
  #lifetime: Lifetime | undefined
  #refusals: FieldRefusals | undefined
  /** What was asked last and was known at once, in which unit, and the answer. */
  #asked: Requirement | undefined
  #unit: object | undefined
  #verdict: Verdict = null
  /** `#asked` where the answer was no refusal: for a leaf one comparison less. */
  #grantedRequirement: Requirement | undefined

  constructor(request: RequestAuth, context: object) {
    this.#request = request
    this.#context = context
    this.#access = new ContextAuth(request, 'access', context, this)
    this.#refresh = new ContextAuth(request, 'refresh', context, this)
  }

  /** Whether its members were made for a context, and not copied into it. */
  isFor(context: unknown): boolean {
    return context === this.#context
  }

  /** What the operation can do, where somebody said so. A guarded field knows by itself. */
  get kind(): OperationKind | undefined {
    return this.#kind
  }

  /** Told before it runs. */
  begin(kind: OperationKind | undefined): void {
    this.#kind = kind
    this.#request.begin(kind)
  }

  /** How long it may go on, if it outlives its first answer. */
  get lifetime(): Lifetime {
    const { tokenWatch } = this.#request
    const held = () => [this.#access.held, this.#refresh.held].filter((token) => token !== undefined)
    this.#lifetime ??= new Lifetime({ tokenWatch, context: this.#context, held })
    return this.#lifetime
  }

  get refusals(): FieldRefusals {
    this.#refusals ??= new FieldRefusals()
    return this.#refusals
  }

  /** Whether this was asked last, and granted: of a list's leaves nearly all ask what the one before asked. */
  hasGranted(requirement: Requirement, unit: object): boolean {
    return requirement === this.#grantedRequirement && unit === this.#unit
  }

  /** {@link Authentication.judge} */
  judge(
    requirement: Requirement,
    unit: object,
    context: unknown,
    kind: OperationKind | undefined,
  ): Verdict | Promise<Verdict> {
    if (requirement === this.#asked && unit === this.#unit) return this.#verdict
    const verdict = this.of(requirement.type).judge(requirement, unit, context, kind)
    if (isThenable(verdict)) return verdict
    this.#asked = requirement
    this.#unit = unit
    this.#verdict = verdict
    this.#grantedRequirement = verdict instanceof Refusal ? undefined : requirement
    return verdict
  }

  /** There is a verdict about other claims, perhaps: whose it is that fields read has to be found anew. */
  forgetVerdict(): void {
    this.#asked = undefined
    this.#grantedRequirement = undefined
  }

  /** An event was refused: none after it would pass, unless it was only that nobody could say. */
  refuseEvent(refusal: Refusal): void {
    if (refusal.reason !== 'REVOCATION_UNAVAILABLE') this.lifetime.endAfter(refusal)
  }

  /** Its answer is complete. */
  close(): void {
    this.#lifetime?.close()
  }

  /** The tokens of the request, whatever they are and whoever sent it. */
  get presented(): readonly RequestToken[] {
    return (['access', 'refresh'] as const).flatMap((type) => {
      const token = this.#request.of(type).locate()
      return token instanceof RequestToken ? [token] : []
    })
  }

  of(type: TokenType): ContextAuth<AccessClaims> | ContextAuth<RefreshClaims> {
    return type === 'access' ? this.#access : this.#refresh
  }

  /**
   * Takes the cookies away although a logout was refused: whoever wants to be out should not find the browser in. Not where the request has not shown
   * that it is its page's own; any other page could log people out.
   */
  forgetCookies({ reason }: Refusal, kind: OperationKind | undefined): void {
    if (reason !== 'CSRF_MISSING' && reason !== 'CSRF_MISMATCH') this.#request.abandon(kind)
  }
}

class ContextAuth<OfClaims extends Claims> implements CheckedAuth<OfClaims> {
  readonly #request: RequestAuth
  readonly #type: TokenType
  readonly #context: object
  readonly #operation: OperationAuth
  #granted: Claims | undefined
  #isAnonymous = false

  constructor(request: RequestAuth, type: TokenType, context: object, operation: OperationAuth) {
    this.#request = request
    this.#operation = operation
    this.#type = type
    this.#context = context
  }

  get type(): TokenType {
    return this.#type
  }

  /** Made by the first who asks: few requests have a token of each type. */
  get #authentication(): Authentication {
    return this.#request.of(this.#type)
  }

  /** The token, if this operation was granted something by it. */
  get held(): Verified | undefined {
    return this.#granted === undefined ? undefined : this.#authentication.granted
  }

  /** {@link Authentication.locateProven} */
  locateProven(kind: OperationKind): RequestToken | Refusal | undefined {
    return this.#authentication.locateProven(kind)
  }

  /** {@link Authentication.judge}; claims that pass are what `claims` gives from then on. */
  judge(
    requirement: Requirement,
    unit: object,
    context: unknown,
    kind: OperationKind | undefined,
  ): Verdict | Promise<Verdict> {
    const verdict = this.#authentication.judge(requirement, unit, context, kind)
    return isThenable(verdict) ? verdict.then((settled) => this.#remember(settled)) : this.#remember(verdict)
  }

  /** {@link Authentication.consider} */
  consider(...question: Parameters<Authentication['consider']>): Verdict | Promise<Verdict> {
    return this.#authentication.consider(...question)
  }

  async check(): Promise<CheckedAuth<OfClaims>> {
    orThrow(await this.judge(anyToken(this.type), {}, this.#context, this.#operation.kind))
    return this
  }

  /** Null under `@auth(optional: true)` for whoever brings no token; the type of such a resolver's context says so. */
  get claims(): OfClaims {
    return this.#vouched('claims')
  }

  get token(): RequestToken {
    void this.#vouched('token')
    return found(this.#authentication.locate()) as RequestToken
  }

  get signal(): AbortSignal {
    return this.#operation.lifetime.signal
  }

  async subject(): Promise<unknown> {
    const claims = this.#vouched('subject()')
    return claims === null ? null : this.#request.subject({ claims, context: this.#context })
  }

  async revoke(): Promise<void> {
    const claims = this.#required('revoke()')
    const { jti, exp, iss } = claims
    await this.#revoke({ jti, exp, ...(iss !== undefined ? { iss } : {}) }, 'REVOKED', claims)
  }

  async logout(): Promise<void> {
    const claims = this.#required('logout()')
    // First: whoever wants to be out should not find the browser in, whatever becomes of the store.
    if (this.#request.hasCookies) this.#request.cookies.clear()
    await this.#revoke({ claims }, 'LOGOUT')
  }

  #vouched(member: string): OfClaims {
    if (this.#granted !== undefined) return this.#granted as OfClaims
    if (this.#isAnonymous) return null as never
    const name = this.type === 'access' ? 'auth' : 'refreshAuth'
    throw new TypeError(
      `context.${name}.${member} was read where no rule vouches for it; put @auth on the field, or await context.${name}.check() first`,
    )
  }

  #required(member: string): OfClaims {
    const claims = this.#vouched(member)
    if (claims === null) throw new AuthError('TOKEN_MISSING')
    return claims
  }

  #remember(verdict: Verdict): Verdict {
    this.#operation.forgetVerdict()
    if (verdict === null) this.#isAnonymous = true
    else if (!(verdict instanceof Refusal)) this.#granted = verdict
    else if (!isAboutRights(verdict)) this.#granted = undefined
    return verdict
  }

  async #revoke(...how: Parameters<RequestAuth['revoke']>): Promise<void> {
    const refusal = await this.#request.revoke(...how)
    if (refusal !== undefined) throw new AuthError(refusal)
  }
}

function found(token: RequestToken | Refusal | undefined): RequestToken | null {
  return orThrow(token) ?? null
}
