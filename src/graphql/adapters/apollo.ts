import type { IncomingMessage, ServerResponse } from 'node:http'
import { execute, GraphQLError } from 'graphql'
import type { Carrier } from '../../core/carrier.ts'
import { type OriginOptions, originsOf, turnedAwayError } from '../origins.ts'
import type { HttpOutcome } from '../outcome.ts'
import type { ServedRequest } from '../served-request.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import type { ApolloPlugin, ApolloRequestContext } from './apollo/shapes.ts'

export type { ApolloPlugin, ApolloRequestContext, ApolloRequestListener } from './apollo/shapes.ts'

/** What `authxPlugin` takes beside the instance. */
export type AuthxPluginOptions = OriginOptions

/** An HTTP request with the operations of it that are not answered yet: several in a batch. */
interface Opened {
  readonly request: ServedRequest
  unanswered: number
}

/**
 * Brings an AuthX instance to Apollo Server: fills the context, and sets status, challenge, caching headers and cookies from the whole result. Where tokens
 * travel in cookies, what pages of other origins send is turned away.
 *
 * Give the request in the context (`context: async ({ req, res }) => ({ req, res })`): Node hides a second `Authorization` header from Apollo, and shows it there.
 *
 * @example
 * new ApolloServer({ schema: authx.protect(schema), plugins: [authxPlugin(authx)] })
 *
 * @throws ConfigurationError where an option is wrong
 */
export function authxPlugin(
  authx: { readonly serving: Serving },
  options: AuthxPluginOptions = {},
): ApolloPlugin {
  const serving = servingOf('authxPlugin', authx)
  const origins = originsOf('authxPlugin', options)
  // The members of a batch have their headers in common.
  const requests = new WeakMap<object, Opened>()
  const open = (context: ApolloRequestContext): Opened => {
    const key = context.request.http?.headers ?? context
    const opened = requests.get(key) ?? { request: serving.open(carrierOf(context)), unanswered: 0 }
    requests.set(key, opened)
    return opened
  }
  return {
    async serverWillStart({ schema }) {
      serving.beginServing(schema)
    },
    async contextCreationDidFail({ error }) {
      if (!(error instanceof GraphQLError)) return
      const outcome = serving.outcomeOf({ errors: [error] })
      // Apollo takes it out again.
      if (outcome !== undefined) Object.assign(error, { extensions: carrying(error, outcome) })
    },
    async requestDidStart(context) {
      const opened = open(context)
      opened.unanswered++
      const { contextValue, request } = context
      Object.assign(contextValue, opened.request.contextMembers(contextValue, request.extensions))
      return {
        async validationDidStart() {
          return async (errors = []) => {
            const clean = serving.withoutHints(errors as readonly GraphQLError[])
            for (const [at, error] of errors.entries()) error.message = clean[at]?.message ?? ''
          }
        },
        async didResolveOperation() {
          const away = request.http && opened.request.turnAway(origins)
          if (away === undefined) return
          throw turnedAwayError(away)
        },
        async responseForOperation({ document }) {
          const { operationName, variables: variableValues } = request
          const execution = { schema: context.schema, document, operationName, variableValues, contextValue }
          const admission = await serving.admit(execution)
          if (admission === undefined) return null
          const { http } = context.response
          if ('schema' in admission) {
            return {
              http,
              body: { kind: 'single', singleResult: await execute({ ...execution, ...admission }) },
            }
          }
          const { errors, outcome } = serving.answerInstead(admission.errors)
          setOutcome(context, outcome)
          return { http, body: { kind: 'single', singleResult: { errors } } }
        },
        async executionDidStart() {
          return {
            async executionDidEnd() {
              // No cache of whole answers may have this one, whatever its fields' hints say.
              if (opened.request.isPrivate) context.overallCachePolicy.restrict({ maxAge: 0 })
            },
          }
        },
        async willSendResponse() {
          const { response, errors } = context
          const result = response.body?.singleResult
          serving.complete(contextValue)
          // The errors as they were thrown: `formatError` may have made anything of them.
          if (result !== undefined) {
            setOutcome(context, serving.outcomeOf({ ...result, errors: errors ?? result.errors }))
          }
          opened.unanswered--
          if (opened.unanswered === 0) await setHeaders(context, opened.request)
        },
      }
    },
  }
}

/** A batch has one status for several answers: that of the server. */
function setOutcome({ response, requestIsBatched }: ApolloRequestContext, outcome?: HttpOutcome): void {
  if (outcome === undefined || requestIsBatched) return
  response.http.status = outcome.status
  for (const [name, value] of Object.entries(outcome.headers)) response.http.headers.set(name, value)
}

async function setHeaders({ response, contextValue }: ApolloRequestContext, request: ServedRequest) {
  const { cookies, isPrivate } = await request.finish()
  const { headers } = response.http
  if (isPrivate) headers.set('Cache-Control', 'no-store')
  if (cookies.length === 0) return
  // Integrations hand the value to Node, which takes a list; it takes the place of what resolvers set on the response themselves.
  const { res } = contextValue as { readonly res?: Partial<ServerResponse> }
  const others = [headers.get('Set-Cookie') ?? [], res?.getHeader?.('Set-Cookie') ?? []].flat()
  headers.set('Set-Cookie', [...others, ...cookies] as unknown as string)
}

function carrying({ extensions }: GraphQLError, { status, headers }: HttpOutcome): object {
  return { ...extensions, http: { status, headers: new Map(Object.entries(headers)) } }
}

function carrierOf({ request: { http }, contextValue }: ApolloRequestContext): Carrier {
  const { req } = contextValue as { readonly req?: Partial<IncomingMessage> }
  return {
    ...(http === undefined ? {} : { method: http.method }),
    queryValues: (name) => new URLSearchParams(http?.search).getAll(name),
    headerValues(name) {
      const distinct = req?.headersDistinct?.[name]
      if (distinct !== undefined) return distinct
      const value = http?.headers.get(name)
      return value === undefined ? [] : [value]
    },
  }
}
