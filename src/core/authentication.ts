import { tell } from './audit.ts'
import type { Carrier } from './carrier.ts'
import type { Claims, TokenType } from './claims.ts'
import type { Codec, VerifiedToken } from './codec.ts'
import { csrfValueOf, isCsrfValueOf, isHarmless, type OperationKind } from './csrf.ts'
import { locate, type TokenLocation } from './locations.ts'
import { Refusal, type RefusalReason, refuse } from './refusal.ts'
import { RequestToken } from './request-token.ts'
import { asksMore, type Requirement, refuseRest, refuseType } from './requirement.ts'
import type { Liveness, RevocationCheck, Verified } from './revocation.ts'
import type { Settings } from './settings.ts'
import { isThenable } from './thenable.ts'
import { ByUnit } from './unit.ts'

/** The claims of a caller who may pass, null for one who may pass as nobody, or why not. */
export type Verdict = Claims | null | Refusal

/** What every authentication of an instance shares. */
export interface AuthenticationParts {
  readonly settings: Settings
  readonly codec: Codec
  readonly revocation: RevocationCheck
}

/**
 * One request's token of one type, from the request to the verdict. Made lazily: nothing is read before a guarded field asks.
 *
 * The token is located and verified once. Whether it is revoked is asked once per unit: what a unit is (a query, a root field of a mutation,
 * an event) the caller says, by handing in the same object.
 */
export class Authentication {
  readonly type: TokenType
  readonly #parts: AuthenticationParts
  readonly #carrier: Carrier
  readonly #locations: readonly TokenLocation[]
  /** Null where there is none. */
  #located: RequestToken | Refusal | null | undefined
  #verified: VerifiedToken | Refusal | undefined
  /** The same, if the request also showed that it is its page's own. */
  #proven: VerifiedToken | Refusal | undefined
  /** The token itself, unverified, if it may be handed on. */
  #shown: RequestToken | Refusal | undefined
  #granted = false
  /** Ten thousand fields are one request. */
  #counted = false
  readonly #liveness = new ByUnit<Liveness | Promise<Liveness>>()
  /** What each rule about more than the token found: the claims are the same for all fields that ask it. */
  #rest: Map<Requirement, Refusal | undefined> | undefined
  #told: Set<RefusalReason> | undefined

  /** @param locations default: those of the settings */
  constructor(
    parts: AuthenticationParts,
    carrier: Carrier,
    type: TokenType,
    locations: readonly TokenLocation[] = parts.settings.locations[type],
  ) {
    this.#locations = locations
    this.#parts = parts
    this.#carrier = carrier
    this.type = type
  }

  /** Whether anybody has asked for the token. */
  get wasAsked(): boolean {
    return this.#located !== undefined
  }

