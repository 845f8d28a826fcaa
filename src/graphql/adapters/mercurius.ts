import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind, validate } from 'graphql'
import type { Carrier } from '../../core/carrier.ts'
import { checkNames, readOrigins } from '../../core/option-checks.ts'
import { MissingContextError } from '../missing-context.ts'
import type { HttpOutcome, ResultLike } from '../outcome.ts'
import type { ServedRequest } from '../served-request.ts'
import type { Serving } from '../serving.ts'

/** What `mercuriusAuthX` takes beside the instance. */
export interface MercuriusAuthXOptions {
  /**
   * Where tokens travel in cookies: the origins of other pages that may ask, such as `https://app.example.com`; name them in the server's CORS as well.
   *
   * @default none
   */
  readonly origins?: readonly string[]
}

/** The instance, as far as it is used here. */
export interface MercuriusInstance {
  readonly serving: Serving
  protect(schema: GraphQLSchema): GraphQLSchema
}

/** What is used of a Fastify request. */
export interface MercuriusRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly raw: { readonly headersDistinct?: unknown }
  readonly body?: unknown
  readonly query?: unknown
}

/** What is used of a Fastify reply. */
export interface MercuriusReply {
  readonly request: MercuriusRequest
  send(payload?: unknown): unknown
  code(status: number): unknown
  header(name: string, value: unknown): unknown
}

/** What is used of `app.graphql`. */
export interface MercuriusGraphql extends Record<(typeof CHANGES)[number], (change: never) => unknown> {
  schema: GraphQLSchema
  // biome-ignore lint/suspicious/noExplicitAny: Mercurius declares one for each name
  addHook(name: any, hook: any): void
}

/** `reply` is there where Mercurius serves a request, `request` where it serves a socket, neither where an app calls `app.graphql()` by itself. */
interface Context {
  readonly reply?: MercuriusReply
  readonly request?: MercuriusRequest
  readonly _connectionInit?: unknown
  readonly __currentQuery?: string
  readonly operationsCount?: number
  readonly operationId?: number
}

/** What changes the schema that Mercurius serves. */
const CHANGES = [
  'replaceSchema',
  'extendSchema',
  'defineResolvers',
  'defineLoaders',
  'transformSchema',
] as const

/** Results as execution left them, before a formatter of the user's made anything of their errors. */
const unformatted = new WeakMap<object, ResultLike>()

/** Thrown instead of executing an operation; Mercurius reads `errors`, as of its own errors of validation. */
class Refused extends Error {
  readonly errors: readonly GraphQLError[]
  readonly statusCode: number
  readonly extensions: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(errors: readonly GraphQLError[], outcome?: HttpOutcome, options?: ErrorOptions) {
    super(errors[0]?.message, options)
    const { http, ...extensions } = (errors[0]?.extensions ?? {}) as { http?: { status?: number } }
    this.errors = http === undefined ? errors : [new GraphQLError(this.message, { extensions })]
    this.extensions = extensions
    this.statusCode = outcome?.status ?? http?.status ?? 400
    this.headers = outcome?.headers ?? {}
  }
}

/**
 * Brings an AuthX instance to Mercurius; to be registered after it. Protects the schema and whatever changes it later, fills the context, and sets status,
 * challenge, caching headers and cookies from the whole result. Where tokens travel in cookies, what pages of other origins send is turned away.
 *
 * @example
 * await app.register(mercurius, mercuriusOptions(authx, { schema, resolvers }))
 * await app.register(mercuriusAuthX(authx))
 *
 * @throws ConfigurationError where an option is wrong, and as `protect` does
 */
