import { createHandler } from 'graphql-http/lib/use/http'
import type { Serve } from '../../contest.ts'
import { listen } from './listen.ts'
import { bareSchema, handGuarded } from './schema.ts'
import { cached as cachedWith, revokedBy } from './verify.ts'

export const bare: Serve = () => listen(createHandler({ schema: bareSchema() }))

export const cached: Serve = (tokens) => {
  const authenticate = cachedWith(revokedBy(tokens))
  return listen(
    createHandler({
      schema: handGuarded(),
      context: ({ raw }) => ({ user: authenticate(raw.headers.authorization) }),
    }),
  )
}
