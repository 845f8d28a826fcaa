import type { Carrier } from '../../core/carrier.ts'
import { paramsUnder } from '../../core/locations.ts'
import { type HeadersLike, headerValues } from '../request-headers.ts'

/** The request that opened a WebSocket, as node:http, Fastify, uWebSockets.js or the Fetch API have it. */
export interface UpgradeRequest {
  readonly headers?: HeadersLike | undefined
  /** Node's, where a repeated header is not hidden. */
  readonly headersDistinct?: Readonly<Record<string, string | readonly string[] | undefined>> | undefined
  /** Whole, or from its path on. Only the location `query` reads it. */
  readonly url?: string | undefined
  /** The query of the URL, where that is not in it. */
  readonly query?: unknown
}

/** What is known of a connection when it begins. */
export interface SocketOpening {
  /** Undefined where the server does not tell: then no header, cookie or origin is known. */
  readonly request?: UpgradeRequest | null | undefined
  /** What the client sent with `connection_init`, as it came. */
  readonly connectionParams?: unknown
}

/** What only the browser says, and no page: never taken from what the page sent. */
const BROWSERS_OWN = ['cookie', 'origin', 'host', 'sec-fetch-site']

/** A WebSocket as a carrier. It names no method, so it counts as what can change something, although its request was a GET. */
export function socketCarrier({ request, connectionParams }: SocketOpening): Carrier {
  return {
    connectionParams,
    queryValues: (name) => new URLSearchParams(queryOf(request ?? {})).getAll(name),
    headerValues(name) {
      const sent = valuesOf(request ?? {}, name)
      return sent.length > 0 || BROWSERS_OWN.includes(name) ? sent : paramsUnder(connectionParams, name)
    },
  }
}

function valuesOf({ headersDistinct, headers }: UpgradeRequest, name: string): readonly string[] {
  // Where Node has its own list, nothing else counts: Mercurius adds the payload's members to the other one.
  if (headersDistinct !== undefined) return [headersDistinct[name] ?? []].flat()
  return headers === undefined ? [] : headerValues({ headers }, name)
}

function queryOf({ url = '', query }: UpgradeRequest): string {
  const at = url.indexOf('?')
  if (at >= 0) return url.slice(at + 1)
  // Fastify has it read already.
  return typeof query === 'string' ? query : ''
}
