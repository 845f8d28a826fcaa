import type { IncomingMessage } from 'node:http'
import type { Carrier } from '../core/carrier.ts'
import type { ServedRequest } from './served-request.ts'

/** What is used of the `Request` that graphql-http and graphql-sse hand to their hooks, whichever server it came to. */
export interface HandlerRequest {
  readonly method: string
  readonly url: string
  readonly headers: HeadersLike
  /** The server's own. */
  readonly raw: unknown
  readonly context: unknown
}

/** Headers of the Fetch API, or as Node and its frameworks have them. */
export type HeadersLike = FetchHeaders | Readonly<Record<string, string | readonly string[] | undefined>>

interface FetchHeaders {
  readonly get: (name: string) => string | null | undefined
}

export function isFetch(headers: HeadersLike): headers is FetchHeaders {
  return typeof headers.get === 'function'
}

/** The values of a header; several may have been joined to one. */
export function headerValues(
  { headers }: { readonly headers: HeadersLike },
  name: string,
): readonly string[] {
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

/** The requests that a handler serves, each opened once, and the contexts of their operations. */
export function servedRequests(begin: (req: HandlerRequest) => ServedRequest): {
  open(req: HandlerRequest): ServedRequest
  /** Throws as {@link ownContext} does. */
  fill(req: HandlerRequest, given: unknown, params: { readonly extensions?: unknown }): object
} {
  const requests = new WeakMap<HandlerRequest, ServedRequest>()
  const open = (req: HandlerRequest): ServedRequest => {
    const opened = requests.get(req) ?? begin(req)
    requests.set(req, opened)
    return opened
  }
  return {
    open,
    fill(req, given, params) {
      const context = ownContext(given)
      return Object.assign(context, open(req).contextMembers(context, params.extensions))
    },
  }
}
