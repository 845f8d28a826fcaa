import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type AuthAuditOptions, authAudits, runAuthAudits } from '../../src/testing/index.ts'
import { audited } from './audited.ts'
import { DIFFERENCES } from './differences.ts'
import { serve as serveMercurius } from './mercurius.ts'
import { SERVERS, type Serve } from './serve.ts'

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
  Mercurius: (url) => ({ subscription, wsUrl: url.replace(/^http/, 'ws') }),
}

const ROWS: readonly Row[] = [
  ...Object.entries({ ...SERVERS, Mercurius: mercurius }).map(([name, serve]) => ({
    name,
    serve,
    more: MORE[name] ?? (() => ({})),
  })),
]

/** What cannot be tried on any of them. */
const SKIPPED = {
  'public-key-as-secret': 'not given: publicKey',
  deferred: 'the server knows no @defer',
}
const SOCKETS = /^socket-/
const EVENTS = /^sse-/

/** What a server, not its adapter, does otherwise, by the audits that say so. */
const EXCEPTED: readonly { readonly name: string; readonly id: string; readonly because: string }[] = [
  ...DIFFERENCES.filter(({ on }) => on.includes('two Authorization headers')).flatMap(({ of, because }) =>
    of.map((name) => ({ name, id: 'two-headers', because })),
  ),
  {
    name: 'Mercurius',
    id: 'socket-welcome-code',
    because: 'Mercurius closes the connection of who subscribes too early without a code',
  },
]

describe('every adapter passes the audits', () => {
  test.each(ROWS)('$name', async ({ name, serve, more }) => {
    const server = await audited(serve, more)
    try {
      const results = await runAuthAudits(authAudits(server.options))
      expect(results.filter(({ status }) => status === 'error')).toEqual([])
      const warned = results.filter(({ status }) => status === 'warn')
      const excepted = EXCEPTED.filter((one) => one.name === name)
      expect(warned.map(({ id }) => id)).toEqual(excepted.map(({ id }) => id))
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

  test('but for what docs/audit-server.md says', () => {
    const page = readFileSync(new URL('../../docs/audit-server.md', import.meta.url), 'utf8')
    expect(EXCEPTED.filter(({ because }) => !page.includes(because))).toEqual([])
  })
})

describe('what a server does not know it refuses to everybody, and no audit takes that for a refusal', () => {
  test.each(ROWS)('$name', async ({ serve, more }) => {
    const server = await audited(serve, more)
    const { subscription: known, sse, wsUrl } = server.options
    try {
      const options: AuthAuditOptions = {
        ...server.options,
        forbidden: '{ raeding }',
        partial: '{ opne may }',
        mutation: 'mutation { chnage }',
        ...(known === undefined ? {} : { subscription: 'subscription { tikcs }' }),
      }
      const ids = [
        ...['forbidden', 'status-forbidden', 'status-partial'],
        ...['revoked-mutation', 'mutation-without-token', 'mutation-by-get', 'form', 'cookie-form'],
        ...(sse === true ? ['sse-missing-token'] : []),
        ...(wsUrl === undefined ? [] : ['socket-missing-token']),
      ]
      const results = await runAuthAudits(authAudits(options).filter(({ id }) => ids.includes(id)))
      expect(results.map(({ id }) => id).sort()).toEqual(ids.sort())
      for (const { status, reason } of results) {
        expect(status).toBe('error')
        expect(reason).toMatch(
          /^could not be tried: (forbidden|partial|mutation|cookieLogin|subscription): was answered with.*: (Cannot query field|The subscription field)/,
        )
      }
    } finally {
      await server.close()
    }
  })
})
