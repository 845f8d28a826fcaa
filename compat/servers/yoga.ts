import { createYoga } from 'graphql-yoga'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { listen } from './listen.ts'
import type { Served, Setup } from './serve.ts'

export async function yoga({
  authx,
  schema,
  origins = [],
  batching = false,
  onContext,
}: Setup): Promise<Served> {
  const plugins = [useAuthX(authx, { origins })]
  const context = async (): Promise<object> => ({ own: await onContext?.() })
  return listen(createYoga({ schema, plugins, context, batching, logging: false, graphiql: false }))
}
