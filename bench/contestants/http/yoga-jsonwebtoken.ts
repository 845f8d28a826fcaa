import { useBodyLimit } from 'graphql-authx/yoga'
import { createYoga } from 'graphql-yoga'
import type { Serve, Tokens } from '../../contest.ts'
import { listen } from './listen.ts'
import { handGuarded } from './schema.ts'
import { type Authenticate, cached as cachedWith, jsonwebtoken, KEY, revokedBy, STRING } from './verify.ts'
import { BODY } from './yoga.ts'

const serve =
  (authenticateBy: (tokens: Tokens) => Authenticate): Serve =>
  (tokens) => {
    const authenticate = authenticateBy(tokens)
    return listen(
      createYoga({
        schema: handGuarded(),
        logging: false,
        maxRequestBodySize: false,
        plugins: [useBodyLimit(BODY)],
        context: ({ request }) => ({ user: authenticate(request.headers.get('authorization') ?? undefined) }),
      }),
    )
  }

export const string: Serve = serve((tokens) => jsonwebtoken(STRING, revokedBy(tokens)))
export const key: Serve = serve((tokens) => jsonwebtoken(KEY, revokedBy(tokens)))
export const cached: Serve = serve((tokens) => cachedWith(revokedBy(tokens)))
