/**
 * How a request enters: the few things that a token location reads, whatever the server. An adapter makes one for each request.
 */
export interface Carrier {
  /**
   * Every value of a header, in the order they came; empty where it is absent.
   *
   * Give repeated headers one by one: Node's `req.headers` hides a second `Authorization`, `req.headersDistinct` does not.
   *
   * @param name in lower case
   */
  headerValues(name: string): readonly string[]
}
