import { type ServerResponse, STATUS_CODES } from 'node:http'
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  validate,
} from 'graphql'
import { isThenable } from '../../core/availability.ts'
import type { Admission } from '../admission.ts'
import { HandlerCarrier, type HandlerRequest, servedRequests } from '../handler-request.ts'
import { type OriginOptions, originsOf } from '../origins.ts'
import type { HttpOutcome } from '../outcome.ts'
import { headerValues, isFetch } from '../request-headers.ts'
import type { AnswerHeaders } from '../served-request.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import type { HttpHandlerOptions } from './graphql-http/shapes.ts'

export type { OriginOptions } from '../origins.ts'
export type { HttpHandlerOptions } from './graphql-http/shapes.ts'

/** graphql-http's `Response`. */
type HttpResponse = readonly [body: string | null, init: { readonly headers?: object }]

type Eventually<Value> = Value | Promise<Value>

const ACCEPTED = /^application\/(graphql-response\+json|json|\*)$|^\*\/\*$/

/**
 * Brings an AuthX instance to a handler of graphql-http, whichever server it is for: fills the context, and sets status, challenge, caching headers and cookies
 * from the whole result. Where tokens travel in cookies, what pages of other origins send is turned away.
 *
 * @example
 * createHandler(authxOptions(authx, { schema: authx.protect(schema) }))
 *
 * @param options the handler's own; its `context`, where there is one, has to be an object or a function that gives one
 * @throws ConfigurationError where an option is wrong
 */
export function authxOptions<Options extends HttpHandlerOptions>(
  authx: { readonly serving: Serving },
  options: Options,
  more: OriginOptions = {},
): Options {
  const serving = servingOf('authxOptions', authx)
  const origins = originsOf('authxOptions', more)
  const { schema, context, formatError = (error) => error } = options
  if (typeof schema === 'object') serving.beginServing(schema as GraphQLSchema)
  const instead = new WeakMap<ExecutionResult, HttpOutcome>()
  const { open, fill } = servedRequests((req) => serving.open(new HandlerCarrier(req)))
  const respond = (
    req: HandlerRequest,
    { errors, ...result }: ExecutionResult,
    { status, headers }: HttpOutcome = { status: 200, headers: {} },
    answer: AnswerHeaders = { cookies: [], isPrivate: false },
  ): HttpResponse => {
    const formatted = errors && { errors: errors.map((error) => formatError(error)) }
    const all = headersOf(req, { 'content-type': `${acceptedType(req)}; charset=utf-8`, ...headers }, answer)
    const init = { status, statusText: STATUS_CODES[status] ?? '', headers: all }
    return [JSON.stringify({ ...formatted, ...result }, plainError), init]
  }
  const refuse = (req: HandlerRequest, error: unknown): HttpResponse => {
    const errors = error instanceof GraphQLError ? [error] : []
    const outcome = serving.outcomeOf({ errors })
    if (outcome === undefined) throw error
    return respond(req, { errors }, outcome)
  }
  const run = (args: ExecutionArgs, admission: Admission | undefined): Eventually<ExecutionResult> => {
    if (admission === undefined || 'schema' in admission) {
      return (options.execute ?? execute)({ ...args, ...admission })
    }
    const { errors, outcome } = serving.answerInstead(admission.errors)
    const result = { errors }
    if (outcome !== undefined) instead.set(result, outcome)
    return result
  }
  const answer = (
    req: HandlerRequest,
    executed: ExecutionResult,
    own: unknown,
    headers: AnswerHeaders,
  ): unknown => {
    if (Array.isArray(own)) {
      const [body, init] = own as unknown as HttpResponse
      return [body, { ...init, headers: headersOf(req, init.headers ?? {}, headers) }]
    }
    const result = (own ?? executed) as ExecutionResult
    if (Symbol.asyncIterator in result) return result
    // Whatever has been made of the errors.
    const { errors = result.errors } = executed
    const outcome = instead.get(executed) ?? serving.outcomeOf({ ...result, errors })
    return respond(req, result, outcome, headers)
  }
  // Each hook costs every request something, so there are only those that have something to do; and no promise where nothing is to be waited for.
  const wrapped = {
    ...(serving.turnsAway && {
      parseRequestParams(req: HandlerRequest) {
        const away = open(req).turnAway(origins)
        if (away === undefined) return options.parseRequestParams?.(req)
        const error = new GraphQLError(away.message, { extensions: { code: 'BAD_REQUEST' } })
        return respond(req, { errors: [error] }, { status: away.status, headers: {} })
      },
    }),
    context(req: HandlerRequest, params: object) {
      const take = (given: unknown): unknown =>
        Array.isArray(given) ? given : fill(req, given ?? {}, params)
      try {
        const given = typeof context === 'function' ? context(req, params) : context
        return isThenable(given)
          ? given.then(take).then(undefined, (error) => refuse(req, error))
          : take(given)
      } catch (error) {
        return refuse(req, error)
      }
    },
    ...(serving.withholdsHints && {
      validate: (...args: Parameters<typeof validate>) =>
        serving.withoutHints((options.validate ?? validate)(...args)),
    }),
    execute(args: ExecutionArgs): Eventually<ExecutionResult> {
      const unprotected = serving.refuseUnprotected(args.schema)
      const admission = unprotected === undefined ? serving.admit(args) : { errors: [unprotected] }
      return isThenable(admission) ? admission.then((settled) => run(args, settled)) : run(args, admission)
    },
    onOperation(req: HandlerRequest, args: ExecutionArgs, executed: ExecutionResult) {
      const finish = (own: unknown): unknown => {
        serving.complete(args.contextValue)
        const headers = open(req).finish()
        return isThenable(headers)
          ? headers.then((settled) => answer(req, executed, own, settled))
          : answer(req, executed, own, headers)
      }
      const own = options.onOperation?.(req, args, executed)
      return isThenable(own) ? own.then(finish) : finish(own)
    },
    ...(options.onSubscribe && {
      async onSubscribe(req: HandlerRequest, params: object) {
        const given = await options.onSubscribe?.(req, params)
        if (typeof given !== 'object' || given === null || !('contextValue' in given)) return given
        return { ...given, contextValue: fill(req, given.contextValue, params) }
      },
    }),
  }
  return { ...options, ...wrapped }
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
