import { Authentication } from '../../core/authentication.ts'
import type { Carrier } from '../../core/carrier.ts'
import type { TokenType } from '../../core/claims.ts'
import type { TurnedAway } from '../../core/foreign-requests.ts'
import {
  inConnectionParams,
  inExtensionHeaders,
  jsonExtension,
  locationsOf,
  type TokenLocation,
  tokenLikeParam,
} from '../../core/locations.ts'
import { Refusal } from '../../core/refusal.ts'
import { anyToken } from '../../core/requirement.ts'
import type { AuthXContext, WithOptionalToken } from '../context.ts'
import type { Engine } from '../engine.ts'
import { ServedRequest, turnAwayForeign } from '../served-request.ts'
import { type Closing, closing, closingFor } from './closing.ts'
import { type SocketOpening, socketCarrier } from './socket-carrier.ts'
import { SocketLife, type SocketLifeParts } from './socket-life.ts'

/**
 * One WebSocket over which operations come, from its first message to its end. What its client sent with `connection_init` counts as its headers.
 *
 * An operation may bring a token of its own in its `extensions` (as `access_token`, or in `headers`), and so go on with a newer one than the connection began with.
 */
export class ServedSocket {
  readonly #engine: Engine
  readonly #carrier: Carrier
  readonly #authentication: Authentication
  readonly #isRequestKnown: boolean

  constructor(engine: Engine, opening: SocketOpening) {
    const { access, refresh } = engine.settings.locations
    const locations = locationsOf(onSocket(access), onSocket(refresh))
    this.#engine = { ...engine, settings: { ...engine.settings, locations } }
    this.#carrier = socketCarrier(opening)
    this.#isRequestKnown = opening.request != null
    this.#authentication = new Authentication(this.#engine, this.#carrier, 'access')
  }

  /** How the connection is closed instead of being welcome: {@link turnAway}, then {@link judge}. Undefined where it is welcome. */
  async refuse(origins: readonly string[]): Promise<Closing | undefined> {
    if (!this.#isRequestKnown && this.#engine.settings.cookies !== undefined) {
      this.#engine.notices.once(
        'tokens travel in cookies, and the server does not tell which request opened a WebSocket: no cookie and no origin is known, so none is let in; give withAuthX the option `request` (docs/subscriptions.md)',
      )
      return closing('FAILED')
    }
    if (this.turnAway(origins) !== undefined) return closing('TURNED_AWAY')
    const refusal = await this.judge()
    return refusal && closingFor(refusal)
  }

  /** Why the connection is turned away: where tokens travel in cookies, a page whose origin is not named opened it. Browsers ask nobody before. */
  turnAway(origins: readonly string[]): TurnedAway | undefined {
    return turnAwayForeign(this.#engine, this.#carrier, origins)
  }

  /** Why the connection is refused: it came with an access token that is not good. Without any it is welcome, and fields refuse for themselves. No operation, so no context: the callback gets none. */
  async judge(): Promise<Refusal | undefined> {
    this.#noteLostToken()
    if (this.#engine.settings.enforcement === 'report' || this.#authentication.locate() === undefined)
      return undefined
    const verdict = await this.#authentication.judge(anyToken('access'), {}, undefined)
    return verdict instanceof Refusal ? verdict : undefined
  }

  /** How long the connection stays open, once it is welcome: see {@link SocketLife}. */
  live(parts: SocketLifeParts): SocketLife {
    return new SocketLife(this, parts)
  }

  /** Such a connection is anybody's, and its client cannot see why. */
  #noteLostToken(): void {
    const param = tokenLikeParam(this.#carrier.connectionParams)
    if (param === undefined || this.#authentication.locate() !== undefined) return
    this.#engine.notices.once(
      "a WebSocket's connectionParams have what looks like a token where none is looked for; send { Authorization: 'Bearer …' } (docs/subscriptions.md)",
      /^[\w-]{1,40}$/.test(param) ? { param } : {},
    )
  }

  /** Calls a function once when the token that the connection was welcome with has ended. Answers with what ends the waiting. The callback, where there is one, gets no context. */
  onEnd(ended: (refusal: Refusal) => void): () => void {
    const { granted } = this.#authentication
    return granted === undefined ? () => undefined : this.#engine.tokenWatch.onEnd(granted, undefined, ended)
  }

  /** {@link ServedRequest.contextMembers}, for one operation. Its answer has no headers, so nothing can be set in cookies. */
  contextMembers(context: object, extensions?: unknown): WithOptionalToken<AuthXContext> {
    const request = new ServedRequest(this.#engine, this.#carrier).withoutHeaders()
    return request.contextMembers(context, extensions)
  }

  /** Whether an operation goes by a token of its own, and not by the connection's. */
  bringsToken(extensions: unknown): boolean {
    const { access, refresh } = this.#engine.settings.locations
    const isThere = (type: TokenType) => (location: TokenLocation) =>
      location.name === 'json' && location.find({ ...this.#carrier, extensions }, type) !== undefined
    return access.some(isThere('access')) || refresh.some(isThere('refresh'))
  }
}

/**
 * Where the tokens of an operation over a socket are looked for, in this order:
 *
 * 1. what the operation brings itself, in its `extensions` (as `access_token`, then in `headers`): it is the newest;
 * 2. the configured locations in their order, where in place of `headers` stand `connectionParams` and then the headers of the request that opened the socket. So whether a cookie of
 *    that request or what its client introduced itself with comes first is for `locations` to say.
 *
 * The connection itself is judged by the same list, and has no `extensions`.
 */
function onSocket(locations: readonly TokenLocation[]): readonly TokenLocation[] {
  const headers = locations.filter(({ name }) => name === 'headers')
  return [
    ...(locations.some(({ name }) => name === 'json') ? [] : [jsonExtension()]),
    ...headers.map(inExtensionHeaders),
    ...locations.flatMap((location) =>
      location.name === 'headers' ? [inConnectionParams(location), location] : [location],
    ),
  ]
}
