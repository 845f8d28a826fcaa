import { describe, expect, test } from 'vitest'
import { type AuthAuditOptions, authAuditReport, authAudits, runAuthAudits } from '../../src/testing/index.ts'
import { type App, RIGHT, startApp } from '../harness/app.ts'

const LOGIN =
  'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken refreshToken csrfToken } }'

async function login(app: App): Promise<Response> {
  return app.send({ query: LOGIN, variables: { u: 'ada', p: RIGHT } })
}

async function pair(app: App): Promise<{ accessToken: string; refreshToken: string }> {
  return (await (await login(app)).json()).data.login
}

/** What the audits are told of the server that `npm start` runs. */
function optionsFor(app: App): AuthAuditOptions {
  return {
    url: app.url,
    query: '{ profile }',
    login: async () => (await pair(app)).accessToken,
    logout: (token) => app.send({ query: 'mutation { logout }' }, { authorization: `Bearer ${token}` }),
    wrongType: async () => (await pair(app)).refreshToken,
    mutation: 'mutation { revokeSession(id: "none") }',
    subscription: 'subscription { sessionEvents { kind } }',
    wsUrl: app.url.replace(/^http/, 'ws'),
    sse: true,
  }
}

describe('the server', () => {
  test('keeps every rule, and what is not tried says why', async () => {
    await using app = await startApp()
    const results = await runAuthAudits(authAudits(optionsFor(app)))
    console.log(authAuditReport(results))
    expect(results.length).toBeGreaterThan(40)
  })
})
