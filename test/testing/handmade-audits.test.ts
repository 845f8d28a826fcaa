import { describe, expect, test } from 'vitest'
import {
  type AuthAuditOptions,
  type AuthAuditResult,
  authAudits,
  runAuthAudits,
} from '../../src/testing/index.ts'
import { type Fault, HANDMADE_FAULTS } from '../harness/handmade-faults.ts'
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

async function audited(fault?: Fault): Promise<readonly AuthAuditResult[]> {
  await using server = await startHandmade(fault)
  // While the server is there.
  return await runAuthAudits(authAudits(optionsFor(server)))
}

describe('a server without graphql-authx', () => {
  test('passes where it does everything right', async () => {
    const results = await audited()
    const others = results.filter(({ status }) => status !== 'ok')
    expect(others.map(({ id, status, reason }) => `${status} ${id}: ${reason}`)).toMatchInlineSnapshot(`
      [
        "skip cookie-form: not given: cookieLogin",
        "skip cookie-get: not given: cookieLogin",
        "skip cookie-alone: not given: cookieLogin",
        "skip deferred: the server knows no @defer",
      ]
    `)
  })

  test.each(Object.entries(HANDMADE_FAULTS))(
    'that does one thing wrong is told so: %s',
    async (fault, ids) => {
      const found = (await audited(fault as Fault)).filter(
        ({ status }) => status !== 'ok' && status !== 'skip',
      )
      expect(found.map(({ id }) => id)).toEqual(ids)
    },
  )
})
