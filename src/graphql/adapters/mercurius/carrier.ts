import { type DocumentNode, Kind } from 'graphql'
import type { Carrier } from '../../../core/carrier.ts'
import { rawValues } from '../../../core/raw-headers.ts'
import { headerValues, urlValues } from '../../request-headers.ts'
import type { Serving } from '../../serving.ts'
import type { ServedSocket } from '../../sockets/served-socket.ts'
import type { UpgradeRequest } from '../../sockets/socket-carrier.ts'
import type { MercuriusContext, MercuriusRequest } from './shapes.ts'

/** How a request of Fastify's enters. */
export class FastifyCarrier implements Carrier {
  readonly #request: MercuriusRequest

  constructor(request: MercuriusRequest) {
    this.#request = request
  }

  get method(): string {
    return this.#request.method
  }

  queryValues(name: string): readonly string[] {
    return urlValues(this.#request.url, name)
  }

  headerValues(name: string): readonly string[] {
    const { rawHeaders } = this.#request.raw
    // Where Node has its own list, nothing else counts: of a socket's request, Mercurius adds the payload's members to the other one.
    if (rawHeaders !== undefined && rawHeaders.length > 0) return rawValues(rawHeaders, name)
    return headerValues(this.#request, name)
  }
}

/** What stands for each socket, by the request that opened it: Mercurius hands nothing else to every hook. */
const connections = new WeakMap<object, { readonly payload: unknown }>()

/**
 * The socket that a request opened: one for all its operations, so that its token is verified once.
 *
 * @param payload what its client introduced itself with: the payload of `connection_init`, or the member `headers` of it. Whoever does so again, which Mercurius allows, begins anew
 */
export function socketOf(serving: Serving, { raw }: MercuriusRequest, payload: unknown): ServedSocket {
  const known = connections.get(raw)
  const connection = known !== undefined && known.payload === payload ? known : { payload }
  connections.set(raw, connection)
  return serving.socketOf(connection, { request: raw as UpgradeRequest, connectionParams: payload })
}

interface Body {
  readonly operationName?: unknown
  readonly extensions?: unknown
  readonly headers?: unknown
}

function objectOf(value: unknown): Body | undefined {
  return typeof value === 'object' && value !== null ? value : undefined
}

/** The GraphQL request, the operation's own of a batch. */
export function bodyOf({ reply, operationId = 0 }: MercuriusContext): Body | undefined {
  const { method, body, query } = reply?.request ?? {}
  return objectOf(method === 'GET' ? query : Array.isArray(body) ? body[operationId] : body)
}

/** No hook is told which operation of a document runs: the one that the request names, on Mercurius' own route; elsewhere any of them, queries first. */
export function namesOf(
  { definitions }: DocumentNode,
  context: MercuriusContext,
): readonly (string | undefined)[] {
  const operations = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (operations.length < 2) return [undefined]
  const queries = operations.filter(({ operation }) => operation === 'query')
  const names = [...new Set([...queries, ...operations])].map(({ name }) => name?.value)
  const named = context.__currentQuery === undefined ? undefined : bodyOf(context)?.operationName
  return typeof named === 'string' && names.includes(named) ? [named] : names
}
