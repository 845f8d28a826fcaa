import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { IResolvers } from '@graphql-tools/utils'
import {
  type ExecutionResult,
  type GraphQLField,
  type GraphQLSchema,
  graphql,
  isObjectType,
  parse,
  subscribe,
} from 'graphql'
import { createYoga } from 'graphql-yoga'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import type { AuthX } from '../../src/index.ts'
import { openAuthX } from './instance.ts'

/** Resolvers as a test writes them: what they are given is up to the test. */
// biome-ignore lint/suspicious/noExplicitAny: a test's resolvers take whatever its schema says
export type Resolvers = IResolvers<any, any>

/** A schema by `makeExecutableSchema` that this instance guards. */
export function guarded(authx: AuthX, typeDefs: string | string[], resolvers: Resolvers = {}): GraphQLSchema {
  return authx.protect(makeExecutableSchema({ typeDefs: [authx.typeDefs, typeDefs].flat(), resolvers }))
}

/** The field of an object type, as execution finds it. */
export function fieldAt(schema: GraphQLSchema, coordinate: string): GraphQLField<unknown, unknown> {
  const [typeName = '', fieldName = ''] = coordinate.split('.')
  const type = schema.getType(typeName)
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined
  if (field === undefined) throw new Error(`${coordinate} is not there`)
  return field
}

/** What a request carries beside its document. */
export interface RequestParts {
  readonly token?: string | undefined
  readonly variables?: Readonly<Record<string, unknown>>
}

/** An answer: its data, and each error as `path: REASON` (or its code, where it has no reason). */
export interface Answer {
  readonly data: unknown
  readonly refused: readonly string[]
}

export interface Stream {
  /** The next event; undefined when there are no more. */
  next(): Promise<Answer | undefined>
  stop(): Promise<void>
}

/** A way to reach a schema. */
export interface Api extends AsyncDisposable {
  query(document: string, request?: RequestParts): Promise<Answer>
  /** A refused subscription is a stream of one answer. */
  subscribe(document: string, request?: RequestParts): Promise<Stream>
}

export type OpenApi = (authx: AuthX, schema: GraphQLSchema) => Promise<Api>

/** The executors that every rule must hold in. */
export const EXECUTORS: readonly { readonly executor: string; readonly open: OpenApi }[] = [
  { executor: 'graphql-js', open: inProcess },
  { executor: 'Yoga', open: serve },
]

/** A schema that a new instance guards, reached through an executor, and tokens of that instance. */
export interface Reached extends Api {
  readonly token: string
  scoped(...scopes: string[]): Promise<string>
}

export async function reach(
  open: OpenApi,
  typeDefs: string | string[],
  resolvers: Resolvers,
): Promise<Reached> {
  const { authx } = openAuthX()
  const api = await open(authx, guarded(authx, typeDefs, resolvers))
  const scoped = (...scopes: string[]): Promise<string> => authx.createAccessToken({ sub: 'ada', scopes })
  return Object.assign(api, { token: await authx.createAccessToken({ sub: 'ada' }), scoped })
}

/** graphql-js without a server. */
export async function inProcess(authx: AuthX, schema: GraphQLSchema): Promise<Api> {
  return {
    async query(source, { token, variables: variableValues = {} } = {}) {
      return read(await graphql({ schema, source, variableValues, contextValue: contextFor(authx, token) }))
    },
    async subscribe(source, { token, variables: variableValues = {} } = {}) {
      const contextValue = contextFor(authx, token)
      return streamOf(await subscribe({ schema, document: parse(source), variableValues, contextValue }))
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** A context as an adapter makes it, for a request with this token in its Authorization header. */
export function contextFor(authx: AuthX, token: string | undefined): object {
  const headerValues = (name: string) =>
    name === 'authorization' && token !== undefined ? [`Bearer ${token}`] : []
  return authx.serving.open({ headerValues }).contextMembers({})
}

async function* once(result: ExecutionResult): AsyncGenerator<ExecutionResult> {
  yield result
}

/** An execution's events one by one, whatever it answered with. */
export function streamOf(result: ExecutionResult | AsyncGenerator<ExecutionResult>): Stream {
  const events = Symbol.asyncIterator in result ? result : once(result)
  return {
    async next() {
      const event = await events.next()
      return event.done === true ? undefined : read(event.value)
    },
    async stop() {
      await events.return(undefined)
    },
  }
}

/** A Yoga on a free port of this machine, with `useAuthX`. */
export interface Server extends Api {
  readonly url: string
  /** One POST (or whatever `init` says) to the endpoint. */
  send(body: unknown, init?: SendInit): Promise<Response>
}

export interface SendInit {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface ServeOptions {
  readonly plugins?: readonly ReturnType<typeof useAuthX>[]
  readonly batching?: boolean
}

export async function serve(
  authx: AuthX,
  schema: GraphQLSchema,
  options: ServeOptions = {},
): Promise<Server> {
  const { plugins = [useAuthX(authx)], batching = false } = options
  const yoga = createYoga({ schema, plugins: [...plugins], batching, logging: false, graphiql: false })
  const http = createServer(yoga)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`
  const send = (body: unknown, { token, headers = {} }: SendInit = {}): Promise<Response> =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token), ...headers },
      body: JSON.stringify(body),
    })
  return {
    url,
    send,
    async query(query, { token, variables } = {}) {
      return read((await (await send({ query, variables }, { token })).json()) as ExecutionResult)
    },
    async subscribe(query, { token, variables } = {}) {
      const headers = { accept: 'text/event-stream' }
      return streamOf(eventsOf(await send({ query, variables }, { token, headers })))
    },
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** Reads server-sent events of the "distinct connections" mode. */
export async function* eventsOf(response: Response): AsyncGenerator<ExecutionResult> {
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end)
      text = text.slice(end + 2)
      const data = /^data: (.+)$/m.exec(event)?.[1]
      if (/^event: next$/m.test(event) && data !== undefined) yield JSON.parse(data)
    }
  }
}

interface ReadError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: { readonly reason?: string; readonly code?: string }
}

/** Takes from a result what a rule is about. */
export function read(result: ExecutionResult): Answer {
  const { data = null, errors = [] } = JSON.parse(JSON.stringify(result)) as {
    data?: unknown
    errors?: readonly ReadError[]
  }
  const refused = errors.map(({ path, extensions, message }) => {
    const where = path === undefined ? '' : `${path.join('.')}: `
    return `${where}${extensions?.reason ?? extensions?.code ?? message}`
  })
  return { data, refused }
}

/** A promise that a test settles. */
export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

export function gate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
