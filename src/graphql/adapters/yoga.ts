import type { ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Carrier } from '../../core/carrier.ts'
import { whenThere } from '../../core/thenable.ts'
import type { Admission, Execution } from '../admission.ts'
import { type OriginOptions, originsOf, turnedAwayError } from '../origins.ts'
import type { ResultLike } from '../outcome.ts'
import { distinctValues, urlValues, type WithNodeRequest } from '../request-headers.ts'
import type { AnswerHeaders, ServedRequest } from '../served-request.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import type { ServedSocket } from '../sockets/served-socket.ts'
import type { UpgradeRequest } from '../sockets/socket-carrier.ts'

export { useBodyLimit } from './yoga/body-limit.ts'

/** What Yoga hands over when it listens on node:http. */
interface NodeContext {
  readonly req?: WithNodeRequest
}

/** What was opened for a request, on it. */
interface Marked {
  [key: symbol]: ServedRequest | undefined
}

/** What graphql-ws hands over. */
interface SocketContext {
  readonly extra?: { readonly request?: UpgradeRequest }
  readonly connectionParams?: unknown
}

/** An operation that was executed or subscribed to, as Yoga tells it. */
interface Answered {
  readonly args: Execution
  readonly result: unknown
  readonly setResult: (result: never) => void
}

/** What `useAuthX` takes beside the instance. */
export type UseAuthXOptions = OriginOptions

/** The hooks of Yoga, and of what is made of its parts, that `useAuthX` has. */
export type AuthXPlugin = Pick<
  Plugin,
  | 'onSchemaChange'
  | 'onRequestParse'
  | 'onContextBuilding'
  | 'onValidate'
  | 'onExecute'
  | 'onSubscribe'
  | 'onExecutionResult'
  | 'onResponse'
>

/**
 * Brings an AuthX instance to GraphQL Yoga: fills the context, and sets status, challenge, caching headers and cookies from the whole result. Where tokens
 * travel in cookies, what pages of other origins send is turned away, and so is every POST that is not JSON.
 *
 * @example
 * createYoga({ schema: authx.protect(schema), plugins: [useAuthX(authx)] })
 *
 * @throws ConfigurationError where an option is wrong
 */
export function useAuthX(authx: { readonly serving: Serving }, options: UseAuthXOptions = {}): AuthXPlugin {
  const serving = servingOf('useAuthX', authx)
  const origins = originsOf('useAuthX', options)
  // On the request itself: what a WeakMap holds outlives the small collections of garbage, and that cost as much as a third of all that Yoga does.
  const key = Symbol('graphql-authx')
  // The members of a batch share their HTTP request, and through it one verification.
  const open = (request: Request & Marked, context: NodeContext): ServedRequest => {
    request[key] ??= serving.open(new YogaCarrier(request, context))
    return request[key]
  }
  // Operations over a WebSocket come from graphql-ws, whose recipe for Yoga spreads its own context into this one.
  const socketOf = (context: unknown): ServedSocket => {
    const { extra = {}, connectionParams } = context as SocketContext
    return serving.socketOf(extra, { request: extra.request, connectionParams })
  }
  const admit = (
    args: Execution & { schema: GraphQLSchema },
    answer: (result: ExecutionResult) => void,
  ): void | Promise<void> => {
    const follow = (admission: Admission | undefined): void => {
      if (admission === undefined) return
      if ('errors' in admission) answer({ errors: [...admission.errors] })
      else args.schema = admission.schema
    }
    return whenThere(serving.admit(args), follow)
  }
  const bindAnswer = ({ args, result, setResult }: Answered): void => {
    const answer = serving.bindAnswer(result, args.contextValue)
    if (answer !== result) setResult(answer as never)
  }
  // The same for every operation: they get their arguments by the call.
  const executed = { onExecuteDone: bindAnswer }
  const subscribed = { onSubscribeResult: bindAnswer }
  return {
    onSchemaChange({ schema }) {
      serving.beginServing(schema)
    },
    // Each hook costs every request something, so there are only those that have something to do.
    ...(serving.turnsAway && {
      onRequestParse({ request, serverContext }) {
        const away = open(request as Request & Marked, serverContext as NodeContext).turnAway(origins)
        if (away !== undefined) throw turnedAwayError(away)
      },
    }),
    onContextBuilding({ context, extendContext }) {
      const { request, params } = context as YogaInitialContext
      const opened =
        request === undefined ? socketOf(context) : open(request as Request & Marked, context as NodeContext)
      extendContext(opened.contextMembers(context, params?.extensions) as object)
    },
    ...(serving.withholdsHints && {
      onValidate() {
        return ({ valid, result, setResult }) => {
          if (!valid) setResult(serving.withoutHints(result as readonly GraphQLError[]))
        }
      },
    }),
    onExecute({ args, setResultAndStopExecution }) {
      return whenThere(admit(args, setResultAndStopExecution), () => executed)
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      return whenThere(admit(args, setResultAndStopExecution), () => subscribed)
    },
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Symbol.asyncIterator in result) return
      const outcome = serving.outcomeOf(result as ResultLike)
      if (outcome === undefined) return
      // Yoga reads the response's status and headers here and takes them out again; no error carries them.
      const { http, ...extensions } = (result.extensions ?? {}) as {
        http?: { headers?: Record<string, string> }
      }
      const headers = { ...http?.headers, ...outcome.headers }
      setResult({ ...result, extensions: { ...extensions, http: { status: outcome.status, headers } } })
    },
    onResponse({ request, response }) {
      const finished = (request as Request & Marked)[key]?.finish()
      return finished && whenThere(finished, (headers) => setHeaders(response, headers))
    },
  } satisfies Plugin
}

function setHeaders(response: Response, { cookies, isPrivate }: AnswerHeaders): void {
  for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
  if (!isPrivate) return
  // Over one that Yoga makes a stream with, `set` alone would leave both.
  if (response.headers.has('Cache-Control')) response.headers.delete('Cache-Control')
  response.headers.set('Cache-Control', 'no-store')
}

/** How a request of Yoga's enters. */
class YogaCarrier implements Carrier {
  readonly #request: Request
  readonly #req: WithNodeRequest | undefined

  constructor(request: Request, { req }: NodeContext) {
    this.#request = request
    this.#req = req
  }

  get method(): string {
    return this.#request.method
  }

  queryValues(name: string): readonly string[] {
    return urlValues(this.#request.url, name)
  }

  headerValues(name: string): readonly string[] {
    return distinctValues(this.#req, this.#request, name)
  }
}
