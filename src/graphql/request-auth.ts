import { Authentication } from '../core/authentication.ts'
import type { Carrier } from '../core/carrier.ts'
import type { TokenType } from '../core/claims.ts'
import type { OperationKind } from '../core/csrf.ts'
import type { Refusal } from '../core/refusal.ts'
import { RequestToken } from '../core/request-token.ts'
import type { Verified } from '../core/revocation.ts'
import type { SubjectDetails } from '../core/subject.ts'
import { ResponseCookies, type TokenCookies } from '../core/token-cookies.ts'
import type { TokenWatch } from '../core/token-watch.ts'
import type { Engine } from './engine.ts'
import { loadSubject } from './subject.ts'

/**
 * The authentications of one request, shared by all operations in it: the members of a batch verify a token once between them. Those of one operation,
 * where it brings tokens of its own.
 */
export class RequestAuth {
  readonly #engine: Engine
  readonly #carrier: Carrier
  #access: Authentication | undefined
  #refresh: Authentication | undefined
  #subjects: Map<string, Promise<unknown>> | undefined
  readonly #cookies: ResponseCookies
  #hasMutation = false
  #ending: Promise<void> | undefined

  constructor(
    engine: Engine,
    carrier: Carrier,
    cookies: ResponseCookies = new ResponseCookies(engine.settings, engine.codec),
  ) {
    this.#engine = engine
    this.#carrier = carrier
    this.#cookies = cookies
  }

  /** Where the state of an operation is kept on its context. */
  get contextKey(): symbol {
    return this.#engine.contextKey
  }

  of(type: TokenType): Authentication {
    if (type === 'access') {
      this.#access ??= new Authentication(this.#engine, this.#carrier, type)
      return this.#access
    }
    this.#refresh ??= new Authentication(this.#engine, this.#carrier, type)
    return this.#refresh
  }

  /** Sets and clears the cookies of the answer. */
  get cookies(): TokenCookies {
    return this.#cookies
  }

  /** Whether tokens of this instance travel in cookies. */
  get hasCookies(): boolean {
    return this.#engine.settings.cookies !== undefined
  }

  /** Tells when tokens end. */
  get tokenWatch(): TokenWatch {
    return this.#engine.tokenWatch
  }

  /** The access token, if it passed a rule. */
  get granted(): Verified | undefined {
    return this.#access?.granted
  }

  /** Whom the request's tokens are for, loaded by the first who asks. */
  subject(details: SubjectDetails): Promise<unknown> {
    const { sub } = details.claims
    this.#subjects ??= new Map()
    const subject = this.#subjects.get(sub) ?? loadSubject(this.#engine, details)
    this.#subjects.set(sub, subject)
    return subject
  }

  revoke(...how: Parameters<Engine['endings']['revoke']>): Promise<Refusal | undefined> {
    return this.#engine.endings.revoke(...how)
  }

  /**
   * For a logout that was refused: takes the cookies away, and ends the session of the refresh token among them, if the request shows that it is its page's own.
   * What goes wrong is logged; the refusal stands.
   */
  abandon(kind: OperationKind | undefined): void {
    this.#cookies.clear()
    const refresh = this.of('refresh')
    const found = refresh.locateProven(kind)
    if (!(found instanceof RequestToken) || found.location !== 'cookies') return
    this.#ending = this.revoke({ token: found.token }, 'LOGOUT').then(() => undefined)
  }

  /** Settled when the session that was abandoned has ended. */
  get ending(): Promise<void> | undefined {
    return this.#ending
  }

  /** Told what an operation of the request can do, before it runs. */
  begin(kind: OperationKind | undefined): void {
    if (kind === 'mutation') this.#hasMutation = true
  }

  /**
   * Whether the answer is for whoever asked alone: a token was asked for, or a mutation may have answered with some, and nothing of that belongs into a
   * cache (RFC 6749 section 5.1).
   */
  get isPrivate(): boolean {
    return this.#hasMutation || this.#access?.wasAsked === true || this.#refresh?.wasAsked === true
  }
}
