import type { TokenType } from './claims.ts'
import { ConfigurationError } from './configuration-error.ts'
import type { CookieKind, CookieSettings, RefreshScopes } from './cookies.ts'
import type { CsrfSettings } from './csrf.ts'
import {
  bearerHeader,
  jsonExtension,
  type Locations,
  locationsOf,
  queryParameter,
  type TokenLocation,
  tokenCookie,
} from './locations.ts'
import type { Logger } from './logger.ts'
import { callable, checkNames, seconds } from './option-checks.ts'

/** A location with its usual names. */
export type LocationName = 'headers' | 'cookies' | 'query' | 'json'

/** Where tokens are looked for, in order: by name, or made by a factory such as {@link bearerHeader}. */
export type LocationList = readonly (LocationName | TokenLocation)[]

/** How tokens travel in cookies. */
export interface CookieOptions {
  /**
   * While `secure`, each is sent with the prefix `__Host-`, so that no other host and no plain connection can set it.
   *
   * @default { access: 'access_token', refresh: 'refresh_token', csrf: 'csrf_token' }
   */
  readonly names?: Readonly<Partial<Record<CookieKind, string>>>
  /** False for development without TLS only: no `Secure`, no `__Host-`. @default true */
  readonly secure?: boolean
  /** @default 'Lax' */
  readonly sameSite?: 'Lax' | 'Strict'
  /**
   * Schema coordinates of the fields that log out: where one is refused, the cookies are taken away all the same.
   *
   * @default ['Mutation.logout', 'Mutation.logoutEverywhere']
   */
  readonly clearOnRefusal?: readonly string[]
  /**
   * Implicit refresh: an answer to somebody whose access token, from a cookie, ends within so many seconds brings the next one. It says what the old one
   * said, is never fresh, and ends with the session. @default never
   */
  readonly refreshWithin?: number
  /**
   * Asked before an implicit refresh what the subject may have now: the scopes can shrink to the answer, never grow, and null, a throw or silence bring no token.
   *
   * @default what the token says
   */
  readonly refreshScopes?: RefreshScopes
}

/** How a page shows that a request is its own: signed double submit. */
export interface CsrfOptions {
  /** The header that brings the value, the same for both tokens or one for each. @default 'X-CSRF-TOKEN' */
  readonly header?: string | Readonly<Partial<Record<TokenType, string>>>
}

/** The options that say where tokens are. */
export interface LocationOptions {
  /** Where tokens are looked for, in this order. @default { access: ['headers'], refresh: ['headers'] } */
  readonly locations?: Readonly<Partial<Record<TokenType, LocationList>>>
  /** For tokens in cookies. */
  readonly cookies?: CookieOptions
  /** For tokens in cookies. False switches the defence off: only where something else defends. @default {} */
  readonly csrf?: CsrfOptions | false
}

/** {@link LocationOptions}, checked. */
export interface LocationSettings {
  readonly locations: Locations
  /** Undefined where no token travels in a cookie. */
  readonly cookies: CookieSettings | undefined
  /** Undefined where no token travels in a cookie, or the defence is off. */
  readonly csrf: CsrfSettings | undefined
}

const COOKIE_OPTIONS: Readonly<Record<keyof CookieOptions, true>> = {
  names: true,
  secure: true,
  sameSite: true,
  clearOnRefusal: true,
  refreshWithin: true,
  refreshScopes: true,
}

const TYPES: readonly TokenType[] = ['access', 'refresh']

/** RFC 9110 section 5.6.2; what a cookie's name is made of too (RFC 6265 section 4.1.1). */
const HTTP_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

const COORDINATE = /^[_A-Za-z]\w*\.[_A-Za-z]\w*$/

/** @param accessTokenTtl seconds that an access token lives; an implicit refresh comes later than at once */
export function readLocationSettings(options: LocationOptions, accessTokenTtl: number): LocationSettings {
  const { locations = {} } = options
  checkNames('locations', locations, { access: true, refresh: true })
  const { access = ['headers'], refresh = ['headers'] } = locations
  const lists: Readonly<Record<TokenType, LocationList>> = { access, refresh }
  for (const type of TYPES) checkList(type, lists[type])
  const types = TYPES.filter((type) => lists[type].some((one) => one === 'cookies' || isNamedCookies(one)))
  const cookies = readCookies(options, types, accessTokenTtl)
  return {
    locations: locationsOf(
      lists.access.map((one) => locationOf(one, cookies)),
      lists.refresh.map((one) => locationOf(one, cookies)),
    ),
    cookies,
    csrf: readCsrf(options, types),
  }
}

/** Locations for one question, as `getTokenFromRequest` takes them. */
export function readLocationList(
  type: TokenType,
  list: LocationList,
  cookies: CookieSettings | undefined,
): readonly TokenLocation[] {
  checkList(type, list)
  return list.map((one) => locationOf(one, cookies))
}

/** Says so where tokens may stand in URLs. */
export function warnOfLocations({ locations }: Pick<LocationSettings, 'locations'>, logger: Logger): void {
  for (const type of TYPES) {
    if (!locations[type].some(({ name }) => name === 'query')) continue
    logger.warn(
      { type },
      `${type} tokens are looked for in the URL, and URLs are kept in logs and histories; see that yours do not keep them`,
    )
  }
}

