/** How a request enters: the few things that are read of it, whatever the server. An adapter makes one for each request. */
export interface Carrier {
  /**
   * Every value of a header, in the order they came; empty where it is absent.
   *
   * Give repeated headers one by one: Node's `req.headers` hides a second `Authorization`, `req.headersDistinct` does not.
   *
   * @param name in lower case
   */
  headerValues(name: string): readonly string[]
  /** The HTTP method, in upper case. A request that does not say counts as one that can change something. */
  readonly method?: string
  /** Every value of a parameter in the URL's query. Only the location `query` asks. */
  queryValues?(name: string): readonly string[]
  /** What a WebSocket's client sent with `connection_init`, as it came. Its strings count as headers, which browsers cannot send with a WebSocket. */
  readonly connectionParams?: unknown
  /** The member `extensions` of the GraphQL request. Only the location `json` reads it. */
  readonly extensions?: unknown
}
