import { type DocumentNode, getOperationAST, parse } from 'graphql'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { callable, checkNames, text, whole } from '../../core/option-checks.ts'

/** A GraphQL request; a text is one without variables. */
export type AuditedDocument =
  | string
  | { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> }

/** A token, or how to get one. */
export type AuditedToken = string | (() => string | Promise<string>)

/** A login whose token travels in a cookie. */
export interface CookieLogin {
  /** The header Cookie, as a browser would send it: `name=value; other=value`. */
  readonly cookie: string
  /** What a page of the app sends beside it and a foreign page cannot, such as X-CSRF-TOKEN. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What the audits are told of a server. What is left out is not tried, and the audits that need it say so. */
export interface AuthAuditOptions {
  /** The GraphQL endpoint. */
  readonly url: string
  /** A query whose fields need a login, best one field that nobody else may have. */
  readonly query: AuditedDocument
  /** Whether data shows that the query was answered. @default whether anything in it but `__typename` is not null */
  readonly granted?: (data: unknown) => boolean
  /** Logs in, each time anew, as a user who may have all that is asked here, and resolves with the access token. */
  readonly login: () => Promise<string>
  /** Logs out, and resolves when the server has said so. */
  readonly logout?: (token: string) => Promise<unknown>
  /** An access token of this server that has expired. */
  readonly expired?: AuditedToken
  /** A good token of another type, such as a refresh token. */
  readonly wrongType?: AuditedToken
  /** The public key that tokens are verified with, as PEM. */
  readonly publicKey?: string
  /** A document that this user has no right to, whoever logs in. */
  readonly forbidden?: AuditedDocument
  /** A query with a field that needs a login and may be null, beside one that anybody may have. */
  readonly partial?: AuditedDocument
  /** A mutation that needs a login and may be run any number of times. */
  readonly mutation?: AuditedDocument
  /** A subscription that needs a login. */
  readonly subscription?: AuditedDocument
  /** Where the server speaks graphql-transport-ws, `ws://…` or `wss://…`. */
  readonly wsUrl?: string
  /** What a client introduces itself with over a WebSocket. @default `{ Authorization: 'Bearer …' }` */
  readonly connectionParams?: (token: string) => Readonly<Record<string, unknown>>
  /** Whether subscriptions come as server-sent events, by POST. @default false */
  readonly sse?: boolean
  /** Logs in, each time anew, where the token travels in a cookie. */
  readonly cookieLogin?: () => Promise<CookieLogin>
  /** Milliseconds in which a logout has to have reached everything. @default 2000 */
  readonly within?: number
}

/** A document as it was given, and as it is sent. */
export interface ReadDocument {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly document: DocumentNode
}

/** The options, checked. */
export type AuditSettings = Omit<
  AuthAuditOptions,
  | 'url'
  | 'query'
  | 'forbidden'
  | 'partial'
  | 'mutation'
  | 'subscription'
  | 'granted'
  | 'within'
  | 'connectionParams'
> & {
  readonly url: URL
  readonly query: ReadDocument
  readonly granted: (data: unknown) => boolean
  readonly forbidden?: ReadDocument
  readonly partial?: ReadDocument
  readonly mutation?: ReadDocument
  readonly subscription?: ReadDocument
  readonly within: number
  readonly connectionParams: (token: string) => Readonly<Record<string, unknown>>
}

const NAMES: Readonly<Record<keyof AuthAuditOptions, true>> = {
  url: true,
  query: true,
  granted: true,
  login: true,
  logout: true,
  expired: true,
  wrongType: true,
  publicKey: true,
  forbidden: true,
  partial: true,
  mutation: true,
  subscription: true,
  wsUrl: true,
  connectionParams: true,
  sse: true,
  cookieLogin: true,
  within: true,
}

/** @throws ConfigurationError naming the option */
export function readAuditOptions(options: AuthAuditOptions): AuditSettings {
  checkNames('', options, NAMES)
  const {
    url,
    query,
    granted,
    forbidden,
    partial,
    mutation,
    subscription,
    within,
    connectionParams,
    ...rest
  } = options
  callable('login', options.login)
  if (options.logout !== undefined) callable('logout', options.logout)
  if (options.cookieLogin !== undefined) callable('cookieLogin', options.cookieLogin)
  if (options.wsUrl !== undefined) endpoint('wsUrl', options.wsUrl, ['ws:', 'wss:'])
  return {
    ...rest,
    url: endpoint('url', url, ['http:', 'https:']),
    query: readDocument('query', query, 'query'),
    granted: granted === undefined ? hasValue : callable('granted', granted),
    ...(forbidden === undefined ? {} : { forbidden: readDocument('forbidden', forbidden) }),
    ...(partial === undefined ? {} : { partial: readDocument('partial', partial, 'query') }),
    ...(mutation === undefined ? {} : { mutation: readDocument('mutation', mutation, 'mutation') }),
    ...(subscription === undefined
      ? {}
      : { subscription: readDocument('subscription', subscription, 'subscription') }),
    connectionParams:
      connectionParams === undefined ? byAuthorization : callable('connectionParams', connectionParams),
    within: within === undefined ? 2000 : whole('within', within, 1),
  }
}

/** Whether a GraphQL result's data has anything but nulls and names of types. */
export function hasValue(data: unknown): boolean {
  if (data === null || data === undefined) return false
  if (typeof data !== 'object') return true
  return Object.entries(data).some(([name, value]) => name !== '__typename' && hasValue(value))
}

function byAuthorization(token: string): Readonly<Record<string, unknown>> {
  return { Authorization: `Bearer ${token}` }
}

function endpoint(name: string, url: string, protocols: readonly string[]): URL {
  const read = URL.canParse(url) ? new URL(url) : undefined
  if (read === undefined || !protocols.includes(read.protocol)) {
    throw new ConfigurationError(
      `${name}: must be a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`,
    )
  }
  return read
}

function readDocument(name: string, given: AuditedDocument, kind?: string): ReadDocument {
  const { query, variables = {} } = typeof given === 'string' ? { query: given } : given
  let document: DocumentNode
  try {
    document = parse(text(name, query), { noLocation: true })
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    throw new ConfigurationError(`${name}: is no GraphQL document: ${(error as Error).message}`, {
      cause: error,
    })
  }
  const operation = getOperationAST(document)
  if (operation == null) throw new ConfigurationError(`${name}: must have one operation`)
  if (kind !== undefined && operation.operation !== kind) {
    throw new ConfigurationError(`${name}: must be a ${kind}, not a ${operation.operation}`)
  }
  return { query, variables, document }
}
