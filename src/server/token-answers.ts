import type { TokenPair } from '../core/issuer.ts'
import type { SentTokens } from '../core/token-cookies.ts'
import type { ServerContext } from './context.ts'
import type { ResolverParts } from './resolver-parts.ts'

type Carried = Pick<ResolverParts, 'cookies'>
type Answering = Pick<ServerContext, 'tokenCookies'>

/** What of a pair stands in the answer's body; what travels in cookies is set there. */
export function answerWith(
  pair: TokenPair,
  { tokenCookies }: Answering,
  { cookies }: Carried,
): SentTokens<TokenPair> {
  return cookies ? tokenCookies.set(pair) : pair
}

/** Takes the cookies of a caller away whose session is over. */
export function forgetTokens({ tokenCookies }: Answering, { cookies }: Carried): void {
  if (cookies) tokenCookies.clear()
}
