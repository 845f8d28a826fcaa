import { createYoga, type Plugin } from 'graphql-yoga'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { listen } from './listen.ts'
import type { Served, Setup } from './serve.ts'

export async function yoga({
  authx,
  schema,
  origins = [],
  batching = false,
  onContext,
  plugins: before = [],
}: Setup & { readonly plugins?: readonly Plugin[] }): Promise<Served> {
  const plugins = [...before, useAuthX(authx, { origins })]
  const context = async (): Promise<object> => ({ own: await onContext?.() })
  return listen(createYoga({ schema, plugins, context, batching, logging: false, graphiql: false }))
}