function checkList(type: TokenType, list: LocationList): void {
  if (Array.isArray(list) && list.every((one) => isLocationName(one) || isLocation(one))) return
  throw new ConfigurationError(
    `locations.${type}: must be a list of 'headers', 'cookies', 'query', 'json', or of locations such as bearerHeader({ header: 'X-Token' })`,
  )
}

function isLocation(one: LocationName | TokenLocation | null): boolean {
  return typeof one === 'object' && typeof one?.find === 'function' && typeof one.name === 'string'
}

/** One of somebody's own that reads cookies needs what ours need. */
function isNamedCookies(one: LocationName | TokenLocation): boolean {
  return typeof one === 'object' && one.name === 'cookies'
}

function isLocationName(one: LocationName | TokenLocation): one is LocationName {
  return typeof one === 'string' && ['headers', 'cookies', 'query', 'json'].includes(one)
}

function locationOf(one: LocationName | TokenLocation, cookies: CookieSettings | undefined): TokenLocation {
  switch (one) {
    case 'headers':
      return bearerHeader()
    case 'query':
      return queryParameter()
    case 'json':
      return jsonExtension()
    case 'cookies':
      if (cookies !== undefined) return tokenCookie(cookies)
      throw new ConfigurationError(
        'locations: this instance reads no cookies; add them to its option locations',
      )
    default:
      return one
  }
}

function readCookies(
  options: LocationOptions,
  types: readonly TokenType[],
  accessTokenTtl: number,
): CookieSettings | undefined {
  if (types.length === 0) return unused('cookies', options.cookies)
  const { cookies = {}, csrf } = options
  checkNames('cookies', cookies, COOKIE_OPTIONS)
  const { names = {}, secure = true, sameSite = 'Lax', refreshWithin, refreshScopes } = cookies
  const { clearOnRefusal = ['Mutation.logout', 'Mutation.logoutEverywhere'] } = cookies
  if (typeof secure !== 'boolean') throw new ConfigurationError('cookies.secure: must be true or false')
  if (sameSite !== 'Lax' && sameSite !== 'Strict') {
    throw new ConfigurationError("cookies.sameSite: must be 'Lax' or 'Strict'")
  }
  if (refreshWithin !== undefined && !types.includes('access')) {
    throw new ConfigurationError("cookies.refreshWithin: needs 'cookies' in locations.access")
  }
  if (refreshScopes !== undefined && refreshWithin === undefined) {
    throw new ConfigurationError(
      'cookies.refreshScopes: is only asked with cookies.refreshWithin; set that, or leave it out',
    )
  }
  return Object.freeze({
    names: readNames(names, secure ? '__Host-' : ''),
    secure,
    sameSite,
    types,
    withCsrf: csrf !== false,
    clearOnRefusal: readCoordinates(clearOnRefusal),
    refreshWithin:
      refreshWithin === undefined
        ? undefined
        : seconds('cookies.refreshWithin', refreshWithin, 1, accessTokenTtl - 1),
    refreshScopes: refreshScopes === undefined ? undefined : callable('cookies.refreshScopes', refreshScopes),
  })
}

function readNames(given: NonNullable<CookieOptions['names']>, prefix: string): CookieSettings['names'] {
  checkNames('cookies.names', given, { access: true, refresh: true, csrf: true })
  const { access = 'access_token', refresh = 'refresh_token', csrf = 'csrf_token' } = given
  for (const [kind, name] of Object.entries({ access, refresh, csrf })) {
    if (typeof name !== 'string' || !HTTP_TOKEN.test(name) || /^__(host|secure)-/i.test(name)) {
      throw new ConfigurationError(
        `cookies.names.${kind}: not the name of a cookie; __Host- is put before it by itself`,
      )
    }
  }
  if (new Set([access, refresh, csrf]).size < 3) {
    throw new ConfigurationError('cookies.names: the three cookies need three names')
  }
  return Object.freeze({ access: prefix + access, refresh: prefix + refresh, csrf: prefix + csrf })
}

function readCoordinates(list: readonly string[]): ReadonlySet<string> {
  if (Array.isArray(list) && list.every((one) => typeof one === 'string' && COORDINATE.test(one))) {
    return new Set(list)
  }
  throw new ConfigurationError(
    "cookies.clearOnRefusal: must be a list of schema coordinates, such as ['Mutation.logout']",
  )
}

function readCsrf({ csrf: given }: LocationOptions, types: readonly TokenType[]): CsrfSettings | undefined {
  if (types.length === 0) return unused('csrf', given)
  const csrf = given === undefined ? {} : given
  if (csrf === false) return undefined
  checkNames('csrf', csrf, { header: true })
  const { header = 'X-CSRF-TOKEN' } = csrf
  if (typeof header !== 'string') checkNames('csrf.header', header, { access: true, refresh: true })
  const names = typeof header === 'string' ? { access: header, refresh: header } : header
  const { access = 'X-CSRF-TOKEN', refresh = 'X-CSRF-TOKEN' } = names
  for (const name of [access, refresh]) {
    if (typeof name !== 'string' || !HTTP_TOKEN.test(name)) {
      throw new ConfigurationError('csrf.header: not the name of a header')
    }
  }
  return Object.freeze({ access: access.toLowerCase(), refresh: refresh.toLowerCase() })
}

/** An option that does nothing is one that somebody relies on. */
function unused(name: 'cookies' | 'csrf', value: unknown): undefined {
  if (value === undefined) return undefined
  throw new ConfigurationError(
    `${name}: no token travels in a cookie; put 'cookies' into locations.access or locations.refresh, or leave ${name} out`,
  )
}
