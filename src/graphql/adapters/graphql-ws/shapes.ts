/** A connection, as graphql-ws hands it to its hooks. */
export interface Connection {
  readonly connectionParams?: unknown
  readonly subscriptions: Readonly<Record<string, unknown>>
  readonly extra: unknown
}

/** What a client asks for. */
export interface Payload {
  readonly query: string
  readonly operationName?: string | null
  readonly variables?: Readonly<Record<string, unknown>> | null
  readonly extensions?: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: hooks of the user's, with what graphql-ws hands them
export type Hook = (...args: any[]) => any

/** The options of graphql-ws that are looked at. */
export interface SocketOptions {
  readonly schema?: unknown
  readonly context?: unknown
  readonly roots?: Readonly<Record<string, unknown>>
  readonly parse?: Hook
  readonly validate?: Hook
  readonly execute?: Hook
  readonly subscribe?: Hook
  readonly onConnect?: Hook
  readonly onSubscribe?: Hook
  readonly onOperation?: Hook
  readonly onComplete?: Hook
  readonly onClose?: Hook
}
