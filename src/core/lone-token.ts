import type { AuthenticationParts } from './authentication.ts'
import type { Claims, TokenType } from './claims.ts'
import { Refusal } from './refusal.ts'
import { anyToken, refuseType } from './requirement.ts'

/** Judges a token that comes without a request, by the steps of an `Authentication` that need none: verify, claims, type, revocation. */
export async function judgeLoneToken(
  { codec, revocation }: AuthenticationParts,
  token: string,
  type: TokenType,
): Promise<Claims | Refusal> {
  const verified = codec.verify(token)
  if (verified instanceof Refusal) return verified
  const wrongType = refuseType(anyToken(type), verified.claims)
  if (wrongType !== undefined) return wrongType
  const live = await revocation.ask({ ...verified, request: { token, location: undefined } }, undefined)
  return live === true ? verified.claims : live
}
