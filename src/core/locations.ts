import type { Carrier } from './carrier.ts'
import type { TokenType } from './claims.ts'
import { ConfigurationError } from './configuration-error.ts'
import { type CookieSettings, cookieValues } from './cookies.ts'
import { type Refusal, refuse } from './refusal.ts'
import { RequestToken, type TokenLocationName } from './request-token.ts'

/** A JWT, alone. */
const BARE = /^\s*eyJ[\w-]*\.[\w-]+\.[\w-]*\s*$/
/** The same, perhaps behind a scheme. */
const TOKEN_LIKE = /^\s*(?:[A-Za-z]+ +)?eyJ[\w-]*\.[\w-]+\.[\w-]*\s*$/

/** One place in a request where a token may be. */
export interface TokenLocation {
  readonly name: TokenLocationName
  /** The token's text, undefined where there is none, or a refusal where the request contradicts itself. */
  find(carrier: Carrier, type: TokenType): string | Refusal | undefined
}

/** Where tokens of each type are looked for, in this order. */
export interface Locations extends Readonly<Record<TokenType, readonly TokenLocation[]>> {
  /** Whether an operation can bring tokens of its own: not all operations of a request have the same then. */
  readonly areInOperations: boolean
}

export function locationsOf(access: readonly TokenLocation[], refresh: readonly TokenLocation[]): Locations {
  const areInOperations = [...access, ...refresh].some(({ name }) => name === 'json')
  return Object.freeze({
    access: Object.freeze(access),
    refresh: Object.freeze(refresh),
    areInOperations,
  })
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
  // Sticky, so that it says where it ends without a list of what it found.
  const beginning = new RegExp(scheme === '' ? '' : `${scheme}(?: +|$)`, 'iy')
  const second = new RegExp(`,[ \t]*${scheme === '' ? '' : `${scheme} `}`, 'i')
  const name = header.toLowerCase()
  return {
    name: 'headers',
    find(carrier) {
      // Every request comes by here: no list of the others is made.
      const values = carrier.headerValues(name)
      const [value] = values
      if (value === undefined) return undefined
      if (values.length > 1 || (value.includes(',') && second.test(value)))
        return refuse('CREDENTIALS_AMBIGUOUS')
      const text = value.trim()
      beginning.lastIndex = 0
      return beginning.test(text) ? text.slice(beginning.lastIndex) : undefined
    },
  }
}

/** A cookie. Two of one name are a bad request: one of them was planted, from a sibling domain say, and nobody can tell which. */
export function tokenCookie({ names }: Pick<CookieSettings, 'names'>): TokenLocation {
  return {
    name: 'cookies',
    find: (carrier, type) => only(cookieValues(carrier, names[type])),
  }
}

/**
 * A parameter of the URL's query, `token` unless told otherwise. URLs stand in logs, in histories and in `Referer` headers, tokens and all: use it where a
 * client can send nothing else.
 */
export function queryParameter(name = 'token'): TokenLocation {
  const parameter = nameOf('queryParameter', name)
  return {
    name: 'query',
    find: (carrier) => only(carrier.queryValues?.(parameter) ?? []),
  }
}

/**
 * A member of the GraphQL request's `extensions`, `access_token` and `refresh_token` unless told otherwise. Not by GET: there the extensions are part of
 * the URL.
 */
export function jsonExtension(names: Readonly<Partial<Record<TokenType, string>>> = {}): TokenLocation {
  const { access = 'access_token', refresh = 'refresh_token' } = names
  const members = { access: nameOf('jsonExtension', access), refresh: nameOf('jsonExtension', refresh) }
  return {
    name: 'json',
    find({ extensions, method }, type) {
      if (method === 'GET' || typeof extensions !== 'object' || extensions === null) return undefined
      const value = Object.hasOwn(extensions, members[type])
        ? (extensions as Record<string, unknown>)[members[type]]
        : undefined
      return typeof value === 'string' && value !== '' ? value : undefined
    },
  }
}

/** Where a header's token is in the `connectionParams` of a WebSocket: under the header's name, in any case, with its scheme; or so in their member `headers`. */
export function inConnectionParams(header: TokenLocation): TokenLocation {
  return inMembers('connectionParams', header, ({ connectionParams }, name) =>
    paramsUnder(connectionParams, name),
  )
}

/** Every text that a client introduced itself with under the name of a header. */
export function paramsUnder(connectionParams: unknown, name: string): readonly string[] {
  return [...textsUnder(connectionParams, name), ...textsUnder(headersOf(connectionParams), name)]
}

/** What looks like a token among the members of `connectionParams` and their `headers`: the name of the first. */
export function tokenLikeParam(connectionParams: unknown): string | undefined {
  const members = [connectionParams, headersOf(connectionParams)].flatMap((one) =>
    typeof one === 'object' && one !== null ? Object.entries(one) : [],
  )
  return members.find(([, value]) => typeof value === 'string' && TOKEN_LIKE.test(value))?.[0]
}

/** Like {@link inConnectionParams}, in `extensions.headers` of an operation, where clients that have no headers to send put them (the executors of graphql-tools). */
export function inExtensionHeaders(header: TokenLocation): TokenLocation {
  return inMembers('json', header, ({ extensions }, name) => textsUnder(headersOf(extensions), name))
}

function inMembers(
  name: TokenLocationName,
  header: TokenLocation,
  textsOf: (carrier: Carrier, header: string) => readonly string[],
): TokenLocation {
  return {
    name,
    find(carrier, type) {
      let texts: readonly string[] = []
      const headerValues = (called: string): readonly string[] => {
        texts = textsOf(carrier, called)
        return texts
      }
      const found = header.find({ headerValues }, type)
      // Nothing but a client of ours writes there, and it forgot the scheme.
      return found === undefined && texts.some((one) => BARE.test(one)) ? refuse('TOKEN_MALFORMED') : found
    },
  }
}

function headersOf(members: unknown): unknown {
  return (members as { headers?: unknown } | undefined | null)?.headers
}

/** Every text that stands under a name, in whichever case. */
export function textsUnder(members: unknown, name: string): readonly string[] {
  if (typeof members !== 'object' || members === null) return []
  return Object.entries(members).flatMap(([key, value]) =>
    typeof value === 'string' && key.toLowerCase() === name ? [value] : [],
  )
}

function nameOf(factory: string, name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw new ConfigurationError(`${factory}: takes a name that is not empty`)
  }
  return name
}

/** The one value there is; an empty one is none. */
function only([value, ...others]: readonly string[]): string | Refusal | undefined {
  if (others.length > 0) return refuse('CREDENTIALS_AMBIGUOUS')
  return value === '' ? undefined : value
}

/** Asks the locations in their order; the first that has a token wins, as in the Python AuthX. */
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
