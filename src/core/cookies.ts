import { stringifySetCookie } from 'cookie'
import type { Carrier } from './carrier.ts'
import type { AccessClaims, TokenType } from './claims.ts'

/** What a cookie of ours holds: a token, or the value that a page sends back to show where it comes from. */
export type CookieKind = TokenType | 'csrf'

/** Says which scopes a subject may have now; null where it may have no further token. */
export type RefreshScopes = (
  claims: AccessClaims,
) => readonly string[] | null | PromiseLike<readonly string[] | null>

/** How the cookies are made, complete. */
export interface CookieSettings {
  /** As they are sent, with their prefix. */
  readonly names: Readonly<Record<CookieKind, string>>
  readonly secure: boolean
  readonly sameSite: 'Lax' | 'Strict'
  /** The types of token that travel in a cookie. */
  readonly types: readonly TokenType[]
  /** Whether a readable cookie brings the double-submit value. */
  readonly withCsrf: boolean
  /** Schema coordinates whose refusal takes the cookies away too. */
  readonly clearOnRefusal: ReadonlySet<string>
  /** Seconds before the end of an access token in which an answer brings the next one; undefined: never. */
  readonly refreshWithin: number | undefined
  /** What the holder of a token may have now, where somebody is asked. */
  readonly refreshScopes: RefreshScopes | undefined
}

/** What browsers keep of a name and its value together; a longer cookie is dropped in silence (RFC 6265bis section 5.6). */
const LONGEST_COOKIE = 4096

/** Every value that a request has under a name, as it was sent. The name's case counts: `__host-` is not `__Host-`. */
export function cookieValues(carrier: Carrier, name: string): readonly string[] {
  return (
    carrier
      .headerValues('cookie')
      .flatMap((header) => header.split(';'))
      // Spaces and nothing else: of other blanks a browser takes some for a part of the name, which then is no `__Host-` name to it.
      .map((pair) => pair.replace(/^ +/, ''))
      .filter((pair) => pair.startsWith(`${name}=`))
      .map((pair) => pair.slice(name.length + 1))
  )
}

/**
 * The `Set-Cookie` that keeps a value for some seconds.
 *
 * @throws TypeError where a browser would drop it
 */
export function keepCookie(
  settings: CookieSettings,
  kind: CookieKind,
  value: string,
  maxAge: number,
): string {
  const name = settings.names[kind]
  const size = name.length + value.length
  if (size > LONGEST_COOKIE) {
    throw new TypeError(
      `the ${kind} token and the name of its cookie have ${size} bytes, and browsers keep ${LONGEST_COOKIE}; put less into its claims`,
    )
  }
  return setCookie(settings, kind, value, maxAge)
}

/** The `Set-Cookie` that takes a cookie away: with the attributes it was set with, or a browser keeps it. */
export function dropCookie(settings: CookieSettings, kind: CookieKind): string {
  return setCookie(settings, kind, '', 0)
}

function setCookie(
  { names, secure, sameSite }: CookieSettings,
  kind: CookieKind,
  value: string,
  maxAge: number,
): string {
  return stringifySetCookie(
    {
      name: names[kind],
      value,
      maxAge,
      path: '/',
      secure,
      sameSite: sameSite === 'Lax' ? 'lax' : 'strict',
      // A page has to read what it sends back.
      httpOnly: kind !== 'csrf',
    },
    // Tokens and our values are made of characters that stand in a cookie as they are.
    { encode: (text) => text },
  )
}
