import { type ExecutionArgs, execute, GraphQLError, type GraphQLSchema, subscribe, validate } from 'graphql'
import { admit, HandlerCarrier, type HandlerRequest, servedRequests } from '../handler-request.ts'
import { type OriginOptions, originsOf } from '../origins.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import { wrapOptions } from '../wrapped-options.ts'

/** What `withAuthX` takes beside the options of graphql-sse. */
export type WithAuthXOptions = OriginOptions

// biome-ignore lint/suspicious/noExplicitAny: hooks of the user's, with what graphql-sse hands them
type Hook = (...args: any[]) => any

/** The options of graphql-sse that are looked at. */
interface EventOptions {
  readonly schema?: unknown
  readonly context?: unknown
  readonly validate?: Hook
  readonly execute?: Hook
  readonly subscribe?: Hook
  readonly authenticate?: Hook
  readonly onConnect?: Hook
  readonly onSubscribe?: Hook
  readonly onOperation?: Hook
}

/** graphql-sse's `Response`. */
type EventResponse = readonly [
  body: string | null,
  init: { readonly status: number; readonly statusText: string },
]

/**
 * The options of a graphql-sse handler, with an AuthX instance around them: each operation is judged by the token of its own request, and its stream ends when that token does, with
 * the error and then `complete`. Every stream is a 200, refusals are in it, and it can set no cookies: its headers are graphql-sse's. Each operation has a stream of its own ("distinct
 * connections mode"), unless the options have an `authenticate`.
 *
 * @example
 * createHandler(withAuthX(authx, { schema: authx.protect(schema) }))
 *
 * @param options the handler's own; its `context`, where there is one, has to be an object or a function that gives one
 * @throws ConfigurationError where an option is wrong, or the schema was not protected
 */
export function withAuthX<Options extends object>(
  authx: { readonly serving: Serving },
  options: Options,
  more: WithAuthXOptions = {},
): Options {
  const serving = servingOf('withAuthX', authx)
  const origins = originsOf('withAuthX', more)
  const given = options as EventOptions
  if (typeof given.schema === 'object') serving.beginServing(given.schema as GraphQLSchema)
  const { open, fill } = servedRequests((req) => serving.open(new HandlerCarrier(req)).withoutHeaders())
  const turnAway = (req: HandlerRequest): EventResponse | undefined => {
    const away = open(req).turnAway(origins)
    return away && [null, { status: away.status, statusText: away.message }]
  }
  const contextOf = async (req: HandlerRequest, params: object): Promise<object> => {
    const { context } = given
    return fill(req, (typeof context === 'function' ? await context(req, params) : context) ?? {}, params)
  }
  /** Those that are made before graphql-sse asks for them: there, what refuses would be an error of the server. */
  const contexts = new WeakMap<HandlerRequest, object>()
  const run =
    (what: Hook): Hook =>
    async (args: ExecutionArgs) => {
      const admission = await admit(serving, args)
      if (admission === undefined || 'schema' in admission) return what({ ...args, ...admission })
      return { errors: serving.answerInstead(admission.errors).errors }
    }
  const hooks: EventOptions = {
    validate: (...args: Parameters<typeof validate>) =>
      serving.withoutHints((given.validate ?? validate)(...args) as readonly GraphQLError[]),
    execute: run(given.execute ?? (execute as Hook)),
    subscribe: run(given.subscribe ?? (subscribe as Hook)),
    context: async (req: HandlerRequest, params: object) => contexts.get(req) ?? contextOf(req, params),
    // graphql-sse's own default lets anybody reserve streams without end, and whoever knows one's token, made by Math.random, reads what it carries.
    authenticate: given.authenticate ?? (() => null),
    onConnect: async (req: HandlerRequest) => turnAway(req) ?? given.onConnect?.(req),
    async onSubscribe(req: HandlerRequest, params: object) {
      const answer = turnAway(req) ?? (await given.onSubscribe?.(req, params))
      if (typeof answer === 'object' && answer !== null) {
        return 'contextValue' in answer
          ? { ...answer, contextValue: fill(req, answer.contextValue, params) }
          : answer
      }
      try {
        contexts.set(req, await contextOf(req, params))
      } catch (error) {
        if (!(error instanceof GraphQLError) || serving.outcomeOf({ errors: [error] }) === undefined)
          throw error
        contexts.set(req, {})
        return { data: null, errors: [error] }
      }
    },
    async onOperation(context: unknown, req: HandlerRequest, args: ExecutionArgs, result: unknown) {
      const answer = (await given.onOperation?.(context, req, args, result)) ?? result
      return serving.bindAnswer(answer, args.contextValue)
    },
  }
  return wrapOptions(options, hooks)
}
