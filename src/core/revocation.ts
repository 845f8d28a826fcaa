import { ask } from './availability.ts'
import type { BlocklistStore, TokenIdentity } from './blocklist.ts'
import type { Claims, TokenType } from './claims.ts'
import { Refusal, refuse } from './refusal.ts'
import type { Replica } from './replica/replica.ts'
import type { RequestToken, TokenLocationName } from './request-token.ts'
import type { Settings } from './settings.ts'
import { isThenable, whenThere } from './thenable.ts'
import type { TokenHeader } from './token-header.ts'

/** What the callback gets beside the token's text; all of it verified. */
export interface TokenDetails {
  readonly claims: Claims
  readonly header: TokenHeader
  readonly type: TokenType
  /** Undefined where the token was handed to `authx.verify`. */
  readonly location: TokenLocationName | undefined
  /** The GraphQL context; undefined outside an operation. */
  readonly context: unknown
}

/**
 * Says whether a verified token is revoked. Anything but a boolean, a throw, a rejection or silence beyond `callbackTimeout` refuses the request
 * with `REVOCATION_UNAVAILABLE`.
 *
 * Decide by `details.claims.jti` or `.sid`, not by the text: one token can have several spellings.
 */
export type TokenBlocklistCallback = (token: string, details: TokenDetails) => boolean | PromiseLike<boolean>

/** A token that was verified, on its way to the question whether it is revoked. */
export interface Verified {
  readonly claims: Claims
  readonly header: TokenHeader
  readonly request: Pick<RequestToken, 'token'> & { readonly location: TokenLocationName | undefined }
}

/** `true`: not revoked. Only that lets a request pass. */
export type Liveness = true | Refusal

/** What answers whether a token is revoked: the store, or this process's copy of what it has. */
type Source = Pick<BlocklistStore, 'isRevoked'>

/** Asks whether a token is revoked: the callback, then the blocklist. */
export class RevocationCheck {
  callback: TokenBlocklistCallback | undefined
  readonly #settings: Settings
  readonly #access: Source

  /** @param copy what is asked about access tokens. Default: the store, as it is about refresh tokens */
  constructor(settings: Settings, copy?: Pick<Replica, 'isRevoked'>) {
    this.#settings = settings
    this.#access = copy ?? settings.blocklist
  }

  ask(token: Verified, context: unknown): Liveness | Promise<Liveness> {
    // The entry of a session goes when its last access token has, since the store refuses its refresh tokens itself: a copy of the entries does not.
    const source = token.claims.type === 'access' ? this.#access : this.#settings.blocklist
    return this.#askBoth(token, context, source)
  }

  /** The same by the store itself, as of now: for whoever is about to make a further token for the holder. */
  askStore(token: Verified, context: unknown): Liveness | Promise<Liveness> {
    return this.#askBoth(token, context, this.#settings.blocklist)
  }

  #askBoth(token: Verified, context: unknown, source: Source): Liveness | Promise<Liveness> {
    const answer = this.askCallback(token, context)
    return isThenable(answer)
      ? answer.then((live) => this.#thenBlocklist(live, token, source))
      : this.#thenBlocklist(answer, token, source)
  }

  #thenBlocklist(answer: Liveness, { claims }: Verified, source: Source): Liveness | Promise<Liveness> {
    return answer === true ? this.#askBlocklist(identityOf(claims), source) : answer
  }

  /** The callback alone; without one there is nothing against a token. */
  askCallback(token: Verified, context: unknown): Liveness | Promise<Liveness> {
    const callback = this.callback
    if (callback === undefined) return true
    const { claims, header, request } = token
    const details = { claims, header, type: claims.type, location: request.location, context }
    const what = 'the token blocklist callback'
    return this.#read(
      ask<unknown>(() => callback(request.token, details), what, this.#settings),
      what,
    )
  }

  #askBlocklist(identity: TokenIdentity, source: Source): Liveness | Promise<Liveness> {
    const what = 'the blocklist'
    return this.#read(
      ask<unknown>(() => source.isRevoked(identity), what, this.#settings),
      what,
    )
  }

  #read(answer: unknown, what: string): Liveness | Promise<Liveness> {
    return whenThere(answer, (settled) => this.#judge(settled, what))
  }

  #judge(answer: unknown, what: string): Liveness {
    if (answer === false) return true
    if (answer === true) return refuse('TOKEN_REVOKED')
    if (answer instanceof Refusal) return answer
    this.#settings.logger.error(
      { answered: typeof answer },
      `${what} must answer true or false; the request is refused`,
    )
    return refuse('REVOCATION_UNAVAILABLE')
  }
}

/**
 * What a token is revoked by. The issuer is the one that it names: where none is configured, tokens of several can be accepted, and each
 * has sessions and subjects of its own.
 */
export function identityOf({ iss = '', jti, sid, sub, ue }: Claims): TokenIdentity {
  return { issuer: iss, jti, sid, sub, ue }
}
