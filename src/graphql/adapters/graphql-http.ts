import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  validate,
} from 'graphql'
import { whenThere } from '../../core/thenable.ts'
import type { Admission } from '../admission.ts'
import { admit, HandlerCarrier, type HandlerRequest, servedRequests } from '../handler-request.ts'
import { type OriginOptions, originsOf } from '../origins.ts'
import type { HttpOutcome } from '../outcome.ts'
import type { AnswerHeaders } from '../served-request.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import { wrapOptions } from '../wrapped-options.ts'
import { type HttpResponse, isResponse, responder, withHeaders } from './graphql-http/answers.ts'
import type { HttpHandlerOptions } from './graphql-http/shapes.ts'

export type { OriginOptions } from '../origins.ts'
export type { HttpHandlerOptions } from './graphql-http/shapes.ts'

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
  const { schema, context, formatError = (error) => error, onSubscribe: own } = options
  const { parseRequestParams, validate: validateBy } = options
  if (typeof schema === 'object') serving.beginServing(schema as GraphQLSchema)
  const instead = new WeakMap<ExecutionResult, HttpOutcome>()
  const { open, fill } = servedRequests((req) => serving.open(new HandlerCarrier(req)))
  const respond = responder(formatError)
  const refuse = (req: HandlerRequest, error: unknown): HttpResponse => {
    const errors = error instanceof GraphQLError ? [error] : []
    const outcome = serving.outcomeOf({ errors })
    if (outcome === undefined) throw error
    return respond(req, { errors }, outcome)
  }
  const run = (
    args: ExecutionArgs,
    admission: Admission | undefined,
  ): ExecutionResult | Promise<ExecutionResult> => {
    if (admission === undefined || 'schema' in admission) {
      return (options.execute ?? execute)({ ...args, ...admission })
    }
    const { errors, outcome } = serving.answerInstead(admission.errors)
    const result = { errors }
    if (outcome !== undefined) instead.set(result, outcome)
    return result
  }
  /** @param own what the handler's own hook made of the result, if anything */
  const answer = (
    req: HandlerRequest,
    executed: ExecutionResult,
    own: unknown,
    headers: AnswerHeaders,
  ): unknown => {
    if (isResponse(own)) return withHeaders(req, own, headers)
    const result = (own ?? executed) as ExecutionResult
    if (Symbol.asyncIterator in result) return result
    // Whatever has been made of the errors.
    const { errors = result.errors } = executed
    const outcome = instead.get(executed) ?? serving.outcomeOf({ ...result, errors })
    return respond(req, result, outcome, headers)
  }
  // Each hook costs every request something, so there are only those that have something to do; and no promise where nothing is to be waited for.
  const hooks = {
    ...(serving.turnsAway && {
      parseRequestParams(req: HandlerRequest) {
        const away = open(req).turnAway(origins)
        if (away === undefined) return parseRequestParams?.(req)
        const error = new GraphQLError(away.message, { extensions: { code: 'BAD_REQUEST' } })
        return respond(req, { errors: [error] }, { status: away.status, headers: {} })
      },
    }),
    context(req: HandlerRequest, params: object) {
      const take = (given: unknown): unknown => (isResponse(given) ? given : fill(req, given ?? {}, params))
      try {
        const given = typeof context === 'function' ? context(req, params) : context
        const taken = whenThere(given, take)
        return taken instanceof Promise ? taken.catch((error) => refuse(req, error)) : taken
      } catch (error) {
        return refuse(req, error)
      }
    },
    ...(serving.withholdsHints && {
      validate: (...args: Parameters<typeof validate>) =>
        serving.withoutHints((validateBy ?? validate)(...args)),
    }),
    execute(args: ExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
      return whenThere(admit(serving, args), (admission) => run(args, admission))
    },
    onOperation(req: HandlerRequest, args: ExecutionArgs, executed: ExecutionResult) {
      const finish = (own: unknown): unknown => {
        serving.complete(args.contextValue)
        return whenThere(open(req).finish(), (headers) => answer(req, executed, own, headers))
      }
      return whenThere(options.onOperation?.(req, args, executed), finish)
    },
    ...(own && {
      async onSubscribe(req: HandlerRequest, params: object) {
        const given = await own(req, params)
        if (typeof given !== 'object' || given === null || !('document' in given)) return given
        // A copy in any case: an app may keep its arguments, and graphql-http writes the context of each request into them.
        return 'contextValue' in given
          ? { ...given, contextValue: fill(req, given.contextValue, params) }
          : { ...given }
      },
    }),
  }
  return wrapOptions(options, hooks)
}