  /** The token as it was found, unverified; undefined where there is none. */
  locate(): RequestToken | Refusal | undefined {
    if (this.#located === undefined) this.#located = locate(this.#locations, this.#carrier, this.type) ?? null
    return this.#located ?? undefined
  }

  /**
   * {@link locate} for whoever hands the token on unverified. One from a cookie that comes without the double-submit value is refused, not left out, and so
   * is one whose own value is another.
   *
   * @param kind what the operation can do, where that is known
   */
  locateProven(kind?: OperationKind): RequestToken | Refusal | undefined {
    const found = this.locate()
    if (!(found instanceof RequestToken) || !this.#needsProof(found, kind)) return found
    this.#shown ??= this.#show(found)
    return this.#shown
  }

  #show(found: RequestToken): RequestToken | Refusal {
    const value = this.#csrfValue()
    if (value instanceof Refusal) return this.#refused(value)
    const verified = this.#parts.codec.verify(found.token, { ignoreTime: true })
    const isAnothers = !(verified instanceof Refusal) && !isCsrfValueOf(verified.claims, value)
    return isAnothers ? this.#refused(refuse('CSRF_MISMATCH')) : found
  }

  /** The token, if it passed a rule; what its holder may have without being judged again is nothing. */
  get granted(): Verified | undefined {
    if (!this.#granted) return undefined
    return this.#held(this.#verified as VerifiedToken)
  }

  /**
   * Judges the request by a rule. The steps, and the first that fails decides: locate, CSRF, verify, claims, type, revocation, fresh, scopes.
   *
   * Synchronous whenever the answer is known or the store answers at once.
   *
   * @param kind what the operation can do, where that is known
   */
  judge(
    requirement: Requirement,
    unit: object,
    context: unknown,
    kind?: OperationKind,
  ): Verdict | Promise<Verdict> {
    const verdict = this.consider(requirement, unit, context, kind)
    return isThenable(verdict)
      ? verdict.then((settled) => this.#tell(settled, kind))
      : this.#tell(verdict, kind)
  }

  /** {@link judge} for whoever only wants to know: nobody is refused anything, so no hook is told. */
  consider(
    requirement: Requirement,
    unit: object,
    context: unknown,
    kind?: OperationKind,
  ): Verdict | Promise<Verdict> {
    const verified = this.#identify(kind)
    if (verified instanceof Refusal) {
      // Only where no token came at all: a bad one is never taken for none.
      return requirement.optional && verified.reason === 'TOKEN_MISSING' ? null : verified
    }
    const { claims } = verified
    const wrongType = refuseType(requirement, claims)
    if (wrongType !== undefined) return wrongType
    const live = this.#isLive(verified, unit, context)
    if (isThenable(live)) return live.then((settled) => this.#conclude(settled, requirement, claims))
    return this.#conclude(live, requirement, claims)
  }

  #tell(verdict: Verdict, kind: OperationKind | undefined): Verdict {
    if (!(verdict instanceof Refusal)) {
      if (!this.#counted) this.#parts.settings.metrics.count('accepted')
      this.#counted = true
      return verdict
    }
    const verified = this.#identify(kind)
    return this.#refused(verdict, verified instanceof Refusal ? undefined : verified.claims)
  }

  #identify(kind: OperationKind | undefined): VerifiedToken | Refusal {
    const found = this.locate()
    if (!(found instanceof RequestToken)) return found ?? refuse('TOKEN_MISSING')
    if (!this.#needsProof(found, kind)) return this.#verify(found)
    this.#proven ??= this.#prove(found)
    return this.#proven
  }

  #verify(found: RequestToken): VerifiedToken | Refusal {
    this.#verified ??= this.#parts.codec.verify(found.token)
    return this.#verified
  }

  /** Browsers send cookies along whoever asks them to. */
  #needsProof(found: RequestToken, kind: OperationKind | undefined): boolean {
    return (
      found.location === 'cookies' &&
      this.#parts.settings.csrf !== undefined &&
      !isHarmless(this.#carrier, kind)
    )
  }

  #prove(found: RequestToken): VerifiedToken | Refusal {
    const value = this.#csrfValue()
    if (value instanceof Refusal) return value
    const verified = this.#verify(found)
    if (verified instanceof Refusal) return verified
    return isCsrfValueOf(verified.claims, value) ? verified : refuse('CSRF_MISMATCH')
  }

  #csrfValue(): string | Refusal {
    return csrfValueOf(this.#carrier, this.#parts.settings.csrf?.[this.type] ?? '')
  }

  #held({ claims, header }: VerifiedToken): Verified {
    return { claims, header, request: this.locate() as RequestToken }
  }

  #isLive(verified: VerifiedToken, unit: object, context: unknown): Liveness | Promise<Liveness> {
    const known = this.#liveness.get(unit)
    if (known !== undefined) return known
    // A mutation's later fields and a stream's later events meet a token that was verified a while ago.
    if (this.#parts.codec.isOver(verified.claims)) return refuse('TOKEN_EXPIRED')
    const answer = this.#parts.revocation.ask(this.#held(verified), context)
    this.#liveness.set(unit, answer)
    // Once it is settled the plain answer takes the promise's place, and all further decisions are synchronous.
    if (isThenable(answer)) void answer.then((live) => this.#liveness.set(unit, live))
    return answer
  }

  #conclude(live: Liveness, requirement: Requirement, claims: Claims): Verdict {
    const verdict = live === true ? (this.#refuseRest(requirement, claims) ?? claims) : live
    if (!(verdict instanceof Refusal)) this.#granted = true
    return verdict
  }

  #refuseRest(requirement: Requirement, claims: Claims): Refusal | undefined {
    if (!asksMore(requirement)) return undefined
    this.#rest ??= new Map()
    const known = this.#rest.get(requirement)
    if (known !== undefined || this.#rest.has(requirement)) return known
    const refusal = refuseRest(requirement, claims)
    this.#rest.set(requirement, refusal)
    return refusal
  }

  /** Ten thousand refused fields are one thing to tell. */
  #refused(refusal: Refusal, claims?: Claims): Refusal {
    const { reason } = refusal
    const { settings } = this.#parts
    this.#told ??= new Set()
    if (this.#told.has(reason)) return refusal
    this.#told.add(reason)
    const { sub = null, sid = null, jti = null } = claims ?? {}
    tell(settings, 'onRefused', { sub, sid, jti, reason, at: settings.clock() })
    return refusal
  }
}
