import type { IncomingMessage } from 'node:http'
import { rawValues } from '../core/raw-headers.ts'

/** Headers of the Fetch API, or as Node and its frameworks have them. */
export type HeadersLike = FetchHeaders | Readonly<Record<string, string | readonly string[] | undefined>>

interface FetchHeaders {
  readonly get: (name: string) => string | null | undefined
}

/** What is used of Node's request. */
type NodeRequest = Partial<Pick<IncomingMessage, 'rawHeaders'>>

/** Node's request, or one of Fastify's (`raw`) or Koa's (`req`), which has it within. */
export interface WithNodeRequest extends NodeRequest {
  readonly raw?: NodeRequest
  readonly req?: NodeRequest
}

export function isFetch(headers: HeadersLike): headers is FetchHeaders {
  return typeof headers.get === 'function'
}

/** The values of a header; several may have been joined to one. */
export function headerValues(
  { headers }: { readonly headers: HeadersLike },
  name: string,
): readonly string[] {
  const value = isFetch(headers)
    ? headers.get(name)
    : Object.hasOwn(headers, name)
      ? headers[name]
      : undefined
  if (typeof value === 'string') return [value]
  return value ?? []
}

/**
 * The same, one by one where Node's own request is known: what servers make of it joins repeated ones, or hides them. A header that Node did not get is one that something before us added, a plugin say,
 * or that HTTP/2 calls by another name: it is taken from what the server has.
 */
export function distinctValues(
  node: WithNodeRequest | null | undefined,
  served: { readonly headers: HeadersLike } | undefined,
  name: string,
): readonly string[] {
  // Outermost first: an app may keep something of its own under the other names.
  const raw = rawValues(node?.rawHeaders ?? node?.raw?.rawHeaders ?? node?.req?.rawHeaders, name)
  if (raw.length > 0 || served === undefined) return raw
  return headerValues(served, name)
}

/** The values of a parameter in the query of a URL, whole or from its path on. */
export function urlValues(url: string, name: string): readonly string[] {
  return new URL(url, 'http://localhost').searchParams.getAll(name)
}
