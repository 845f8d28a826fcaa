import type { Carrier } from './carrier.ts'
import type { TokenType } from './claims.ts'
import { ConfigurationError } from './configuration-error.ts'
import { type Refusal, refuse } from './refusal.ts'
import { RequestToken, type TokenLocationName } from './request-token.ts'

/** One place in a request where a token may be. */
export interface TokenLocation {
  readonly name: TokenLocationName
  /** The token's text, undefined where there is none, or a refusal where the request contradicts itself. */
  find(carrier: Carrier, type: TokenType): string | Refusal | undefined
}

/** Which header, and which scheme in it. */
export interface BearerHeaderOptions {
  /** @default 'Authorization' */
  readonly header?: string
  /** An empty string takes the header's whole value as the token. @default 'Bearer' */
  readonly scheme?: string
}

/**
 * A token in a header, `Authorization: Bearer …` unless told otherwise.
 *
 * The scheme's case does not matter (RFC 9110 section 11.1); a header with another scheme holds no token of ours. Two such headers are a
 * bad request (RFC 6750 section 3.1): two readers could each pick another one.
 */
export function bearerHeader(options: BearerHeaderOptions = {}): TokenLocation {
  const { header = 'Authorization', scheme = 'Bearer' } = options
  if (!/^[A-Za-z0-9-]+$/.test(header))
    throw new ConfigurationError('bearerHeader.header: not the name of a header')
  if (!/^[A-Za-z0-9-]*$/.test(scheme))
    throw new ConfigurationError('bearerHeader.scheme: not the name of a scheme')
  const pattern = new RegExp(scheme === '' ? '^(.*)$' : `^${scheme}(?: +(.*))?$`, 'is')
  const second = new RegExp(`,[ \t]*${scheme === '' ? '' : `${scheme} `}`, 'i')
  const name = header.toLowerCase()
  return {
    name: 'headers',
    find(carrier) {
      const [value, ...others] = carrier.headerValues(name)
      if (value === undefined) return undefined
      if (others.length > 0 || second.test(value)) return refuse('CREDENTIALS_AMBIGUOUS')
      const found = pattern.exec(value.trim())
      return found === null ? undefined : (found[1] ?? '')
    },
  }
}

/** Asks the locations in their order; the first that has a token wins (as in AuthX). */
export function locate(
  locations: readonly TokenLocation[],
  carrier: Carrier,
  type: TokenType,
): RequestToken | Refusal | undefined {
  for (const location of locations) {
    const found = location.find(carrier, type)
    if (typeof found === 'string') return new RequestToken(found, type, location.name)
    if (found !== undefined) return found
  }
  return undefined
}
