import type { TokenType } from './claims.ts'

/** Where in a request a token was found, named as in AuthX. */
export type TokenLocationName = 'headers' | 'cookies' | 'query' | 'json' | 'connectionParams'

/**
 * A token as it came in a request. Nothing about it was verified: it may be expired, revoked or no token at all.
 *
 * Its text is behind an accessor, so printing a context or turning it into JSON does not spill it into a log.
 */
export class RequestToken {
  /** The kind that was asked for, not what the token says of itself. */
  readonly type: TokenType
  readonly location: TokenLocationName
  readonly #token: string

  constructor(token: string, type: TokenType, location: TokenLocationName) {
    this.#token = token
    this.type = type
    this.location = location
    Object.freeze(this)
  }

  /** The text, as it was found. */
  get token(): string {
    return this.#token
  }
}
