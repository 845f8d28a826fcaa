import { letIn } from './audit.ts'
import type { AuditedToken, AuditSettings, ReadDocument } from './options.ts'
import { exchange, openStream, type WireRequest, type WireStream } from './wire.ts'

/** Milliseconds after which a subscription that was not refused is taken to run. */
export const RUNS_AFTER = 500

/** An error of a GraphQL result, as far as audits look at it. */
interface ResultError {
  readonly extensions?: { readonly code?: unknown }
}

/** What a server answered. */
export interface Reading {
  readonly status: number
  /** By their names in lower case; several of one name in one text. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The data of each result in it, also of later parts. */
  readonly data: readonly unknown[]
  readonly errors: readonly ResultError[]
  /** Whether any of them was what only a login may have. */
  readonly isGranted: boolean
}

/** How something is asked. */
export interface Asking {
  readonly token?: string | undefined
  readonly method?: 'GET' | 'POST'
  readonly headers?: WireRequest['headers']
  readonly operationName?: string
  /** Put into the URL. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Instead of the document as JSON. */
  readonly body?: string
  /** @default what the user said of the query's data */
  readonly granted?: (data: unknown) => boolean
}

/** The server under audit, and who asks it. */
export interface AuditedServer {
  readonly settings: AuditSettings
  ask(document: Pick<ReadDocument, 'query' | 'variables'>, asking?: Asking): Promise<Reading>
  /** Whether data is what only a login may have. */
  isGranted(data: unknown): boolean
  /** The same as `ask`, for an answer that does not end by itself. */
  stream(document: ReadDocument, token?: string): Promise<WireStream>
  /** A token of a login of its own, seen to open the query. */
  newToken(): Promise<string>
  /** A token that no audit ends, seen to open the query just now. */
  goodToken(): Promise<string>
}

export function auditedServer(settings: AuditSettings): AuditedServer {
  const { url, query, login } = settings
  let good: string | undefined
  const server: AuditedServer = {
    settings,
    async ask(document, asking = {}) {
      const { status, headers, text } = await exchange(
        targetOf(url, document, asking),
        wireOf(document, asking),
      )
      return read(status, headers, text, asking.granted ?? settings.granted)
    },
    isGranted: (data) => isGranted(settings.granted, data),
    stream(document, token) {
      const headers = { accept: 'text/event-stream' }
      return openStream(url, wireOf(document, { token, headers }))
    },
    async newToken() {
      const token = await login()
      if (typeof token !== 'string' || token === '') throw new Error('login resolved with no token')
      const { isGranted, status } = await server.ask(query, { token })
      letIn(isGranted, `a token of a new login does not open the query (${status})`)
      return token
    },
    async goodToken() {
      // Where a logout of another login ended it, what is refused afterwards would say nothing.
      if (good === undefined || !(await server.ask(query, { token: good })).isGranted)
        good = await server.newToken()
      return good
    },
  }
  return server
}

/** The text of a token that the user gave. */
export async function tokenOf(given: AuditedToken): Promise<string> {
  return typeof given === 'string' ? given : given()
}

function targetOf(
  url: URL,
  { query, variables }: Pick<ReadDocument, 'query' | 'variables'>,
  { method, operationName, parameters = {} }: Asking,
): URL {
  const target = new URL(url)
  const asked: Readonly<Record<string, string>> =
    method === 'GET'
      ? {
          query,
          variables: JSON.stringify(variables),
          ...(operationName === undefined ? {} : { operationName }),
        }
      : {}
  const all: Readonly<Record<string, string>> = { ...asked, ...parameters }
  for (const [name, value] of Object.entries(all)) target.searchParams.set(name, value)
  return target
}

function wireOf(
  { query, variables }: Pick<ReadDocument, 'query' | 'variables'>,
  { token, method = 'POST', headers = {}, operationName, body }: Asking,
): WireRequest {
  const all = {
    accept: 'application/graphql-response+json, application/json;q=0.9',
    // Apollo Server wants to know that a GET was no accident.
    ...(method === 'GET' ? { 'apollo-require-preflight': '1' } : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...headers,
  }
  if (method === 'GET') return { method, headers: all }
  return { method, headers: all, body: body ?? JSON.stringify({ query, variables, operationName }) }
}

function read(
  status: number,
  given: NodeJS.Dict<string | string[]>,
  text: string,
  granted: (data: unknown) => boolean,
): Reading {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) headers[name] = [value ?? []].flat().join(', ')
  const results = resultsIn(text)
  const data = results.flatMap(dataIn)
  const errors = results.flatMap(({ errors: list }) => (Array.isArray(list) ? list : []))
  return { status, headers, text, data, errors, isGranted: data.some((one) => isGranted(granted, one)) }
}

/** What the user says of data need not reckon with data that is not there. */
function isGranted(granted: (data: unknown) => boolean, data: unknown): boolean {
  try {
    return granted(data)
  } catch {
    return false
  }
}

type Result = Readonly<Record<string, unknown>>

/** Results of a body of JSON, multipart/mixed or text/event-stream. */
export function resultsIn(text: string): readonly Result[] {
  const whole = parse(text)
  const found =
    whole === undefined ? text.split(/\r?\n/).map((line) => parse(line.replace(/^data: ?/, ''))) : [whole]
  return found.flat().filter((one): one is Result => typeof one === 'object' && one !== null)
}

/** The data of a result, and of all that came later to it. */
function dataIn({ data, incremental }: Result): readonly unknown[] {
  const later = Array.isArray(incremental) ? (incremental as Result[]) : []
  return [data, ...later.flatMap(({ data: one, items }) => [one, items])].filter((one) => one != null)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
