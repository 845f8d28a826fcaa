import jwt from 'jsonwebtoken'
import { type Claims, checkClaims, type TokenType, TYP } from './claims.ts'
import type { Key, KeyRing } from './keys.ts'
import { Refusal, refuse } from './refusal.ts'
import type { Settings } from './settings.ts'
import { checkedPayload, LONGEST_TOKEN, segmentsOf, takeApart } from './token-format.ts'
import { type TokenHeader, TokenHeaders } from './token-header.ts'
import { VerifiedTokens } from './verified-tokens.ts'
import { withoutStack } from './without-stack.ts'

export interface VerifiedToken {
  readonly claims: Claims
  readonly header: TokenHeader
}

/** A token whose signature holds, its payload as jsonwebtoken reads it. */
interface ReadToken {
  readonly header: TokenHeader
  readonly payload: unknown
}

export interface VerifyOptions {
  /**
   * Accepts a token whose time is over, or has not come by this machine's clock; only for ending what it belongs to (RFC 7009): another machine, whose clock
   * differs, may well accept it.
   */
  readonly ignoreTime?: boolean
}

/**
 * The only door to jsonwebtoken: what it checks is pinned down, and what it leaves open is checked here.
 */
export class Codec {
  readonly #keys: KeyRing
  readonly #settings: Settings
  readonly #headers = new TokenHeaders()
  readonly #verified: VerifiedTokens<VerifiedToken>

  constructor(settings: Settings) {
    this.#keys = settings.keys
    this.#settings = settings
    this.#verified = new VerifiedTokens(settings.rememberedTokens)
  }

  /** The key that signs, or undefined where all keys are public. */
  get signer(): Key | undefined {
    return this.#keys.signer
  }

  /**
   * Judges a token's text: format, header, signature, time, claims. Any text gives an answer; nothing is thrown.
   *
   * Synchronous, because all of it is: a promise here would cost every guarded field one.
   */
  verify(token: string, options: VerifyOptions = {}): VerifiedToken | Refusal {
    if (options.ignoreTime === true || typeof token !== 'string') return this.#compute(token, options)
    const known = this.#verified.find(token)
    if (known !== undefined && this.#isStillTimely(known.claims)) return known
    const verified = this.#compute(token, options)
    if (!(verified instanceof Refusal)) this.#verified.keep(token, deepFreeze(verified))
    else if (known !== undefined) this.#verified.forget(token)
    return verified
  }

  #compute(token: string, options: VerifyOptions): VerifiedToken | Refusal {
    const segments = segmentsOf(token)
    if (segments === undefined) return refuse('TOKEN_MALFORMED')
    const now = this.#now()
    const ignoreTime = options.ignoreTime === true
    const read = this.#check(token, segments[0], { now, ignoreTime })
    if (read instanceof Refusal) return read
    const payload = checkedPayload(read.payload, segments[1])
    if (payload === undefined) return refuse('TOKEN_MALFORMED')
    const { header } = read
    this.#headers.remember(segments[0], header)
    const claims = checkClaims(payload, this.#settings, ignoreTime ? undefined : now)
    if (claims instanceof Refusal) return claims
    return header.typ === TYP[claims.type] ? { claims, header } : refuse('TOKEN_INVALID')
  }

  /** The header, and the payload as jsonwebtoken reads it: for it the last of two equal names counts. */
  #check(
    token: string,
    segment: string,
    { now, ignoreTime }: { readonly now: number; readonly ignoreTime: boolean },
  ): ReadToken | Refusal {
    const header = this.#headers.read(segment)
    if (header instanceof Refusal) return header
    const key = this.#keys.byKid.get(header.kid)
    if (key === undefined || header.alg !== key.alg) return refuse('TOKEN_INVALID')
    // Without a throw and a stack a forged token costs no more than a genuine one.
    let read: ReadToken | Refusal = refuse('TOKEN_INVALID')
    try {
      withoutStack(() =>
        jwt.verify(
          token,
          key.verifying,
          {
            algorithms: [key.alg],
            clockTimestamp: now,
            clockTolerance: this.#settings.leeway,
            ignoreExpiration: ignoreTime,
            ignoreNotBefore: ignoreTime,
          },
          // Called before `verify` returns, since the key is at hand; where it were not, the token stays refused.
          (error, payload) => {
            read = error === null ? { header, payload } : refusalFor(error)
          },
        ),
      )
    } catch (error) {
      return refusalFor(error)
    }
    return read
  }

  /** Of claims that were in time once. A clock that was set back makes them early. */
  #isStillTimely(claims: Claims): boolean {
    const { nbf = 0, iat, auth_time: authTime } = claims
    const now = this.#now()
    return !this.isOver(claims, now) && Math.max(nbf, iat, authTime) <= now + this.#settings.leeway
  }

  /** Whether the time of verified claims is over by now. */
  isOver(claims: Claims, now: number = this.#now()): boolean {
    return now >= claims.exp + this.#settings.leeway
  }

  /**
   * Signs claims with the first key.
   *
   * @throws TypeError when the token would be one that {@link verify} calls malformed
   */
  sign(key: Key, type: TokenType, claims: Readonly<Record<string, unknown>>): string {
    if (key.signing === undefined) throw new TypeError('this key only verifies')
    const token = jwt.sign(claims, key.signing, {
      algorithm: key.alg,
      header: { alg: key.alg, typ: TYP[type], kid: key.kid },
    })
    if (token.length > LONGEST_TOKEN) {
      throw new TypeError(
        `a token with these claims has ${token.length} bytes; ${LONGEST_TOKEN} is the most that is accepted`,
      )
    }
    if (takeApart(token) instanceof Refusal) {
      throw new TypeError(
        'a token with these claims could not be read back: they are nested too deep, or name a __proto__',
      )
    }
    return token
  }

  #now(): number {
    return Math.floor(this.#settings.clock() / 1000)
  }
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof jwt.TokenExpiredError) return refuse('TOKEN_EXPIRED')
  if (error instanceof jwt.NotBeforeError) return refuse('TOKEN_NOT_YET_VALID')
  return refuse('TOKEN_INVALID')
}

/** Many requests share them. */
function deepFreeze<Value extends object>(value: Value): Value {
  if (Object.isFrozen(value)) return value
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) deepFreeze(member)
  }
  return Object.freeze(value)
}
