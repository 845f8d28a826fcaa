import { type Claims, RESERVED_CLAIMS, scopesOf } from './claims.ts'
import type { MintInput } from './issuer.ts'

/**
 * What the next token of a session says: the same as the one before, never fresh, never more.
 *
 * @param allowed what the subject may have now; scopes can shrink to it, never grow
 */
export function successor(claims: Claims, allowed?: readonly string[]): MintInput {
  const own = Object.fromEntries(Object.entries(claims).filter(([name]) => !RESERVED_CLAIMS.has(name)))
  const had = scopesOf(claims)
  const scopes = allowed === undefined ? had : had.filter((scope) => allowed.includes(scope))
  return {
    sub: claims.sub,
    authTime: claims.auth_time,
    csrf: claims.csrf,
    claims: own,
    ...(claims.scope !== undefined || claims.scopes !== undefined ? { scopes } : {}),
    ...(claims.aud !== undefined ? { audience: claims.aud } : {}),
    ...(claims.iss !== undefined ? { iss: claims.iss } : {}),
  }
}