export function mercuriusAuthX(
  authx: MercuriusInstance,
  options: MercuriusAuthXOptions = {},
): (app: { readonly graphql: MercuriusGraphql }) => Promise<void> {
  checkNames('mercuriusAuthX', options, { origins: true })
  const origins = readOrigins('mercuriusAuthX.origins', options.origins ?? [])
  const { serving } = authx
  const requests = new WeakMap<object, ServedRequest>()
  const owners = new WeakMap<object, object>()

  const open = ({ reply, request, _connectionInit }: Context): ServedRequest | undefined => {
    if (reply === undefined) return request && openSocket(serving, request, _connectionInit, origins)
    let opened = requests.get(reply)
    if (opened === undefined) {
      opened = serving.open(carrierOf(reply.request))
      requests.set(reply, opened)
      finishBeforeSending(reply, opened)
    }
    turnAway(opened, origins)
    return opened
  }

  /** Nobody's context stays as it is: a guarded field refuses it. */
  const fill = (context: Context): ServedRequest | undefined => {
    const opened = open(context)
    if (opened === undefined) return undefined
    const owner = context.reply ?? context
    if ((owners.get(context) ?? owner) !== owner) {
      throw broken(
        new Error("Mercurius' option `context` gives one object to all requests; make one for each"),
      )
    }
    owners.set(context, owner)
    Object.assign(context, opened.contextMembers(context, bodyOf(context)?.extensions))
    return opened
  }

  const admit = async (
    schema: GraphQLSchema,
    document: DocumentNode,
    context: Context,
    variableValues?: Record<string, unknown>,
  ): Promise<{ schema: GraphQLSchema } | undefined> => {
    let view: { schema: GraphQLSchema } | undefined
    for (const operationName of namesOf(document, context)) {
      const execution = { schema, document, operationName, variableValues, contextValue: context }
      const admission = await serving.admit(execution)
      if (admission === undefined) continue
      if ('errors' in admission) throw new Refused(admission.errors, serving.outcomeOf(admission))
      view = admission
    }
    return view
  }

  const plugin = async ({ graphql }: { readonly graphql: MercuriusGraphql }): Promise<void> => {
    const known = keepProtected(authx, graphql)
    const check = (schema: GraphQLSchema): void => {
      if (known.has(schema)) return
      try {
        serving.assertProtected(schema)
      } catch (error) {
        throw broken(error)
      }
      known.add(schema)
    }
    graphql.addHook('preParsing', (_schema: GraphQLSchema, _source: string, context: Context) => {
      if (context.reply !== undefined) open(context)
    })
    graphql.addHook('preValidation', (schema: GraphQLSchema, document: DocumentNode) => {
      if (!serving.withholdsHints) return
      const errors = validate(schema, document)
      if (errors.length > 0) throw new Refused(serving.withoutHints(errors))
    })
    graphql.addHook(
      'preExecution',
      async (...[schema, document, context, variables]: Parameters<typeof admit>) => {
        check(schema)
        fill(context)
        return admit(schema, document, context, variables)
      },
    )
    graphql.addHook('onResolution', (execution: ResultLike, { reply, operationsCount }: Context) => {
      const outcome = serving.outcomeOf(unformatted.get(execution) ?? execution)
      // A batch has one status for several answers: that of the server.
      if (outcome !== undefined && reply !== undefined && operationsCount === undefined)
        setOutcome(reply, outcome)
    })
    graphql.addHook(
      'preSubscriptionExecution',
      async (...[schema, document, context]: Parameters<typeof admit>) => {
        check(schema)
        const refusal = await fill(context)?.refuseBadToken(context)
        if (refusal !== undefined) throw refusal
        await admit(schema, document, context)
      },
    )
  }
  // As fastify-plugin does it: for the app that registers it, not for a child of its own; and Fastify says where Mercurius is not there yet.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('plugin-meta')]: { name: 'graphql-authx', fastify: '5.x', dependencies: ['mercurius'] },
  })
}

/** What Mercurius is registered with, as far as it is used here. */
export interface MercuriusOptionsLike {
  // biome-ignore-start lint/suspicious/noExplicitAny: Mercurius' own, which have its and Fastify's types
  readonly errorFormatter?: (execution: any, context: any) => any
  readonly subscription?: boolean | { readonly onConnect?: (data: any) => any }
  // biome-ignore-end lint/suspicious/noExplicitAny: as above
}

/**
 * The options that Mercurius is registered with, plus what no hook of it can do: statuses are right whatever an `errorFormatter` makes of errors, and where it
 * serves subscriptions, a bad token is refused when a socket connects.
 *
 * @throws ConfigurationError where an option is wrong
 */
export function mercuriusOptions<Options extends MercuriusOptionsLike>(
  { serving }: { readonly serving: Serving },
  options: Options,
  { origins: named = [] }: MercuriusAuthXOptions = {},
): Options {
  const origins = readOrigins('mercuriusOptions.origins', named)
  const { errorFormatter, subscription } = options
  const made: { -readonly [Name in keyof MercuriusOptionsLike]: MercuriusOptionsLike[Name] } = { ...options }
  if (errorFormatter !== undefined) {
    made.errorFormatter = (execution, context) => {
      unformatted.set(execution, { data: execution.data, errors: execution.errors })
      return errorFormatter(execution, context)
    }
  }
  if (subscription !== undefined && subscription !== false) {
    const given = subscription === true ? {} : subscription
    made.subscription = { ...given, onConnect: connectOnly(serving, origins, given.onConnect) }
  }
  return made as Options
}

/** Mercurius calls it as a method of the connection. */
interface Connection {
  readonly socket: { close(code: number, reason: string): void }
  readonly context: Context
}

function connectOnly(serving: Serving, origins: readonly string[], then?: (data: never) => unknown) {
  return async function onConnect(this: Connection, data: { readonly payload?: unknown }): Promise<unknown> {
    const { request } = this.context
    try {
      if (request === undefined) throw new MissingContextError()
      const refusal = await openSocket(serving, request, data.payload, origins).refuseBadToken(this.context)
      if (refusal !== undefined) throw refusal
    } catch {
      // Before Mercurius, which would close without a code.
      this.socket.close(4403, 'Forbidden')
      return false
    }
    return then === undefined ? true : then.call(this, data as never)
  }
}

