import type { Carrier } from '../core/carrier.ts'
import { paramsUnder } from '../core/locations.ts'
import { type HeadersLike, headerValues } from './handler-request.ts'

/** The request that opened a WebSocket, as node:http, Fastify or the Fetch API have it. */
interface Upgrade {
  readonly headersDistinct?: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly headers?: HeadersLike
}

/** What only the browser says, and no page: never taken from what the page sent. */
const BROWSERS_OWN = ['cookie', 'origin', 'host', 'sec-fetch-site']

/**
 * A WebSocket as a carrier. It names no method, so it counts as what can change something, although its request was a GET.
 *
 * @param extra what graphql-ws keeps for the connection; its `request` opened it
 */
export function socketCarrier(extra: object, connectionParams: unknown): Carrier {
  const { request } = extra as { readonly request?: Upgrade | null }
  return {
    connectionParams,
    headerValues(name) {
      const sent = valuesOf(request ?? {}, name)
      return sent.length > 0 || BROWSERS_OWN.includes(name) ? sent : paramsUnder(connectionParams, name)
    },
  }
}

function valuesOf({ headersDistinct, headers }: Upgrade, name: string): readonly string[] {
  const distinct = headersDistinct?.[name]
  if (distinct !== undefined) return [distinct].flat()
  return headers === undefined ? [] : headerValues({ headers }, name)
}
