import jwt from 'jsonwebtoken'
import { type Claims, checkClaims, type TokenType, TYP } from './claims.ts'
import type { Key, KeyRing } from './keys.ts'
import { Refusal, refuse } from './refusal.ts'
import type { Settings } from './settings.ts'
import { LONGEST_TOKEN, takeApart } from './token-format.ts'
import { VerifiedTokens } from './verified-tokens.ts'
import { withoutStack } from './without-stack.ts'

/** A token's protected header, checked (RFC 7515 section 4.1). */
export interface TokenHeader {
  readonly alg: string
  readonly typ: string
  readonly kid: string
}

export interface VerifiedToken {
  readonly claims: Claims
  readonly header: TokenHeader
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
    if (known !== undefined && this.#isTimely(known.claims)) return known
    const verified = this.#compute(token, options)
    if (!(verified instanceof Refusal)) this.#verified.keep(token, deepFreeze(verified))
    else if (known !== undefined) this.#verified.forget(token)
    return verified
  }

  #compute(token: string, options: VerifyOptions): VerifiedToken | Refusal {
    const parts = takeApart(token)
    if (parts instanceof Refusal) return parts
    const header = readHeader(parts.header)
    const key = header && this.#keys.byKid.get(header.kid)
    if (header === undefined || key === undefined || header.alg !== key.alg) return refuse('TOKEN_INVALID')
    const now = this.#now()
    const ignoreTime = options.ignoreTime === true
    try {
      const { leeway } = this.#settings
      // Without a stack a forged token costs no more than a genuine one.
      withoutStack(() =>
        jwt.verify(token, key.verifying, {
          algorithms: [key.alg],
          clockTimestamp: now,
          clockTolerance: leeway,
          ignoreExpiration: ignoreTime,
          ignoreNotBefore: ignoreTime,
        }),
      )
    } catch (error) {
      return refusalFor(error)
    }
    const claims = checkClaims(parts.payload, this.#settings, ignoreTime ? undefined : now)
    if (claims instanceof Refusal) return claims
    return header.typ === TYP[claims.type] ? { claims, header } : refuse('TOKEN_INVALID')
  }

  /** Of claims that were in time once. A clock that was set back makes them early. */
  #isTimely({ exp, nbf = 0, iat, auth_time: authTime }: Claims): boolean {
    const now = this.#now()
    const { leeway } = this.#settings
    return now < exp + leeway && Math.max(nbf, iat, authTime) <= now + leeway
  }

  /** Whether the time of verified claims is over by now. */
  isOver(claims: Claims): boolean {
    return this.#now() >= claims.exp + this.#settings.leeway
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

/**
 * `alg`, `typ` and `kid` in their only right kind, and nothing that changes what a signature means or where a key comes from
 * (RFC 7515 sections 4.1.2 to 4.1.11, RFC 7797, RFC 8725 section 3.10).
 */
const FORBIDDEN = ['crit', 'b64', 'zip', 'jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256']

function readHeader(header: Readonly<Record<string, unknown>>): TokenHeader | undefined {
  const { alg, typ, kid } = header
  if (typeof alg !== 'string' || typeof typ !== 'string' || typeof kid !== 'string') return undefined
  return FORBIDDEN.some((name) => Object.hasOwn(header, name)) ? undefined : { alg, typ, kid }
}

function refusalFor(error: unknown): Refusal {
  if (error instanceof jwt.TokenExpiredError) return refuse('TOKEN_EXPIRED')
  if (error instanceof jwt.NotBeforeError) return refuse('TOKEN_NOT_YET_VALID')
  return refuse('TOKEN_INVALID')
}

/** Many requests share them. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
