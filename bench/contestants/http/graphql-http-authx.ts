import { authxOptions } from 'graphql-authx/graphql-http'
import { createHandler } from 'graphql-http/lib/use/http'
import type { Serve } from '../../contest.ts'
import { listen } from './listen.ts'
import { ours } from './schema.ts'

export const handler: Serve = async (tokens) => {
  const { authx, schema } = await ours(tokens)
  return listen(createHandler(authxOptions(authx, { schema })))
}
