import { describe, expect, test } from 'vitest'
import {
  type AuthAuditOptions,
  type AuthAuditResult,
  authAudits,
  runAuthAudits,
} from '../../src/testing/index.ts'
import { type Fault, HANDMADE_FAULTS, NAIVE } from '../harness/handmade-faults.ts'
import { type HandmadeServer, startHandmade } from '../harness/handmade-server.ts'

function optionsFor(server: HandmadeServer): AuthAuditOptions {
  const { url, publicKey, expired, login } = server
  return {
    url,
    query: '{ secret }',
    login: async () => login().accessToken,
    async logout(token) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: 'mutation { logout }' }) })
    },
    async cookieLogin() {
      return { cookie: `session=${login().accessToken}`, headers: { 'x-csrf': '1' } }
    },
    expired,
    wrongType: () => login().refreshToken,
    publicKey,
    forbidden: '{ reading }',
    partial: '{ open may }',
    mutation: 'mutation { change }',
    subscription: 'subscription { ticks }',
    wsUrl: url.replace(/^http/, 'ws'),
    sse: true,
    within: 120,
  }
}

/** Runs the audits, or those that are named, against a server with these faults. */
async function audited(
  faults: readonly Fault[],
  ids?: readonly string[],
): Promise<readonly AuthAuditResult[]> {
  await using server = await startHandmade(faults)
  const audits = authAudits(optionsFor(server)).filter(({ id }) => ids?.includes(id) ?? true)
  // While the server is there.
  return await runAuthAudits(audits)
}

describe('a server without graphql-authx', () => {
  test('passes where it does everything right', async () => {
    const results = await audited([])
    expect(results.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(results.length).toBeGreaterThan(50)
  })

  test.each(Object.entries(HANDMADE_FAULTS))(
    'that does one thing wrong is told so: %s',
    async (fault, ids) => {
      const results = await audited([fault as Fault], ids)
      expect(results.map(({ id }) => id).sort()).toEqual([...ids].sort())
      const level = ({ name }: AuthAuditResult): string => (name.startsWith('MUST') ? 'error' : 'warn')
      expect(results.map(({ status }) => status)).toEqual(results.map(level))
    },
  )

  test('every audit has a fault that it notices', async () => {
    await using server = await startHandmade()
    const noticed = new Set<string>(Object.values(HANDMADE_FAULTS).flat())
    const ids = authAudits(optionsFor(server)).map(({ id }) => id)
    expect(ids.filter((id) => !noticed.has(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('that was written in an afternoon breaks these', async () => {
    const results = await audited(NAIVE)
    const broken = results.filter(({ status }) => status === 'error' || status === 'warn')
    expect(broken.map(({ id, status, reason }) => `${status} ${id}: ${reason}`)).toMatchInlineSnapshot(`
      [
        "error wrong-type: opened the query: a token with another type",
        "error revoked-mutation: the mutation was run",
        "error revoked-respelled: spelling 1 of 41 opened the query",
        "error scheme-case: refused a good token after bearer",
        "warn two-headers: the first of two headers was taken, where a proxy may have looked at the second",
        "error token-in-url: the parameter access_token was taken",
        "error batch: an operation after an open one was answered without a token",
        "error mutation-without-token: the mutation was run",
        "error mutation-by-get: the mutation was run",
        "warn form: run from text/plain",
        "error cookie-form: run from text/plain",
        "error cookie-get: the mutation was run by GET",
        "warn cookie-alone: run without anything that a foreign page could not send",
        "error ways-to-ask: answered without a token in an inline fragment",
        "warn status-missing: the answer was 200",
        "warn status-bad: the answer was 200",
        "error forbidden: answered",
        "warn status-partial: nothing was refused without a token",
        "warn refusal-code: asked without a token it gives no code (200)",
        "error token-echo: the body of an answer has it",
        "warn not-cached: neither no-store nor private",
        "error socket-before-welcome: it may run: the connection stays open",
        "warn socket-welcome-code: left open",
        "error socket-logout: it still runs 120 ms after the logout",
        "error sse-logout: they still come 120 ms after the logout",
      ]
    `)
    const tokens = results.filter(({ reason }) => /eyJ/.test(reason))
    expect(tokens).toEqual([])
  })
})
