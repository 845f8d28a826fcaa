import type { IncomingMessage } from 'node:http'
import type { Carrier } from '../core/carrier.ts'

/** What is used of the `Request` that graphql-http and graphql-sse hand to their hooks, whichever server it came to. */
export interface HandlerRequest {
  readonly method: string
  readonly url: string
  readonly headers: FetchHeaders | Readonly<Record<string, string | string[] | undefined>>
  /** The server's own. */
  readonly raw: unknown
  readonly context: unknown
}

interface FetchHeaders {
  readonly get: (name: string) => string | null | undefined
}

export function isFetch(headers: HandlerRequest['headers']): headers is FetchHeaders {
  return typeof headers.get === 'function'
}

/** The values of a header; several may have been joined to one. */
export function headerValues({ headers }: HandlerRequest, name: string): readonly string[] {
  const value = isFetch(headers) ? headers.get(name) : headers[name]
  return [value ?? []].flat()
}

export function handlerCarrier(req: HandlerRequest): Carrier {
  // Fastify and Koa have Node's request within their own.
  const raw = req.raw as (Partial<IncomingMessage> & { raw?: IncomingMessage; req?: IncomingMessage }) | null
  const distinct = raw?.headersDistinct ?? raw?.raw?.headersDistinct ?? raw?.req?.headersDistinct
  return {
    method: req.method,
    queryValues: (name) => new URL(req.url, 'http://localhost').searchParams.getAll(name),
    headerValues: (name) => (distinct === undefined ? headerValues(req, name) : (distinct[name] ?? [])),
  }
}

/**
 * A context as one operation gets it. A copy: one and the same may be given to every request.
 *
 * @throws TypeError where it is no object
 */
export function ownContext(given: unknown): object {
  if (typeof given !== 'object' || given === null) throw new TypeError('`context` has to be an object')
  return Object.assign(Object.create(Object.getPrototypeOf(given)), given) as object
}
