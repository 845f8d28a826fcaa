import type { GraphQLSchema } from 'graphql'
import { Authentication } from '../core/authentication.ts'
import type { Carrier } from '../core/carrier.ts'
import type { TokenType } from '../core/claims.ts'
import type { OperationKind } from '../core/csrf.ts'
import { refuseForeign, refuseForm, type TurnedAway } from '../core/foreign-requests.ts'
import { refreshImplicitly } from '../core/implicit-refresh.ts'
import { loggable } from '../core/logger.ts'
import type { Refusal } from '../core/refusal.ts'
import { RequestToken } from '../core/request-token.ts'
import type { SubjectDetails } from '../core/subject.ts'
import { ResponseCookies, type TokenCookies } from '../core/token-cookies.ts'
import type { Engine } from './engine.ts'
import type { Admission } from './introspection.ts'
import type { Execution } from './operation-plan.ts'
import { loadSubject } from './subject.ts'

/**
 * The authentications of one request, shared by all operations in it: the members of a batch verify a token once between them.
 *
 * Adapters hold one.
 */
export class RequestAuth {
  readonly #engine: Engine
  readonly #carrier: Carrier
  readonly #byType = new Map<TokenType, Authentication>()
  readonly #subjects = new Map<string, Promise<unknown>>()
  readonly #cookies: ResponseCookies
  /** Of a request whose operations bring tokens of their own. */
  readonly #operations: RequestAuth[] = []
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

  /**
   * For one operation of the request: this itself, unless tokens may be in an operation's own `extensions`. Cookies are the request's all the same.
   */
  forOperation(extensions: unknown): RequestAuth {
    const { access, refresh } = this.#engine.settings.locations
    if (![...access, ...refresh].some(({ name }) => name === 'json')) return this
    const request = this.#carrier
    const carrier: Carrier = {
      headerValues: (name) => request.headerValues(name),
      queryValues: (name) => request.queryValues?.(name) ?? [],
      ...(request.method !== undefined ? { method: request.method } : {}),
      extensions,
    }
    const operation = new RequestAuth(this.#engine, carrier, this.#cookies)
    this.#operations.push(operation)
    return operation
  }

  /**
   * Why the request is turned away before it is read; undefined where it is not, and where no token of this instance travels in a cookie.
   *
   * Whether a cookie came along does not matter: a login or a logout that another page sends sets and takes away cookies without any.
   *
   * @param origins of other pages that may ask
   */
  turnAway(origins: readonly string[]): TurnedAway | undefined {
    if (!this.hasCookies) return undefined
    return refuseForm(this.#carrier) ?? refuseForeign(this.#carrier, origins)
  }

  /** Sets and clears the cookies of the answer. */
  get cookies(): TokenCookies {
    return this.#cookies
  }

  /** Whether tokens of this instance travel in cookies. */
  get hasCookies(): boolean {
    return this.#engine.settings.cookies !== undefined
  }

  /**
   * The `Set-Cookie` headers of the answer, when it is ready: what was set or cleared, else the next access token where one is due (implicit refresh).
   */
  async setCookies(): Promise<readonly string[]> {
    await Promise.all([this, ...this.#operations].map((one) => one.#ending))
    if (this.#cookies.lines.length > 0) return this.#cookies.seal()
    const holder = [this, ...this.#operations].map((one) => one.#byType.get('access')?.granted).find(Boolean)
    const accessToken = holder && (await refreshImplicitly(this.#engine, holder))
    // A logout can have come while this waited.
    if (accessToken !== undefined && this.#cookies.lines.length === 0) this.#setOrGoWithout(accessToken)
    return this.#cookies.seal()
  }

  /** What was answered stands, whatever becomes of the cookie. */
  #setOrGoWithout(accessToken: string): void {
    try {
      this.#cookies.set({ accessToken })
    } catch (error) {
      this.#engine.settings.logger.error(
        { err: loggable(error) },
        'an implicit refresh failed; the answer goes without',
      )
    }
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

  /** Where the state of an operation is kept on its context. */
  get contextKey(): symbol {
    return this.#engine.contextKey
  }

  /** Whether anything asked for a token of this request: what was answered then depends on who asked. */
  get wasAsked(): boolean {
    return (
      [...this.#byType.values()].some((authentication) => authentication.wasAsked) ||
      this.#operations.some((operation) => operation.wasAsked)
    )
  }

  of(type: TokenType): Authentication {
    let authentication = this.#byType.get(type)
    if (authentication === undefined) {
      authentication = new Authentication(this.#engine, this.#carrier, type)
      this.#byType.set(type, authentication)
    }
    return authentication
  }

  revoke(...how: Parameters<Engine['endings']['revoke']>): Promise<Refusal | undefined> {
    return this.#engine.endings.revoke(...how)
  }

  /** Whom the request's tokens are for, loaded by the first who asks. */
  subject(details: SubjectDetails): Promise<unknown> {
    const { sub } = details.claims
    const subject = this.#subjects.get(sub) ?? loadSubject(this.#engine, details)
    this.#subjects.set(sub, subject)
    return subject
  }
}

/** What an adapter needs of an AuthX instance. */
export interface RequestOpener {
  open(carrier: Carrier): RequestAuth
  /** @throws ConfigurationError where a schema has rules and was not protected */
  assertProtected(schema: GraphQLSchema): void
  /** What to answer instead of executing an operation, or the schema to do it with; undefined where it may run as it is. */
  admit(execution: Execution): undefined | Admission | Promise<Admission | undefined>
  /** Whether errors of validation may say what a document could have meant. */
  readonly suggests: boolean
}
