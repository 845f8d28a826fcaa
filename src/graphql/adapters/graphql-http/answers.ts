import { type ServerResponse, STATUS_CODES } from 'node:http'
import { type ExecutionResult, GraphQLError } from 'graphql'
import type { HandlerRequest } from '../../handler-request.ts'
import type { HttpOutcome } from '../../outcome.ts'
import { headerValues, isFetch } from '../../request-headers.ts'
import type { AnswerHeaders } from '../../served-request.ts'

/** graphql-http's `Response`. */
export type HttpResponse = readonly [body: string | null, init: { readonly headers?: object }]

/** As graphql-http tells one from what else its hooks can give. */
export function isResponse(given: unknown): given is HttpResponse {
  return Array.isArray(given)
}

const ACCEPTED = /^application\/(graphql-response\+json|json|\*)$|^\*\/\*$/

/** Makes answers of results, as graphql-http does, with the status and the headers that are ours. */
export function responder(formatError: (error: GraphQLError) => Error) {
  return (
    req: HandlerRequest,
    { errors, ...result }: ExecutionResult,
    { status, headers }: HttpOutcome = { status: 200, headers: {} },
    more: AnswerHeaders = { cookies: [], isPrivate: false },
  ): HttpResponse => {
    const formatted = errors && { errors: errors.map((error) => formatError(error)) }
    const all = headersOf(req, { 'content-type': `${acceptedType(req)}; charset=utf-8`, ...headers }, more)
    const init = { status, statusText: STATUS_CODES[status] ?? '', headers: all }
    return [JSON.stringify({ ...formatted, ...result }, plainError), init]
  }
}

/** An answer that somebody else made, with our headers. */
export function withHeaders(
  req: HandlerRequest,
  [body, init]: HttpResponse,
  more: AnswerHeaders,
): HttpResponse {
  return [body, { ...init, headers: headersOf(req, init.headers ?? {}, more) }]
}

/** Node and its frameworks take a list for several headers of one name, the Fetch API does not. */
function headersOf(req: HandlerRequest, given: object, { cookies, isPrivate }: AnswerHeaders): object {
  const headers = { ...given, ...(isPrivate ? { 'cache-control': 'no-store' } : {}) }
  if (cookies.length === 0) return headers
  if (isFetch(req.headers)) {
    const all = Object.entries(headers as Record<string, string>)
    return new Headers([...all, ...cookies.map((line): [string, string] => ['set-cookie', line])])
  }
  // What a resolver has set itself would be replaced.
  const { res } = (req.context ?? {}) as { readonly res?: Partial<ServerResponse> }
  return { ...headers, 'set-cookie': [res?.getHeader?.('set-cookie') ?? [], ...cookies].flat() }
}

/** As graphql-http chooses; what takes neither was refused before. */
function acceptedType(req: HandlerRequest): string {
  const [accept = ''] = headerValues(req, 'accept')
  const types = accept.toLowerCase().split(',')
  const first = types.map((type) => type.split(';')[0]?.trim() ?? '').find((type) => ACCEPTED.test(type))
  return first === 'application/graphql-response+json' ? first : 'application/json'
}

/** As graphql-http writes what `formatError` makes of an error. */
function plainError(_name: string, value: unknown): unknown {
  return value instanceof Error && !(value instanceof GraphQLError) ? { message: value.message } : value
}
