import type { IncomingMessage } from 'node:http'
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
} from 'graphql'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Carrier } from '../../core/carrier.ts'
import type { OperationKind } from '../../core/csrf.ts'
import type { TurnedAway } from '../../core/foreign-requests.ts'
import { checkNames, readOrigins } from '../../core/option-checks.ts'
import type { Admission } from '../introspection.ts'
import { contextMembers, operationAuthOf } from '../operation-auth.ts'
import type { Execution } from '../operation-plan.ts'
import { outcomeOf, type ResultLike } from '../outcome.ts'
import type { RequestAuth, RequestOpener } from '../request-auth.ts'
import { withoutSuggestion } from '../suggestions.ts'

/** What of an execution's arguments is read; Yoga's own types leave it open. */
interface Executed {
  readonly document: DocumentNode
  readonly operationName?: string | null
  readonly contextValue: unknown
}

/** What Yoga hands over when it listens on node:http. */
interface NodeContext {
  readonly req?: IncomingMessage
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

/**
 * Brings an AuthX instance to GraphQL Yoga: fills the context, and sets status, challenge, caching headers and cookies from the whole result. Where tokens
 * travel in cookies, what pages of other origins send is turned away, and so is every POST that is not JSON.
 *
 * @example
 * createYoga({ schema: authx.protect(schema), plugins: [useAuthX(authx)] })
 *
 * @throws ConfigurationError where an option is wrong
 */
export function useAuthX(authx: RequestOpener, options: UseAuthXOptions = {}): Plugin {
  checkNames('useAuthX', options, { origins: true })
  const origins = readOrigins('useAuthX.origins', options.origins ?? [])
  const requests = new WeakMap<Request, RequestAuth>()
  // The members of a batch share their HTTP request, and through it one verification.
  const open = (request: Request, context: NodeContext): RequestAuth => {
    let opened = requests.get(request)
    if (opened === undefined) {
      opened = authx.open(carrierOf(request, context))
      requests.set(request, opened)
    }
    return opened
  }
  const uncacheable = new WeakSet<Request>()
  const tellKind = ({ document, operationName, contextValue }: Executed): OperationKind | undefined => {
    const kind = getOperationAST(document, operationName)?.operation
    const { request } = contextValue as { request?: Request }
    const contextKey = request && requests.get(request)?.contextKey
    const operation = contextKey && operationAuthOf(contextKey, contextValue)
    if (operation !== undefined) operation.kind = kind
    return kind
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
    const admission = authx.admit(args)
    return admission instanceof Promise ? admission.then(follow) : void follow(admission)
  }
  return {
    onSchemaChange({ schema }) {
      authx.assertProtected(schema)
    },
    onRequestParse({ request, serverContext }) {
      const away = open(request, serverContext as NodeContext).turnAway(origins)
      if (away !== undefined) throw errorOf(away)
    },
    onContextBuilding({ context, extendContext }) {
      const { request, params } = context as YogaInitialContext
      const auth = open(request, context as NodeContext).forOperation(params?.extensions)
      extendContext(contextMembers(auth, context) as object)
    },
    onValidate() {
      if (authx.suggests) return undefined
      return ({ valid, result, setResult }) => {
        if (!valid) setResult((result as readonly GraphQLError[]).map(withoutSuggestion))
      }
    },
    onExecute({ args, setResultAndStopExecution }) {
      const kind = tellKind(args)
      const { request } = args.contextValue as { request?: Request }
      // A mutation's answer may hold tokens, and nothing of that belongs into a cache (RFC 6749 section 5.1).
      if (kind === 'mutation' && request !== undefined) uncacheable.add(request)
      return admit(args, setResultAndStopExecution)
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      tellKind(args)
      return admit(args, setResultAndStopExecution)
    },
    onExecutionResult({ request, result, setResult }) {
      if (requests.get(request)?.wasAsked === true) uncacheable.add(request)
      if (result === undefined || Symbol.asyncIterator in result) return
      const outcome = outcomeOf(result as ResultLike)
      if (outcome === undefined) return
      // Yoga reads the response's status and headers here and takes them out again; no error carries them.
      const { http, ...extensions } = (result.extensions ?? {}) as {
        http?: { headers?: Record<string, string> }
      }
      const headers = { ...http?.headers, ...outcome.headers }
      setResult({ ...result, extensions: { ...extensions, http: { status: outcome.status, headers } } })
    },
    async onResponse({ request, response }) {
      const cookies = (await requests.get(request)?.setCookies()) ?? []
      for (const cookie of cookies) response.headers.append('Set-Cookie', cookie)
      if (cookies.length > 0 || uncacheable.has(request)) response.headers.set('Cache-Control', 'no-store')
    },
  }
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
