import type { GraphQLSchema } from 'graphql'
import type { Serving } from '../../serving.ts'

/** The instance, as far as it is used here. */
export interface MercuriusInstance {
  readonly serving: Serving
  protect(schema: GraphQLSchema): GraphQLSchema
}

/** What is used of a Fastify request. */
export interface MercuriusRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly raw: { readonly rawHeaders?: readonly string[] }
  readonly body?: unknown
  readonly query?: unknown
}

/** What is used of a Fastify reply. */
export interface MercuriusReply {
  readonly request: MercuriusRequest
  send(payload?: unknown): unknown
  code(status: number): unknown
  header(name: string, value: unknown): unknown
  /** What the adapter leaves there for the request. */
  [key: symbol]: unknown
}

/** What changes the schema that Mercurius serves. */
export const CHANGES = [
  'replaceSchema',
  'extendSchema',
  'defineResolvers',
  'defineLoaders',
  'transformSchema',
] as const

/** What is used of `app.graphql`. */
export interface MercuriusGraphql extends Record<(typeof CHANGES)[number], (change: never) => unknown> {
  schema: GraphQLSchema
  /** Only where it serves subscriptions. */
  readonly pubsub?: unknown
  // biome-ignore lint/suspicious/noExplicitAny: Mercurius declares one for each name
  addHook(name: any, hook: any): void
}

/** What is used of a Fastify app that has Mercurius. */
export interface MercuriusApp {
  readonly graphql: MercuriusGraphql
  // biome-ignore lint/suspicious/noExplicitAny: Fastify declares one for each name
  addHook(name: any, hook: any): unknown
}

/** `reply` is there where Mercurius serves a request, `request` where it serves a socket, neither where an app calls `app.graphql()` by itself. */
export interface MercuriusContext {
  readonly reply?: MercuriusReply
  readonly request?: MercuriusRequest
  readonly _connectionInit?: unknown
  readonly __currentQuery?: string
  readonly operationsCount?: number
  readonly operationId?: number
  /** What the adapter leaves there for the operation. */
  [key: symbol]: unknown
}

/** What is used of the options that Mercurius is registered with. */
export interface MercuriusOptionsLike {
  // biome-ignore-start lint/suspicious/noExplicitAny: Mercurius' own, which have its and Fastify's types
  readonly errorFormatter?: (execution: any, context: any) => any
  readonly context?: (request: any, reply: any) => any
  readonly subscription?: boolean | { readonly onConnect?: (data: any) => any }
  // biome-ignore-end lint/suspicious/noExplicitAny: as above
}
