import type { IncomingMessage } from 'node:http'
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Carrier } from '../../core/carrier.ts'
import type { TurnedAway } from '../../core/foreign-requests.ts'
import { checkNames, readOrigins } from '../../core/option-checks.ts'
import type { Admission, Execution } from '../admission.ts'
import type { ResultLike } from '../outcome.ts'
import type { ServedRequest } from '../served-request.ts'
import type { ServedSocket } from '../served-socket.ts'
import type { Serving } from '../serving.ts'

export { useBodyLimit } from './yoga/body-limit.ts'

/** What Yoga hands over when it listens on node:http. */
interface NodeContext {
  readonly req?: IncomingMessage
}

/** What graphql-ws hands over. */
interface SocketContext {
  readonly extra?: object
  readonly connectionParams?: unknown
}

/** What `useAuthX` takes beside the instance. */
export interface UseAuthXOptions {
  /**
   * Where tokens travel in cookies: the origins of other pages that may ask, such as `https://app.example.com`; name them in Yoga's `cors` as well.
   *
   * @default none
   */
  readonly origins?: readonly string[]
}

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
  checkNames('useAuthX', options, { origins: true })
  const origins = readOrigins('useAuthX.origins', options.origins ?? [])
  const { serving } = authx
  const requests = new WeakMap<Request, ServedRequest>()
  // The members of a batch share their HTTP request, and through it one verification.
  const open = (request: Request, context: NodeContext): ServedRequest => {
    let opened = requests.get(request)
    if (opened === undefined) {
      opened = serving.open(carrierOf(request, context))
      requests.set(request, opened)
    }
    return opened
  }
  // Operations over a WebSocket come from graphql-ws, whose recipe for Yoga spreads its own context into this one.
  const socketOf = (context: unknown): ServedSocket => {
    const { extra, connectionParams } = context as SocketContext
    return serving.socketOf(extra ?? {}, connectionParams)
  }
  const admit = (
    args: Execution & { schema: GraphQLSchema },
    answer: (result: ExecutionResult) => void,
  ): undefined | Promise<void> => {
    const follow = (admission: Admission | undefined): void => {
      if (admission === undefined) return
      if ('errors' in admission) answer({ errors: [...admission.errors] })
      else args.schema = admission.schema
    }
    const admission = serving.admit(args)
    return admission instanceof Promise ? admission.then(follow) : void follow(admission)
  }
  const endWithTokens =
    ({ contextValue }: Execution) =>
    ({ result, setResult }: { result: unknown; setResult: (result: never) => void }): void =>
      setResult(serving.endWithTokens(result, contextValue) as never)
  return {
    onSchemaChange({ schema }) {
      serving.assertProtected(schema)
    },
    onRequestParse({ request, serverContext }) {
      const away = open(request, serverContext as NodeContext).turnAway(origins)
      if (away !== undefined) throw errorOf(away)
    },
    onContextBuilding({ context, extendContext }) {
      const { request, params } = context as YogaInitialContext
      const opened = request === undefined ? socketOf(context) : open(request, context as NodeContext)
      extendContext(opened.contextMembers(context, params?.extensions) as object)
    },
    onValidate() {
      return ({ valid, result, setResult }) => {
        if (!valid) setResult(serving.withoutHints(result as readonly GraphQLError[]))
      }
    },
    onExecute({ args, setResultAndStopExecution }) {
      return after(admit(args, setResultAndStopExecution), { onExecuteDone: endWithTokens(args) })
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      return after(admit(args, setResultAndStopExecution), { onSubscribeResult: endWithTokens(args) })
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
    async onResponse({ request, response }) {
      const { cookies = [], isPrivate = false } = (await requests.get(request)?.finish()) ?? {}
      for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
      if (isPrivate) response.headers.set('Cache-Control', 'no-store')
    },
  }
}

function after<Hooks>(admitted: undefined | Promise<void>, hooks: Hooks): Hooks | Promise<Hooks> {
  return admitted === undefined ? hooks : admitted.then(() => hooks)
}

function errorOf({ status, message }: TurnedAway): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status } } })
}

function carrierOf(request: Request, { req }: NodeContext): Carrier {
  return {
    method: request.method,
    queryValues: (name) => new URL(request.url).searchParams.getAll(name),
    headerValues(name) {
      const distinct = req?.headersDistinct?.[name]
      if (distinct !== undefined) return distinct
      const value = request.headers.get(name)
      return value === null ? [] : [value]
    },
  }
}
