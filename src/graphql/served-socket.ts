import { Authentication } from '../core/authentication.ts'
import type { Carrier } from '../core/carrier.ts'
import type { TokenType } from '../core/claims.ts'
import type { TurnedAway } from '../core/foreign-requests.ts'
import {
  inConnectionParams,
  inExtensionHeaders,
  jsonExtension,
  type TokenLocation,
  tokenLikeParam,
} from '../core/locations.ts'
import { Refusal } from '../core/refusal.ts'
import { anyToken } from '../core/requirement.ts'
import type { AuthXContext, WithOptionalToken } from './context.ts'
import type { Engine } from './engine.ts'
import { ServedRequest, turnAwayForeign } from './served-request.ts'

/**
 * One WebSocket over which operations come, from its first message to its end. What its client sent with `connection_init` counts as its headers.
 *
 * An operation may bring a token of its own in its `extensions` (as `access_token`, or in `headers`), and so go on with a newer one than the connection began with.
 */
export class ServedSocket {
  readonly #engine: Engine
  readonly #carrier: Carrier
  readonly #authentication: Authentication

  constructor(engine: Engine, carrier: Carrier) {
    const { access, refresh } = engine.settings.locations
    const locations = { access: onSocket(access), refresh: onSocket(refresh) }
    this.#engine = { ...engine, settings: { ...engine.settings, locations } }
    this.#carrier = carrier
    this.#authentication = new Authentication(this.#engine, carrier, 'access')
  }

  /** Why the connection is turned away: where tokens travel in cookies, a page whose origin is not named opened it. Browsers ask nobody before. */
  turnAway(origins: readonly string[]): TurnedAway | undefined {
    return turnAwayForeign(this.#engine, this.#carrier, origins)
  }

  /** Why the connection is refused: it came with an access token that is not good. Without any it is welcome, and fields refuse for themselves. */
  async admit(): Promise<Refusal | undefined> {
    this.#noteLostToken()
    if (this.#engine.settings.enforcement === 'report' || this.#authentication.locate() === undefined)
      return undefined
    const verdict = await this.#authentication.judge(anyToken('access'), {}, undefined)
    return verdict instanceof Refusal ? verdict : undefined
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

  /** Calls a function once when the token that the connection was admitted with has ended. Answers with what ends the waiting. */
  onEnd(ended: (refusal: Refusal) => void): () => void {
    const { granted } = this.#authentication
    return granted === undefined ? () => undefined : this.#engine.ends.onEnd(granted, undefined, ended)
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

/** An operation's own comes first: it is the newest. Then what the client introduced itself with, then what its request to connect brought. */
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
