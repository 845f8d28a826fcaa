import { describe, expect, test } from 'vitest'
import { type AuthAuditOptions, authAudits, runAuthAudits } from '../../src/testing/index.ts'
import { audited } from './audited.ts'
import { DIFFERENCES } from './differences.ts'
import { serve as serveMercurius } from './mercurius.ts'
import { SERVERS, type Serve, type ServerName } from './serve.ts'

interface Row {
  readonly name: string
  readonly serve: Serve
  readonly more: (url: string) => Partial<AuthAuditOptions>
}

const mercurius: Serve = async ({ authx, schema }) =>
  serveMercurius(authx, schema, { mercurius: { subscription: true, allowBatchedQueries: true } })

const subscription = 'subscription { ticks }'

const MORE: Partial<Record<string, Row['more']>> = {
  Yoga: () => ({ subscription, sse: true }),
}

const ROWS: readonly Row[] = [
  ...Object.entries(SERVERS).map(([name, serve]) => ({ name, serve, more: MORE[name] ?? (() => ({})) })),
  {
    name: 'Mercurius',
    serve: mercurius,
    more: (url) => ({ subscription, wsUrl: url.replace(/^http/, 'ws') }),
  },
]

/** What cannot be tried on any of them. */
const SKIPPED = {
  'public-key-as-secret': 'not given: publicKey',
  deferred: 'the server knows no @defer',
}
const SOCKETS = /^socket-/
const EVENTS = /^sse-/

/** The audits that a server cannot pass, for the reason that docs/servers.md gives. */
function excepted(name: string): readonly string[] {
  const twice = DIFFERENCES.find(({ on }) => on.includes('two Authorization headers'))
  return twice?.of.includes(name as ServerName) ? ['two-headers'] : []
}

describe('every adapter passes the audits', () => {
  test.each(ROWS)('$name', async ({ name, serve, more }) => {
    const server = await audited(serve, more)
    try {
      const results = await runAuthAudits(authAudits(server.options))
      const broken = results.filter(({ status }) => status === 'error' || status === 'warn')
      expect(broken.map(({ id, reason }) => `${id}: ${reason}`)).toEqual(
        excepted(name).map(expect.stringContaining),
      )
      const skipped = results.filter(({ status }) => status === 'skip')
      const told = skipped.filter(
        ({ id }) =>
          !(SOCKETS.test(id) && server.options.wsUrl === undefined) &&
          !(EVENTS.test(id) && !server.options.sse),
      )
      expect(Object.fromEntries(told.map(({ id, reason }) => [id, reason]))).toEqual(SKIPPED)
    } finally {
      await server.close()
    }
  })
})
