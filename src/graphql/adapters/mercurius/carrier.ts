import { type DocumentNode, Kind } from 'graphql'
import type { Carrier } from '../../../core/carrier.ts'
import type { ServedRequest } from '../../served-request.ts'
import type { Serving } from '../../serving.ts'
import { turnAway } from './refused.ts'
import type { MercuriusContext, MercuriusRequest } from './shapes.ts'

export function carrierOf({ method, url, headers, raw }: MercuriusRequest): Carrier {
  const distinct = raw.headersDistinct as Readonly<Record<string, string[] | undefined>> | undefined
  return {
    method,
    queryValues: (name) => new URL(url, 'http://localhost').searchParams.getAll(name),
    // Where Node has its own list, nothing else counts: of a socket's request, Mercurius adds the payload's members to the other one.
    headerValues: (name) => (distinct === undefined ? [headers[name] ?? []].flat() : (distinct[name] ?? [])),
  }
}

/** What a browser says of itself; whoever fills a payload cannot say it in its place. */
const NOT_OF_PAYLOAD = /^(cookie|host|origin|content-type|sec-.*)$/

/**
 * Opens one operation of a socket, or its beginning. The payload of `connection_init`, or its member `headers`, stands for headers that browsers do not
 * let a page set.
 *
 * @throws Refused where another page opened the socket
 */
export function openSocket(
  serving: Serving,
  request: MercuriusRequest,
  payload: unknown,
  origins: readonly string[],
): ServedRequest {
  const { method, ...upgrade } = carrierOf(request)
  turnAway(serving.open({ ...upgrade, method: method ?? 'GET' }), origins)
  const given = Object.entries(objectOf(objectOf(payload)?.headers) ?? objectOf(payload) ?? {})
  const headerValues = (name: string): readonly string[] => {
    const own = upgrade.headerValues(name)
    if (NOT_OF_PAYLOAD.test(name)) return own
    const more = given.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value as unknown)
    return [...own, ...more.filter((value) => typeof value === 'string')]
  }
  // No method: what a page reads over a socket is not kept from other origins, as the answer to a GET is.
  return serving.open({ ...upgrade, headerValues })
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
