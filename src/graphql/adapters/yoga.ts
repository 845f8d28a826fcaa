import type { IncomingMessage } from 'node:http'
import type { Plugin, YogaInitialContext } from 'graphql-yoga'
import type { Carrier } from '../../core/carrier.ts'
import { contextMembers } from '../context.ts'
import { outcomeOf, type ResultLike } from '../outcome.ts'
import type { RequestAuth, RequestOpener } from '../request-auth.ts'

/** What Yoga hands over when it listens on node:http. */
interface NodeContext {
  readonly req?: IncomingMessage
}

/**
 * Brings an AuthX instance to GraphQL Yoga: fills the context, and sets status, challenge and caching headers from the whole result.
 *
 * @example
 * createYoga({ schema: authx.protect(schema), plugins: [useAuthX(authx)] })
 */
export function useAuthX(authx: RequestOpener): Plugin {
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
  return {
    onSchemaChange({ schema }) {
      authx.assertProtected(schema)
    },
    onContextBuilding({ context, extendContext }) {
      const { request } = context as YogaInitialContext
      extendContext(contextMembers(open(request, context as NodeContext), context) as object)
    },
    onExecute({ args }) {
      noteMutation(args, uncacheable)
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
    onResponse({ request, response }) {
      if (uncacheable.has(request)) response.headers.set('Cache-Control', 'no-store')
    },
  }
}

/** A mutation's answer may hold tokens, and nothing of that belongs into a cache (RFC 6749 section 5.1). */
function noteMutation(args: unknown, uncacheable: WeakSet<Request>): void {
  const { document, operationName, contextValue } = args as {
    document: { definitions: readonly { kind: string; operation?: string; name?: { value: string } }[] }
    operationName?: string | null
    contextValue: { request?: Request }
  }
  const isMutation = document.definitions.some(
    ({ operation, name }) =>
      operation === 'mutation' && (operationName == null || name?.value === operationName),
  )
  if (isMutation && contextValue.request !== undefined) uncacheable.add(contextValue.request)
}

function carrierOf(request: Request, { req }: NodeContext): Carrier {
  return {
    headerValues(name) {
      const distinct = req?.headersDistinct?.[name]
      if (distinct !== undefined) return distinct
      const value = request.headers.get(name)
      return value === null ? [] : [value]
    },
  }
}
