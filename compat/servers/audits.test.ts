import { afterAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { createAuthX } from '../../src/index.ts'
import { memory } from '../../src/stores/memory.ts'
import {
  type AuthAuditOptions,
  type AuthAuditResult,
  authAuditReport,
  authAudits,
  runAuthAudits,
} from '../../src/testing/index.ts'
import { guarded } from '../../test/harness/graphql.ts'
import { SECRET } from '../../test/harness/keys.ts'
import { exchange } from './exchange.ts'
import { serve as serveMercurius } from './mercurius.ts'
import { SERVERS, type Serve, type Served } from './serve.ts'

void WebSocketServer
const TYPES = `
  type Query { open: String secret: String! @auth may: String @auth reading: String! @auth(scopes: [["read"]]) }
  type Mutation { login: [String!]! logout: Boolean! @auth change: String! @auth }
  type Subscription { ticks: Int! @auth }
`

interface Audited extends Served {
  readonly options: AuthAuditOptions
}

/** A server with logins by this adapter, and what the audits are told of it. */
async function start(serve: Serve, more: Partial<AuthAuditOptions>): Promise<Audited> {
  const authx = createAuthX({ secret: SECRET, sessions: memory() })
  const schema = guarded(authx, TYPES, {
    Query: { open: () => 'open', secret: () => 'secret', may: () => 'may', reading: () => 'read' },
    Mutation: {
      login: async () => {
        const { accessToken, refreshToken } = await authx.sessions.login({ sub: 'ada' })
        return [accessToken, refreshToken]
      },
      logout: (_source, _args, { auth }) => auth.logout().then(() => true),
      change: () => 'changed',
    },
    Subscription: { ticks: { subscribe: ticks } },
  })
  const { url, close } = await serve({ authx, schema })
  const ask = async (query: string, token?: string) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const headers = { 'content-type': 'application/json', ...authorization }
    return JSON.parse((await exchange(url, { method: 'POST', body: { query }, headers })).text).data
  }
  const login = async (): Promise<[string, string]> => (await ask('mutation { login }')).login
  const options: AuthAuditOptions = {
    url,
    query: '{ secret }',
    login: async () => (await login())[0],
    logout: (token) => ask('mutation { logout }', token),
    wrongType: async () => (await login())[1],
    forbidden: '{ reading }',
    partial: '{ open may }',
    mutation: 'mutation { change }',
    within: 1000,
    ...more,
  }
  return { options, url, close: () => Promise.all([close(), authx.close()]) }
}

async function* ticks() {
  yield { ticks: 1 }
  await new Promise(() => {})
}

const mercurius: Serve = async ({ authx, schema }) =>
  serveMercurius(authx, schema, { mercurius: { subscription: true } })

const ROWS: readonly {
  readonly name: string
  readonly serve: Serve
  readonly more?: (url: string) => object
}[] = [
  ...Object.entries(SERVERS).map(([name, serve]) => ({ name, serve })),
  { name: 'Mercurius', serve: mercurius },
]

const all = new Map<string, readonly AuthAuditResult[]>()

describe('every adapter keeps every rule of the audits', () => {
  test.each(ROWS)('$name', async ({ name, serve }) => {
    const more = name === 'Yoga' ? { subscription: 'subscription { ticks }', sse: true } : {}
    const audited = await start(serve, more)
    try {
      const results = await runAuthAudits(authAudits(audited.options))
      all.set(name, results)
    } finally {
      await audited.close()
    }
  })
})

afterAll(() => {
  for (const [name, results] of all)
    console.log(`${name}\n${authAuditReport(results.filter((r) => r.status !== 'ok'))}`)
})
