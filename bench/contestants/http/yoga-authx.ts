import { useAuthX, useBodyLimit } from 'graphql-authx/yoga'
import { createYoga } from 'graphql-yoga'
import type { Serve } from '../../contest.ts'
import { listen } from './listen.ts'
import { ours } from './schema.ts'
import { BODY } from './yoga.ts'

export const asItComes: Serve = async (tokens) => {
  const { authx, schema } = await ours(tokens)
  return listen(createYoga({ schema, logging: false, plugins: [useAuthX(authx)] }))
}

export const lean: Serve = async (tokens) => {
  const { authx, schema } = await ours(tokens)
  return listen(
    createYoga({
      schema,
      logging: false,
      maxRequestBodySize: false,
      plugins: [useBodyLimit(BODY), useAuthX(authx)],
    }),
  )
}
