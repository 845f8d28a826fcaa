import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql'
import type { ResultLike } from '../../outcome.ts'

/** Apollo's `HeaderMap`. */
interface Headers {
  get(name: string): string | undefined
  set(name: string, value: string): unknown
}

/** What is used of Apollo's `GraphQLRequestContext`. */
export interface ApolloRequestContext {
  readonly schema: GraphQLSchema
  readonly contextValue: object
  readonly requestIsBatched: boolean
  readonly request: {
    readonly http?: { readonly method: string; readonly headers: Headers; readonly search: string }
    readonly operationName?: string
    readonly variables?: Record<string, unknown>
    readonly extensions?: unknown
  }
  readonly document?: DocumentNode
  readonly errors?: readonly GraphQLError[]
  readonly response: {
    readonly http: { status?: number; readonly headers: Headers }
    readonly body?: { readonly kind: string; readonly singleResult?: ResultLike }
  }
  readonly overallCachePolicy: { restrict(hint: { maxAge?: number }): void }
}

/** The plugin, as Apollo's `ApolloServerPlugin` has it. */
export interface ApolloPlugin {
  serverWillStart(service: { readonly schema: GraphQLSchema }): Promise<void>
  contextCreationDidFail(failure: { readonly error: Error }): Promise<void>
  requestDidStart<Context extends ApolloRequestContext>(
    requestContext: Context,
  ): Promise<ApolloRequestListener<Context>>
}

/** What the plugin does with one operation, as Apollo's `GraphQLRequestListener` has it. */
export interface ApolloRequestListener<Context extends ApolloRequestContext = ApolloRequestContext> {
  validationDidStart?(): Promise<(errors?: readonly Error[]) => Promise<void>>
  didResolveOperation?(requestContext: Context): Promise<void>
  responseForOperation(
    requestContext: Context & { readonly document: DocumentNode },
  ): Promise<ApolloAnswer<Context> | null>
  executionDidStart(requestContext: Context): Promise<ApolloExecutionListener>
  willSendResponse(requestContext: Context): Promise<void>
}

export interface ApolloExecutionListener {
  executionDidEnd(): Promise<void>
}

/** What is answered in place of an operation, as Apollo's `GraphQLResponse` has it. */
export interface ApolloAnswer<Context extends ApolloRequestContext = ApolloRequestContext> {
  readonly http: Context['response']['http']
  // biome-ignore lint/suspicious/noExplicitAny: a result of graphql's, whatever its data
  readonly body: { readonly kind: 'single'; readonly singleResult: any }
}
