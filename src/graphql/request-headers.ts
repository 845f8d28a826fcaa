import type { IncomingMessage } from 'node:http'
import { rawValues } from '../core/raw-headers.ts'

/** Headers of the Fetch API, or as Node and its frameworks have them. */
export type HeadersLike = FetchHeaders | Readonly<Record<string, string | readonly string[] | undefined>>

interface FetchHeaders {
  readonly get: (name: string) => string | null | undefined
}

/** What is used of Node's request. */
export type NodeRequest = Pick<IncomingMessage, 'rawHeaders'>

/** Node's request, or one of Fastify's or Koa's, which has it within. */
export type WithNodeRequest = Partial<NodeRequest> & {
  readonly raw?: Partial<NodeRequest>
  readonly req?: Partial<NodeRequest>
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
  if (typeof value === 'string') return [value]
  return value ?? []
}

/** The same, one by one where Node's own request is known: what servers make of it joins repeated ones, or hides them. */
export function distinctValues(
  req: WithNodeRequest | null | undefined,
  request: { readonly headers: HeadersLike } | undefined,
  name: string,
): readonly string[] {
  const raw = rawValues((req?.raw ?? req?.req ?? req)?.rawHeaders, name)
  if (raw.length > 0 || request === undefined) return raw
  return headerValues(request, name)
}
