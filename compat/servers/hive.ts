import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSubgraphSchema, printSubgraphSchema } from '@apollo/subgraph'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { composeServices } from '@theguild/federation-composition'
import { parse } from 'graphql'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import type { AuthX } from '../../src/index.ts'
import type { Served } from './serve.ts'
import { yoga } from './yoga.ts'

/** A Hive Gateway in front of one guarded subgraph, which is a Yoga; its supergraph has the router's directives in place of ours. */
export async function hive(authx: AuthX, types: string, resolvers: object): Promise<Served> {
  const modules = [{ typeDefs: parse(authx.typeDefs) }, { typeDefs: parse(types), resolvers }]
  const schema = authx.protect(buildSubgraphSchema(modules as never))
  const subgraph = await yoga({ authx, schema })
  const { sdl } = authx.routerSdl(schema, printSubgraphSchema(schema))
  const { supergraphSdl } = composeServices([{ name: 'people', typeDefs: parse(sdl), url: subgraph.url }])
  if (supergraphSdl === undefined) throw new Error('the subgraph was not composed')
  const gateway = createGatewayRuntime({
    supergraph: supergraphSdl,
    logging: false,
    maskedErrors: false,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => {
        const authorization = request.headers.get('authorization')
        return authorization === null ? {} : { authorization }
      },
      fromSubgraphsToClient: ({ response }) => {
        const caching = response.headers.get('cache-control')
        return caching === null ? {} : { 'cache-control': caching }
      },
    },
    plugins: () => [useAuthX(authx)],
  })
  const http = createServer(gateway)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`,
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await gateway[Symbol.asyncDispose]()
      await subgraph.close()
    },
  }
}
