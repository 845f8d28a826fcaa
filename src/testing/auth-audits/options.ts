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
  /**
   * Logs in, each time anew, as a user who may have all that is asked here, and resolves with the access token. Left out where tokens travel in
   * cookies alone (`cookieLogin`): then nothing is tried that needs the header Authorization.
   */
  readonly login?: () => Promise<string>
  /** Logs out, resolves when the server has said so, and rejects when it has not. */
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
  /** A mutation that needs a login, answers with something, and may be run any number of times. */
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