/** Protects what is served, now and after every change. What cannot be protected is not known, and so not served. */
function keepProtected(authx: MercuriusInstance, graphql: MercuriusGraphql): WeakSet<GraphQLSchema> {
  const known = new WeakSet<GraphQLSchema>()
  const replace = graphql.replaceSchema.bind(graphql) as (schema: GraphQLSchema) => unknown
  const protect = (): void => {
    known.delete(graphql.schema)
    const schema = authx.protect(graphql.schema)
    authx.serving.assertProtected(schema)
    known.add(schema)
    replace(schema)
  }
  for (const name of CHANGES) {
    const change = graphql[name].bind(graphql) as (value: unknown) => unknown
    graphql[name] = (value: unknown) => {
      const done = change(value)
      protect()
      return done
    }
  }
  protect()
  return known
}

function broken(cause: unknown): Refused {
  const { message, extensions } = new MissingContextError()
  return new Refused([new GraphQLError(message, { extensions })], undefined, { cause })
}

function turnAway(opened: ServedRequest, origins: readonly string[]): void {
  const away = opened.turnAway(origins)
  if (away === undefined) return
  const extensions = { code: 'BAD_REQUEST', http: { status: away.status } }
  throw new Refused([new GraphQLError(away.message, { extensions })])
}

/** Fastify knows no hook for one reply, and those for all of them do not reach the route that Mercurius made before. */
function finishBeforeSending(reply: MercuriusReply, opened: ServedRequest): void {
  const send = reply.send
  let finished: Promise<void> | undefined
  let refused: Refused | undefined
  reply.send = (payload) => {
    if (payload instanceof Refused) refused = payload
    finished ??= setHeaders(reply, opened)
    const go = (): void => {
      // An error's own handler said a status of its own.
      if (refused !== undefined) setOutcome(reply, { status: refused.statusCode, headers: refused.headers })
      send.call(reply, payload)
    }
    finished.then(go, (error) => send.call(reply, error))
    return reply
  }
}

async function setHeaders(reply: MercuriusReply, opened: ServedRequest): Promise<void> {
  const { cookies, isPrivate } = await opened.finish()
  if (isPrivate) reply.header('Cache-Control', 'no-store')
  if (cookies.length > 0) reply.header('Set-Cookie', cookies)
}

function setOutcome(reply: MercuriusReply, { status, headers }: HttpOutcome): void {
  reply.code(status)
  for (const [name, value] of Object.entries(headers)) reply.header(name, value)
}

function carrierOf({ method, url, headers, raw }: MercuriusRequest): Carrier {
  const distinct = raw.headersDistinct as Readonly<Record<string, string[] | undefined>> | undefined
  return {
    method,
    queryValues: (name) => new URL(url, 'http://localhost').searchParams.getAll(name),
    headerValues: (name) => distinct?.[name] ?? [headers[name] ?? []].flat(),
  }
}

/** What a browser says of itself; whoever fills a payload cannot say it in its place. */
const NOT_OF_PAYLOAD = /^(cookie|host|origin|content-type|sec-.*)$/

/** One operation of a socket, or its beginning. The payload of `connection_init` stands for headers that browsers do not let a page set. */
function openSocket(
  serving: Serving,
  request: MercuriusRequest,
  payload: unknown,
  origins: readonly string[],
): ServedRequest {
  // The second `Authorization` of an upgrade is hidden in `headers`, into which Mercurius writes the payload.
  const { method, ...upgrade } = carrierOf(request)
  turnAway(serving.open({ ...upgrade, method: method ?? 'GET' }), origins)
  const given = (objectOf(objectOf(payload)?.headers) ?? objectOf(payload)) as
    | Record<string, unknown>
    | undefined
  const headerValues = (name: string): readonly string[] => {
    const own = upgrade.headerValues(name)
    if (given === undefined || NOT_OF_PAYLOAD.test(name)) return own
    const more = Object.entries(given).filter(([key]) => key.toLowerCase() === name)
    return [...own, ...more.map(([, value]) => value).filter((value) => typeof value === 'string')]
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

function bodyOf({ reply, operationId = 0 }: Context): Body | undefined {
  const { method, body, query } = reply?.request ?? {}
  return objectOf(method === 'GET' ? query : Array.isArray(body) ? body[operationId] : body)
}

/** No hook is told which operation of a document runs: the one that the request names, on Mercurius' own route; elsewhere any of them, queries first. */
function namesOf({ definitions }: DocumentNode, context: Context): readonly (string | undefined)[] {
  const operations = definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  if (operations.length < 2) return [undefined]
  const queries = operations.filter(({ operation }) => operation === 'query')
  const names = [...new Set([...queries, ...operations])].map(({ name }) => name?.value)
  const named = context.__currentQuery === undefined ? undefined : bodyOf(context)?.operationName
  return typeof named === 'string' && names.includes(named) ? [named] : names
}
