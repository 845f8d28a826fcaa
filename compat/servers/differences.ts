import type { DoorName } from './doors.ts'
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
    of: ['Mercurius'],
    on: ['a form'],
    verdict: { status: 400, reasons: [], data: null },
    because: 'Mercurius turns forms away by itself, with 400',
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

/** A cell of the table that cannot be as the others where operations come another way. */
export interface DoorDifference {
  readonly of: readonly DoorName[]
  readonly on: readonly string[]
  /** What is answered to the last request instead; undefined where it cannot be asked. */
  readonly verdict?: Pick<Verdict, 'reasons' | 'data'>
  readonly because: string
}

const EVENTS = ['Yoga, server-sent events', 'Yoga, @defer', 'graphql-sse'] as const
const SOCKETS = [
  'Yoga behind graphql-ws',
  'Yoga behind graphql-ws, @defer',
  'graphql-ws',
  'Mercurius, WebSocket',
] as const
const BAD_AT_ONCE = 'a bad token closes the connection before anything can be asked'
const refused = (...reasons: string[]) => ({ reasons, data: null })

/** No status, challenge or cookie is compared: what comes in parts was begun with a 200, and a message has none. */
export const DOOR_DIFFERENCES: readonly DoorDifference[] = [
  {
    of: [...EVENTS, ...SOCKETS],
    on: [
      'a batch, no token',
      'a batch, refused altogether',
      'a batch, a login in it',
      'a batch, a good token',
    ],
    because: 'each operation has a stream or a message of its own',
  },
  {
    of: SOCKETS,
    on: ['a field without a rule, a bad token', '@optionalToken, garbage'],
    verdict: refused('TOKEN_MALFORMED'),
    because: BAD_AT_ONCE,
  },
  {
    of: SOCKETS,
    on: ['an optional rule, a bad token beside other data'],
    verdict: refused('TOKEN_REVOKED'),
    because: BAD_AT_ONCE,
  },
  {
    of: SOCKETS,
    on: ['300 aliases of a field that may be null'],
    verdict: refused('TOKEN_EXPIRED'),
    because: BAD_AT_ONCE,
  },
  {
    of: SOCKETS,
    on: ['a refresh token where it belongs'],
    verdict: refused('ACCESS_TOKEN_REQUIRED'),
    because: 'a connection begins with an access token',
  },
  {
    of: SOCKETS,
    on: [
      'the store does not answer',
      'partial data while the store does not answer',
      'the revocation callback fails',
      'the revocation callback answers no boolean',
    ],
    verdict: refused(),
    because: 'the connection is closed with 1013, and its client tries again later',
  },
  {
    of: [...SOCKETS, 'graphql-sse'],
    on: ['a login sets cookies', 'a page of an origin that is named'],
    because:
      'what comes as messages or events has no headers of its own, so a login that sets cookies comes over HTTP',
  },
  {
    of: [...SOCKETS, 'graphql-sse'],
    on: ['a refresh by cookies'],
    verdict: refused(),
    because: 'what comes as messages or events has no headers of its own, so it cannot set cookies',
  },
  {
    of: [...SOCKETS, 'graphql-sse'],
    on: ['a logout takes the cookies away'],
    verdict: refused('TOKEN_REVOKED'),
    because:
      'what comes as messages or events has no headers of its own, so the cookies of a logout stay, and are good for nothing',
  },
  {
    of: SOCKETS,
    on: ['a GET by cookies needs no double-submit value'],
    verdict: refused('CSRF_MISSING'),
    because: 'over a WebSocket a mutation may come, so it needs the double-submit value from its beginning',
  },
  {
    of: SOCKETS,
    on: ['a form'],
    because: 'no form can speak over a WebSocket',
  },
  {
    of: ['Mercurius, WebSocket'],
    on: ['a token in the extensions of the request'],
    verdict: refused('TOKEN_MISSING'),
    because: 'Mercurius hands the extensions of an operation over a WebSocket to nobody',
  },
  {
    of: ['Mercurius, WebSocket'],
    on: ['a revoked token in the extensions of the request'],
    verdict: refused('TOKEN_MISSING'),
    because: 'Mercurius hands the extensions of an operation over a WebSocket to nobody',
  },
  {
    of: ['Mercurius, WebSocket'],
    on: ["a refusal in the context function of one's own"],
    because: 'Mercurius makes the context of a WebSocket once, when it is opened',
  },
]
