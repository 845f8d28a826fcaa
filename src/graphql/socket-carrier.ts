import type { Carrier } from '../core/carrier.ts'
import { paramsUnder } from '../core/locations.ts'

type HeaderValue = string | readonly string[] | undefined

/** The request that opened a WebSocket, as node:http, Fastify or the Fetch API have it. */
interface Upgrade {
  readonly headersDistinct?: Readonly<Record<string, HeaderValue>>
  readonly headers?: Readonly<Record<string, HeaderValue>> | { get(name: string): string | null }
}

/** What only the browser says, and no page: never taken from what the page sent. */
const BROWSERS_OWN = ['cookie', 'origin', 'host', 'sec-fetch-site']

/**
 * A WebSocket as a carrier. It names no method, so it counts as what can change something, although its request was a GET.
 *
 * @param extra what graphql-ws keeps for the connection; its `request` opened it
 */
export function socketCarrier(extra: object, connectionParams: unknown): Carrier {
  const { request } = extra as { readonly request?: Upgrade }
  return {
    connectionParams,
    headerValues(name) {
      const sent = headerValues(request, name)
      return sent.length > 0 || BROWSERS_OWN.includes(name) ? sent : paramsUnder(connectionParams, name)
    },
  }
}

function headerValues(request: Upgrade | undefined, name: string): readonly string[] {
  const headers = request?.headers
  const value =
    request?.headersDistinct?.[name] ??
    (isFetch(headers) ? (headers.get(name) ?? undefined) : headers?.[name])
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function isFetch(headers: Upgrade['headers']): headers is { get(name: string): string | null } {
  return typeof headers?.get === 'function'
}
