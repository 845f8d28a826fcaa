import type { ServerResponse } from 'node:http'
import { execute, GraphQLError } from 'graphql'
import type { Admission, Execution } from '../admission.ts'
import { type OriginOptions, originsOf, turnedAwayError } from '../origins.ts'
import type { HttpOutcome } from '../outcome.ts'
import type { AnswerHeaders, ServedRequest } from '../served-request.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import { ApolloCarrier } from './apollo/carrier.ts'
import type {
  ApolloAnswer,
  ApolloExecutionListener,
  ApolloPlugin,
  ApolloRequestContext,
  ApolloRequestListener,
} from './apollo/shapes.ts'

export type { ApolloPlugin, ApolloRequestContext, ApolloRequestListener } from './apollo/shapes.ts'

/** What `authxPlugin` takes beside the instance. */
export type AuthxPluginOptions = OriginOptions

/** An HTTP request with the operations of it that are not answered yet: several in a batch. */
interface Opened {
  readonly request: ServedRequest
  /** Those of a batch: a copy of them may have brought this along. */
  readonly headers: object | undefined
  unanswered: number
}

/** What has been opened for an object, on it. */
interface Marked {
  [key: symbol]: Opened | undefined
}

// Apollo waits for every hook. What has nothing to wait for answers with these, so that a request pays for one promise of ours: that its execution ends.
const DONE = Promise.resolve()
const NO_ANSWER = Promise.resolve(null)

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
  // On the context itself: what a WeakMap holds outlives the small collections of garbage.
  const openedKey = Symbol('graphql-authx: request')
  const openedOf = (context: object): Opened => (context as Marked)[openedKey] as Opened
  const open = (context: ApolloRequestContext): Opened => {
    // What the members of a batch have in common. Not otherwise: who calls `executeOperation` may give one map to several.
    const headers = context.requestIsBatched ? context.request.http?.headers : undefined
    const known = (headers as Marked | undefined)?.[openedKey]
    const isTheirs = known !== undefined && known.headers === headers
    const opened = isTheirs
      ? known
      : { request: serving.open(new ApolloCarrier(context)), headers, unanswered: 0 }
    if (headers !== undefined) Reflect.set(headers, openedKey, opened)
    Reflect.set(context, openedKey, opened)
    return opened
  }

  const answer = async (
    context: ApolloRequestContext,
    execution: Execution,
    admitted: Admission | Promise<Admission | undefined>,
  ): Promise<ApolloAnswer | null> => {
    const admission = await admitted
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
  }

  const cleaning = Promise.resolve((errors: readonly Error[] = []) => {
    const clean = serving.withoutHints(errors as readonly GraphQLError[])
    for (const [at, error] of errors.entries()) error.message = clean[at]?.message ?? ''
    return DONE
  })

  /** One for all requests, with the hooks that have something to do: each costs every request. */
  const listener: ApolloRequestListener = {
    ...(serving.withholdsHints && {
      validationDidStart: () => cleaning,
    }),
    ...(serving.turnsAway && {
      didResolveOperation(context: ApolloRequestContext) {
        const away = context.request.http && openedOf(context).request.turnAway(origins)
        return away === undefined ? DONE : Promise.reject(turnedAwayError(away))
      },
    }),
    responseForOperation(context) {
      const { schema, document, contextValue } = context
      const { operationName, variables: variableValues } = context.request
      const execution = { schema, document, operationName, variableValues, contextValue }
      const admission = serving.admit(execution)
      return admission === undefined ? NO_ANSWER : answer(context, execution, admission)
    },
    executionDidStart: (context) =>
      Promise.resolve(new ExecutionListener(context, openedOf(context).request)),
    willSendResponse(context) {
      const { response, errors, contextValue } = context
      const opened = openedOf(context)
      const result = response.body?.singleResult
      serving.complete(contextValue)
      // The errors as they were thrown: `formatError` may have made anything of them.
      const thrown = errors ?? result?.errors
      if (result !== undefined && thrown !== undefined) {
        setOutcome(context, serving.outcomeOf({ data: result.data, errors: thrown }))
      }
      opened.unanswered--
      return opened.unanswered === 0 ? finish(context, opened.request) : DONE
    },
  }
  const listening = Promise.resolve(listener)

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
    requestDidStart(context) {
      const opened = open(context)
      opened.unanswered++
      const { contextValue, request } = context
      Object.assign(contextValue, opened.request.contextMembers(contextValue, request.extensions))
      return listening as unknown as Promise<ApolloRequestListener<typeof context>>
    },
  }
}

/** When an operation was executed, no cache of whole answers may have this one, whatever its fields' hints say. */
class ExecutionListener implements ApolloExecutionListener {
  readonly #context: ApolloRequestContext
  readonly #request: ServedRequest

  constructor(context: ApolloRequestContext, request: ServedRequest) {
    this.#context = context
    this.#request = request
  }

  executionDidEnd(): Promise<void> {
    if (this.#request.isPrivate) this.#context.overallCachePolicy.restrict({ maxAge: 0 })
    return DONE
  }
}

/** A batch has one status for several answers: that of the server. */
function setOutcome({ response, requestIsBatched }: ApolloRequestContext, outcome?: HttpOutcome): void {
  if (outcome === undefined || requestIsBatched) return
  response.http.status = outcome.status
  for (const [name, value] of Object.entries(outcome.headers)) response.http.headers.set(name, value)
}

function finish(context: ApolloRequestContext, request: ServedRequest): Promise<void> {
  const finished = request.finish()
  if (finished instanceof Promise) return finished.then((headers) => setHeaders(context, headers))
  setHeaders(context, finished)
  return DONE
}

function setHeaders({ response, contextValue }: ApolloRequestContext, { cookies, isPrivate }: AnswerHeaders) {
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
