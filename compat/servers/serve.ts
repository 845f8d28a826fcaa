import type { GraphQLSchema } from 'graphql'
import type { AuthX } from '../../src/index.ts'
import { apolloExpress, apolloStandalone } from './apollo.ts'
import { graphqlHttpExpress, graphqlHttpFastify, graphqlHttpFetch, graphqlHttpNode } from './graphql-http.ts'
import { mercurius } from './mercurius.ts'
import { yoga } from './yoga.ts'

/** What a server is made of. */
export interface Setup {
  readonly authx: AuthX
  readonly schema: GraphQLSchema
  /** Origins of pages that may ask, where tokens travel in cookies. */
  readonly origins?: readonly string[]
  /** Whether it takes several operations in one request. */
  readonly batching?: boolean
  /** Called where the user's own context is made. */
  readonly onContext?: () => unknown
}

/** A server that listens. */
export interface Served {
  readonly url: string
  close(): Promise<unknown>
}

/** Listens on a free port of this machine; rejects where the server refuses to start. */
export type Serve = (setup: Setup) => Promise<Served>

/** All of them, by the names that the table shows. One line each. */
export const SERVERS = {
  Yoga: yoga,
  'Apollo, standalone': apolloStandalone,
  'Apollo, Express': apolloExpress,
  'graphql-http, node:http': graphqlHttpNode,
  'graphql-http, Express': graphqlHttpExpress,
  'graphql-http, Fastify': graphqlHttpFastify,
  'graphql-http, Fetch': graphqlHttpFetch,
  Mercurius: mercurius,
} as const satisfies Record<string, Serve>

export type ServerName = keyof typeof SERVERS
