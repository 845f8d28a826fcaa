import type { Verdict } from './exchange.ts'
import type { ServerName } from './serve.ts'

/** A cell of the table that cannot be as the others. */
export interface Difference {
  readonly of: readonly ServerName[]
  /** The names of the cases. */
  readonly on: readonly string[]
  /** What is answered to the last request instead. */
  readonly verdict: Verdict
  /** As docs/servers.md has it. */
  readonly because: string
}

export const DIFFERENCES: readonly Difference[] = [
  {
    of: ['Apollo, standalone', 'Apollo, Express'],
    on: ['a form'],
    verdict: { status: 400, reasons: [], data: null },
    because: 'Apollo Server turns forms away by itself, with 400',
  },
  {
    of: ['graphql-http, node:http', 'graphql-http, Express', 'graphql-http, Fastify', 'graphql-http, Fetch'],
    on: [
      'a batch, no token',
      'a batch, refused altogether',
      'a batch, a login in it',
      'a batch, a good token',
    ],
    verdict: { status: 400, reasons: [], data: null },
    because: 'graphql-http takes no batches',
  },
  {
    of: ['graphql-http, Fetch'],
    on: ['two Authorization headers'],
    verdict: {
      status: 401,
      challenge: 'Bearer error="invalid_token"',
      reasons: ['TOKEN_MALFORMED'],
      data: null,
    },
    because:
      'Node shows the first of two Authorization headers only, and what makes a Fetch request of it knows no other',
  },
]
