import { tell } from './audit.ts'
import { isThenable } from './availability.ts'
import type { Carrier } from './carrier.ts'
import type { Claims, TokenType } from './claims.ts'
import type { Codec, VerifiedToken } from './codec.ts'
import { locate } from './locations.ts'
import { Refusal, type RefusalReason, refuse } from './refusal.ts'
import type { RequestToken } from './request-token.ts'
import { type Requirement, refuseRest, refuseType } from './requirement.ts'
import type { Liveness, RevocationCheck } from './revocation.ts'
import type { Sessions } from './sessions.ts'
import type { Settings } from './settings.ts'
import type { SubjectSource } from './subject.ts'

/** The claims of a caller who may pass, or why not. */
export type Verdict = Claims | Refusal

/** The parts that every authentication of an instance shares. */
export interface Engine {
  readonly settings: Settings
  readonly codec: Codec
  readonly revocation: RevocationCheck
  readonly sessions: Sessions
  readonly subjects: SubjectSource
  /** Where this instance keeps its state on a GraphQL context. Nobody else can name it. */
  readonly contextKey: symbol
}

/**
 * One request's token of one type, from the request to the verdict. Made lazily: nothing is read before a guarded field asks.
 *
 * The token is located and verified once. Whether it is revoked is asked once per unit: what a unit is (a query, a root field of a mutation,
 * an event) the caller says, by handing in the same object.
 */
export class Authentication {
  readonly type: TokenType
  readonly #engine: Engine
  readonly #carrier: Carrier
  #located: { readonly found: RequestToken | Refusal | undefined } | undefined
  #verified: VerifiedToken | Refusal | undefined
  readonly #liveness = new WeakMap<object, Liveness | Promise<Liveness>>()
  readonly #told = new Set<RefusalReason>()

  constructor(engine: Engine, carrier: Carrier, type: TokenType) {
    this.#engine = engine
    this.#carrier = carrier
    this.type = type
  }

  /** Whether anybody has asked for the token. */
  get wasAsked(): boolean {
    return this.#located !== undefined
  }

  /** The token as it was found, unverified; undefined where there is none. */
  locate(): RequestToken | Refusal | undefined {
    this.#located ??= { found: locate(this.#engine.settings.locations[this.type], this.#carrier, this.type) }
    return this.#located.found
  }

  /**
   * Judges the request by a rule. The steps, and the first that fails decides: locate, verify, claims, type, revocation, fresh, scopes.
   *
   * Synchronous whenever the answer is known or the store answers at once.
   */
  judge(requirement: Requirement, unit: object, context: unknown): Verdict | Promise<Verdict> {
    const verified = this.#verify()
    if (verified instanceof Refusal) return this.#refused(verified)
    const { claims } = verified
    const wrongType = refuseType(requirement, claims)
    if (wrongType !== undefined) return this.#refused(wrongType, claims)
    const live = this.#isLive(verified, unit, context)
    if (isThenable(live)) return live.then((settled) => this.#conclude(settled, requirement, claims))
    return this.#conclude(live, requirement, claims)
  }

  #verify(): VerifiedToken | Refusal {
    this.#verified ??= this.#verifyFound(this.locate())
    return this.#verified
  }

  #verifyFound(found: RequestToken | Refusal | undefined): VerifiedToken | Refusal {
    if (found === undefined) return refuse('TOKEN_MISSING')
    return found instanceof Refusal ? found : this.#engine.codec.verify(found.token)
  }

  #isLive(verified: VerifiedToken, unit: object, context: unknown): Liveness | Promise<Liveness> {
    const known = this.#liveness.get(unit)
    if (known !== undefined) return known
    // A mutation's later fields and a stream's later events meet a token that was verified a while ago.
    if (this.#engine.codec.isOver(verified.claims)) return refuse('TOKEN_EXPIRED')
    const request = this.locate() as RequestToken
    const answer = this.#engine.revocation.ask({ ...verified, request }, context)
    this.#liveness.set(unit, answer)
    // Once it is settled the plain answer takes the promise's place, and all further decisions are synchronous.
    if (isThenable(answer)) void answer.then((live) => this.#liveness.set(unit, live))
    return answer
  }

  #conclude(live: Liveness, requirement: Requirement, claims: Claims): Verdict {
    const verdict = live === true ? (refuseRest(requirement, claims) ?? claims) : live
    return verdict instanceof Refusal ? this.#refused(verdict, claims) : verdict
  }

  /** Ten thousand refused fields are one thing to tell. */
  #refused(refusal: Refusal, claims?: Claims): Refusal {
    const { reason } = refusal
    const { settings } = this.#engine
    if (settings.hooks.onRefused === undefined || this.#told.has(reason)) return refusal
    this.#told.add(reason)
    const { sub = null, sid = null, jti = null } = claims ?? {}
    tell(settings, 'onRefused', { sub, sid, jti, reason, at: settings.clock() })
    return refusal
  }
}
