import type { Carrier } from '../core/carrier.ts'
import { refuseForeign, refuseForm, type TurnedAway } from '../core/foreign-requests.ts'
import { refreshImplicitly } from '../core/implicit-refresh.ts'
import { loggable } from '../core/logger.ts'
import { ResponseCookies } from '../core/token-cookies.ts'
import type { AuthXContext, WithOptionalToken } from './context.ts'
import type { Engine } from './engine.ts'
import { contextMembers } from './operation-auth.ts'
import { RequestAuth } from './request-auth.ts'

/** What an answer's headers get once all its operations are done. */
export interface AnswerHeaders {
  /** The values of its `Set-Cookie` headers. */
  readonly cookies: readonly string[]
  /** Whether it is for whoever asked alone, and has to say `Cache-Control: no-store`. */
  readonly isPrivate: boolean
}

/** One HTTP request, from its arrival to its answer. An adapter opens one for each, and calls these in the order in which they stand. */
export class ServedRequest {
  readonly #engine: Engine
  readonly #carrier: Carrier
  readonly #cookies: ResponseCookies
  /** One for all operations, unless each can bring tokens of its own. */
  readonly #auths: RequestAuth[] = []

  constructor(engine: Engine, carrier: Carrier) {
    this.#engine = engine
    this.#carrier = carrier
    this.#cookies = new ResponseCookies(engine.settings, engine.codec)
  }

  /** For an answer that has no headers, as over a WebSocket: nothing can be set in cookies. */
  withoutHeaders(): this {
    this.#cookies.seal()
    return this
  }

  /**
   * Why the request is turned away before it is read; undefined where it is not, and where no token of this instance travels in a cookie.
   *
   * Whether a cookie came along does not matter: a login or a logout that another page sends sets and takes away cookies without any.
   *
   * @param origins of other pages that may ask
   */
  turnAway(origins: readonly string[]): TurnedAway | undefined {
    if (this.#engine.settings.cookies === undefined) return undefined
    return refuseForm(this.#carrier) ?? turnAwayForeign(this.#engine, this.#carrier, origins)
  }

  /**
   * The members that the context of an operation gets: to be assigned to it, symbols included.
   *
   * @param context the one that resolvers get; it is handed to the callback and the subject getter
   * @param extensions the member `extensions` of the operation's request, in which tokens may be
   */
  contextMembers(context: object, extensions?: unknown): WithOptionalToken<AuthXContext> {
    return contextMembers(this.#authFor(extensions), context)
  }

  /** When the answer is ready: what was set or cleared, else the next access token where one is due (implicit refresh). Nothing can be set from then on. A promise only where there is something to wait for. */
  finish(): AnswerHeaders | Promise<AnswerHeaders> {
    const mayRefresh = this.#engine.settings.cookies?.refreshWithin !== undefined
    return mayRefresh || this.#auths.some(({ ending }) => ending !== undefined)
      ? this.#finishLater()
      : this.#conclude()
  }

  async #finishLater(): Promise<AnswerHeaders> {
    await Promise.all(this.#auths.map(({ ending }) => ending))
    if (this.#cookies.lines.length === 0) await this.#refreshImplicitly()
    return this.#conclude()
  }

  #conclude(): AnswerHeaders {
    const cookies = this.#cookies.seal()
    return { cookies, isPrivate: cookies.length > 0 || this.isPrivate }
  }

  /** Whether something of the answer so far is for whoever asked alone. */
  get isPrivate(): boolean {
    return this.#auths.some(({ isPrivate }) => isPrivate)
  }

  /** Cookies are the request's, whatever an operation brings. */
  #authFor(extensions: unknown): RequestAuth {
    const { areInOperations } = this.#engine.settings.locations
    const [shared] = this.#auths
    if (!areInOperations && shared !== undefined) return shared
    const carrier = areInOperations ? withExtensions(this.#carrier, extensions) : this.#carrier
    const auth = new RequestAuth(this.#engine, carrier, this.#cookies)
    this.#auths.push(auth)
    return auth
  }

  async #refreshImplicitly(): Promise<void> {
    const holder = this.#auths.map(({ granted }) => granted).find(Boolean)
    const accessToken = holder && (await refreshImplicitly(this.#engine, holder))
    // A logout can have come while this waited.
    if (accessToken === undefined || this.#cookies.lines.length > 0) return
    try {
      this.#cookies.set({ accessToken })
    } catch (error) {
      // What was answered stands, whatever becomes of the cookie.
      this.#engine.settings.logger.error(
        { err: loggable(error) },
        'an implicit refresh failed; the answer goes without',
      )
    }
  }
}

function withExtensions(request: Carrier, extensions: unknown): Carrier {
  return {
    headerValues: (name) => request.headerValues(name),
    queryValues: (name) => request.queryValues?.(name) ?? [],
    ...(request.method !== undefined ? { method: request.method } : {}),
    ...(request.connectionParams !== undefined ? { connectionParams: request.connectionParams } : {}),
    extensions,
  }
}

/** Why what comes from a page of another origin is turned away; an operator who meant to let it in is told how. */
export function turnAwayForeign(
  { settings, notices }: Engine,
  carrier: Carrier,
  origins: readonly string[],
): TurnedAway | undefined {
  if (settings.cookies === undefined) return undefined
  const away = refuseForeign(carrier, origins)
  if (away?.foreign !== undefined) {
    notices.once(
      'a page of another origin was turned away; if it may ask, name it in `origins` of the adapter, or in AUTHX_CORS_ORIGINS of the server',
      away.foreign,
    )
  }
  return away
}
