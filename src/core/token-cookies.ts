import type { TokenType } from './claims.ts'
import type { Codec, VerifiedToken } from './codec.ts'
import { ConfigurationError } from './configuration-error.ts'
import { type CookieKind, type CookieSettings, dropCookie, keepCookie } from './cookies.ts'
import { Refusal } from './refusal.ts'
import type { Settings } from './settings.ts'

/** The tokens of a pair, or one of them. */
export interface KeptTokens {
  readonly accessToken?: string | null
  readonly refreshToken?: string | null
}

/** Tokens as they may stand in an answer's body: null where a cookie is the only way back, so that no script of the page ever reads them. */
export type SentTokens<Tokens extends KeptTokens> = {
  readonly [Name in keyof Tokens]: Name extends keyof KeptTokens ? string | null : Tokens[Name]
}

/** Keeps tokens in the browser's cookies, and takes them away. */
export interface TokenCookies {
  /**
   * Sends those of the tokens in cookies that are configured to travel there, with the readable cookie of the double-submit value.
   *
   * @returns the tokens without those that only a cookie brings back: what a resolver should answer with
   * @throws ConfigurationError where no token travels in a cookie
   * @throws TypeError where a token is not this instance's, or is too long for a cookie, or the answer has begun
   */
  set<Tokens extends KeptTokens>(tokens: Tokens): SentTokens<Tokens>
  /**
   * Takes the cookies away, with the attributes that they were set with. Where the answer has begun they stay.
   *
   * @throws ConfigurationError where no token travels in a cookie
   */
  clear(): void
}

const MEMBERS: Readonly<Record<TokenType, keyof KeptTokens>> = {
  access: 'accessToken',
  refresh: 'refreshToken',
}

const NONE: readonly string[] = []

/** The cookies of one answer. */
export class ResponseCookies implements TokenCookies {
  readonly #settings: Settings
  readonly #codec: Codec
  /** Made by the first that is set or cleared: most answers have none. */
  #lines: Map<CookieKind, string> | undefined
  #hasBegun = false

  constructor(settings: Settings, codec: Codec) {
    this.#settings = settings
    this.#codec = codec
  }

  /** The `Set-Cookie` headers, one for each cookie: what was said last. */
  get lines(): readonly string[] {
    return this.#lines === undefined ? NONE : [...this.#lines.values()]
  }

  /** From now on nothing can be said any more: the answer's headers are out, as those of a stream are at its first event. */
  seal(): readonly string[] {
    this.#hasBegun = true
    return this.lines
  }

  set<Tokens extends KeptTokens>(tokens: Tokens): SentTokens<Tokens> {
    const cookies = this.#cookies()
    if (this.#hasBegun) {
      throw new TypeError(
        'tokenCookies.set: the answer has begun, and takes no cookies any more; set them before a stream starts',
      )
    }
    if (typeof tokens?.accessToken !== 'string' && typeof tokens?.refreshToken !== 'string') {
      throw new TypeError(
        'tokenCookies.set: takes { accessToken, refreshToken } or one of them; a promise has to be awaited first',
      )
    }
    const now = Math.floor(this.#settings.clock() / 1000)
    const lines = new Map<CookieKind, string>()
    const values = new Set<string>()
    for (const type of cookies.types) {
      const token = tokens[MEMBERS[type]]
      if (token === undefined || token === null) continue
      const { exp, csrf } = this.#read(type, token).claims
      lines.set(type, keepCookie(cookies, type, token, exp - now))
      if (csrf !== undefined) values.add(csrf)
    }
    if (values.size > 1) throw new TypeError('tokenCookies.set: these are tokens of two pairs')
    for (const [kind, line] of lines) this.#set(kind, line)
    // It is no credential, and has to be there for as long as any token of the session.
    for (const value of values)
      this.#set('csrf', keepCookie(cookies, 'csrf', value, this.#settings.sessionTtl))
    return this.#withoutKept(tokens)
  }

  clear(): void {
    const cookies = this.#cookies()
    const kinds: readonly CookieKind[] = [...cookies.types, ...(cookies.withCsrf ? (['csrf'] as const) : [])]
    for (const kind of kinds) this.#set(kind, dropCookie(cookies, kind))
  }

  #set(kind: CookieKind, line: string): void {
    this.#lines ??= new Map()
    this.#lines.set(kind, line)
  }

  #read(type: TokenType, token: string): VerifiedToken {
    const verified = this.#codec.verify(token)
    if (verified instanceof Refusal || verified.claims.type !== type) {
      throw new TypeError(`tokenCookies.set: ${MEMBERS[type]} is no ${type} token of this instance`)
    }
    return verified
  }

  #withoutKept<Tokens extends KeptTokens>(tokens: Tokens): SentTokens<Tokens> {
    const { locations } = this.#settings
    const { types } = this.#cookies()
    const sent: { -readonly [Name in keyof KeptTokens]: string | null } = { ...tokens }
    for (const type of ['access', 'refresh'] as const) {
      const isOnlyInCookies = types.includes(type) && locations[type].every(({ name }) => name === 'cookies')
      if (isOnlyInCookies && MEMBERS[type] in sent) sent[MEMBERS[type]] = null
    }
    return sent as SentTokens<Tokens>
  }

  #cookies(): CookieSettings {
    const { cookies } = this.#settings
    if (cookies !== undefined) return cookies
    throw new ConfigurationError(
      "tokenCookies: no token travels in a cookie; give createAuthX { locations: { access: ['cookies'], refresh: ['cookies'] } }",
    )
  }
}
