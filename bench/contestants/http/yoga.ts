import { useBodyLimit } from 'graphql-authx/yoga'
import { createYoga } from 'graphql-yoga'
import type { Serve } from '../../contest.ts'
import { listen } from './listen.ts'
import { bareSchema } from './schema.ts'

/** Bytes of a body that every lean Yoga takes. */
export const BODY = 100_000

export const asItComes: Serve = () => listen(createYoga({ schema: bareSchema(), logging: false }))

export const lean: Serve = () =>
  listen(
    createYoga({
      schema: bareSchema(),
      logging: false,
      maxRequestBodySize: false,
      plugins: [useBodyLimit(BODY)],
    }),
  )

export const unlimited: Serve = () =>
  listen(createYoga({ schema: bareSchema(), logging: false, maxRequestBodySize: false }))
