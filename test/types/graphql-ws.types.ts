import type { GraphQLSchema } from 'graphql'
import { parse } from 'graphql'
import { makeServer } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import type { WebSocketServer } from 'ws'
import { withAuthX } from '../../src/graphql/adapters/graphql-ws.ts'
import type { AuthX } from '../../src/index.ts'

declare const authx: AuthX
declare const schema: GraphQLSchema
declare const sockets: WebSocketServer

useServer(withAuthX(authx, { schema }), sockets)
useServer(withAuthX(authx, { schema }, { origins: [] }), sockets)
useServer(
  withAuthX(authx, {
    schema,
    onConnect: (context) => {
      const { url } = context.extra.request
      const { connectionParams } = context
      return url !== undefined && connectionParams?.user !== 'eve'
    },
    onSubscribe: (_context, _id, payload) => ({ schema, document: parse(payload.query) }),
    context: async ({ extra }) => ({ url: extra.request.url }),
  }),
  sockets,
)
interface Params extends Record<string, unknown> {
  readonly user?: string
}
useServer<Params>(
  withAuthX(authx, { schema, onConnect: ({ connectionParams }) => connectionParams?.user?.length !== 3 }),
  sockets,
)
makeServer<Record<string, unknown>, { readonly mine: number }>(
  withAuthX(authx, { schema, onConnect: ({ extra }) => extra.mine > 3 }),
)
// @ts-expect-error misspelt
withAuthX(authx, { schemaa: schema })
// @ts-expect-error misspelt
useServer(withAuthX(authx, { schemaa: schema }), sockets)
