import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql'

/** An operation that is about to be executed, as graphql's `execute` takes it. */
export interface Execution {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operationName?: string | null | undefined
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined
  readonly contextValue?: unknown
}

/** What to answer instead of executing an operation, or the schema to execute it with. */
export type Admission = { readonly errors: readonly GraphQLError[] } | { readonly schema: GraphQLSchema }
