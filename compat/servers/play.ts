import type { BlocklistStore } from '../../src/core/blocklist.ts'
import { AuthError, type AuthX, type AuthXOptions } from '../../src/index.ts'
import { memory } from '../../src/stores/memory.ts'
import { settableClock } from '../../test/harness/clock.ts'
import { type Jar, openJar } from '../../test/harness/cookies.ts'
import { openAuthX } from '../../test/harness/instance.ts'
import { CALLERS, type Caller, type Mint } from './callers.ts'
import { exchange, type Method, type Reply, type Verdict, verdictOf, type Wire } from './exchange.ts'
import type { Serve, Setup } from './serve.ts'
import { stage } from './stage.ts'
import type { Case, Sent } from './verdicts.ts'

/** How an instance and its server are set up. */
interface Parts {
  readonly options?: AuthXOptions
  readonly prepare?: (authx: AuthX) => void
  readonly setup?: (authx: AuthX) => Partial<Setup>
}

const INSTANCES = {
  plain: {},
  batching: { setup: () => ({ batching: true }) },
  issued: { options: { issuer: 'https://issuer.example', audience: 'api' } },
  whole: { options: { enforcement: 'operation' } },
  caller: { options: { introspection: 'caller' } },
  json: { options: { locations: { access: ['json'], refresh: ['json'] } } },
  cookies: {
    options: { locations: { access: ['cookies'], refresh: ['cookies'] } },
    setup: () => ({ origins: ['https://app.example'] }),
  },
  cookieBatching: {
    options: { locations: { access: ['cookies'], refresh: ['cookies'] } },
    setup: () => ({ batching: true }),
  },
  down: {
    // Closed with its instance, so each has one of its own.
    get options() {
      return { blocklist: broken() }
    },
  },
  failing: {
    prepare: (authx) =>
      authx.setTokenBlocklistCallback(() => {
        throw new Error('down')
      }),
  },
  vague: { prepare: (authx) => authx.setTokenBlocklistCallback(() => 'no' as unknown as boolean) },
  strict: {
    setup: () => ({
      onContext: () => {
        throw new AuthError('TOKEN_REVOKED')
      },
    }),
  },
} as const satisfies Record<string, Parts>

/** A store that does not answer. */
function broken(): BlocklistStore {
  return Object.assign(memory({ clock: settableClock() }), {
    isRevoked: () => Promise.reject(new Error('no connection')),
  })
}

export type InstanceName = keyof typeof INSTANCES

/** What a server made of a case. */
export interface Played {
  readonly verdicts: readonly Verdict[]
  /** Of each answer, whether a cache may keep it. */
  readonly kept: readonly boolean[]
  readonly ran: readonly string[]
}

/** Sends the requests of a case to a server of its own, over sockets. */
export async function play(
  serve: Serve,
  { instance = 'plain', sent }: Case,
  over: Method,
  through = exchange,
): Promise<Played> {
  const { options, prepare, setup }: Parts = INSTANCES[instance]
  const clock = settableClock()
  const store = options?.blocklist === undefined ? { sessions: memory({ clock }) } : {}
  const { authx } = openAuthX({ ...options, ...store, clock })
  prepare?.(authx)
  const ran: string[] = []
  const served = await serve({ authx, schema: stage(authx, ran), ...setup?.(authx) })
  const tokens = tokensOf({ authx, clock })
  const jar = openJar()
  const replies: Reply[] = []
  try {
    for (const one of [sent].flat()) {
      const reply = await through(served.url, await wireOf(one, one.method ?? over, tokens, jar))
      jar.take(new Response(null, { headers: cookiesOf(reply.headers['set-cookie']) }))
      replies.push(reply)
    }
  } finally {
    await served.close()
    await authx.close()
  }
  const kept = replies.map(({ headers }) => headers['cache-control'] !== 'no-store')
  return { verdicts: replies.map(verdictOf), kept, ran }
}

type Tokens = (caller: Caller) => Promise<string>

/** Each caller has one token for all requests of a case. */
function tokensOf(mint: Mint): Tokens {
  const made = new Map<Caller, Promise<string>>()
  return (caller) => {
    const token = made.get(caller) ?? Promise.resolve(CALLERS[caller](mint))
    made.set(caller, token)
    return token
  }
}

async function wireOf(sent: Sent, method: Method, tokens: Tokens, jar: Jar): Promise<Wire> {
  const { query, variables, extensions, as, csrf = false } = sent
  const carried = await Promise.all(
    Object.entries(extensions ?? {}).map(async ([name, caller]) => [name, await tokens(caller)]),
  )
  const parts = {
    ...(variables === undefined ? {} : { variables }),
    ...(extensions === undefined ? {} : { extensions: Object.fromEntries(carried) }),
  }
  const body =
    typeof query === 'string' ? { query, ...parts } : query.map((one) => ({ query: one, ...parts }))
  const headers = {
    // Apollo Server wants to know that a GET was no accident. Both kinds of answer are asked for in turn.
    ...(method === 'GET' ? { 'apollo-require-preflight': '1' } : { 'content-type': 'application/json' }),
    accept: method === 'GET' ? 'application/graphql-response+json' : 'application/json',
    ...(as === undefined ? {} : { authorization: `Bearer ${await tokens(as)}` }),
    ...jar.headers({ csrf }),
    ...sent.headers,
  }
  return { method, body, headers }
}

function cookiesOf(lines: string | string[] | undefined): [string, string][] {
  return [lines ?? []].flat().map((line) => ['set-cookie', line])
}
