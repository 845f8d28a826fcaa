import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../src/index.ts'
import {
  type AuthAuditOptions,
  type AuthAuditResult,
  authAuditReport,
  authAudits,
  runAuthAudits,
} from '../../src/testing/index.ts'
import { type App, RIGHT, startApp } from '../harness/app.ts'
import { openJar } from '../harness/cookies.ts'

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
    within: 500,
  }
}

const told = ({ id, status, reason }: AuthAuditResult): string => `${status} ${id}: ${reason}`

describe('the server', () => {
  test('passes every audit, and what is not tried says why', async () => {
    await using app = await startApp()
    const results = await runAuthAudits(authAudits(optionsFor(app)))
    expect(results.filter(({ status }) => status !== 'ok').map(told)).toMatchInlineSnapshot(`
      [
        "skip public-key-as-secret: not given: publicKey",
        "skip expired-token: not given: expired",
        "skip cookie-form: not given: cookieLogin",
        "skip cookie-get: not given: cookieLogin",
        "skip cookie-alone: not given: cookieLogin",
        "skip deferred: the server knows no @defer",
        "skip forbidden: not given: forbidden",
        "skip status-forbidden: not given: forbidden",
        "skip status-partial: not given: partial",
      ]
    `)
  })

  test('passes those about cookies where tokens travel in them', async () => {
    await using app = await startApp({ env: { AUTHX_ACCESS_LOCATIONS: 'headers,cookies' } })
    const options: AuthAuditOptions = {
      ...optionsFor(app),
      async cookieLogin() {
        const jar = openJar()
        jar.take(await login(app))
        const { cookie = '' } = jar.headers()
        return { cookie, headers: { 'x-csrf-token': jar.get('csrf_token') ?? '' } }
      },
    }
    const audits = authAudits(options).filter(({ id }) => id.startsWith('cookie-'))
    expect((await runAuthAudits(audits)).map(told)).toMatchInlineSnapshot(`
      [
        "ok cookie-form: nothing was run from 4 content types",
        "ok cookie-get: not run",
        "ok cookie-alone: not run",
      ]
    `)
  })
})

describe('authAudits', () => {
  const PRIVATE_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  const minimal = { url: 'http://localhost/graphql', query: '{ a }', login: async () => 'token' }

  test.each([
    ['a misspelt option', { ...minimal, logOut: () => {} }],
    ['an endpoint that is none', { ...minimal, url: '/graphql' }],
    ['a document that is none', { ...minimal, query: '{' }],
    ['a mutation as the query', { ...minimal, query: 'mutation { a }' }],
    ['a login that is no function', { ...minimal, login: 'token' }],
    ['an endpoint of sockets that is none', { ...minimal, wsUrl: 'http://localhost/graphql' }],
    ['no time at all', { ...minimal, within: 0 }],
    ['an empty token', { ...minimal, expired: '' }],
    ['an empty token of another type', { ...minimal, wrongType: '' }],
    ['a key that is none', { ...minimal, publicKey: 'x' }],
    ['a private key', { ...minimal, publicKey: PRIVATE_KEY }],
    ['no login of either kind', { url: minimal.url, query: minimal.query }],
    ['nothing', undefined],
  ])('refuses %s, naming the option', (_, options) => {
    expect(() => authAudits(options as AuthAuditOptions)).toThrow(ConfigurationError)
    expect(() => authAudits(options as AuthAuditOptions)).toThrow(
      /^(logOut|url|query|login|wsUrl|within|expired|wrongType|publicKey|options): /,
    )
  })

  test('says of a server that is not there that nothing could be tried, under a SHOULD as well', async () => {
    const results = await runAuthAudits(authAudits({ ...minimal, url: 'http://127.0.0.1:9/graphql' }))
    expect(results.filter(({ status }) => status === 'ok')).toEqual([])
    expect(results.find(({ id }) => id === 'status-missing')).toMatchObject({
      status: 'error',
      reason: 'could not be tried: url: nothing answers at http://127.0.0.1:9/graphql (ECONNREFUSED)',
    })
  })

  test('writes what is wrong first, once why something was skipped, and how much there is of each', () => {
    const report = authAuditReport([
      { id: 'one', name: 'MUST one', status: 'ok', reason: 'tried' },
      { id: 'second', name: 'SHOULD two', status: 'warn', reason: 'otherwise' },
      { id: 'third', name: 'MUST three', status: 'skip', reason: 'the server knows no such thing' },
      { id: 'fourth', name: 'MUST four', status: 'skip', reason: 'the server knows no such thing' },
      { id: 'fifth', name: 'MUST five', status: 'skip', reason: 'not given: expired' },
      { id: 'sixth', name: 'MUST six', status: 'skip', reason: 'not given: logout' },
    ])
    expect(report).toMatchInlineSnapshot(`
      "warn   second  SHOULD two: otherwise
      skip   the server knows no such thing: third, fourth
      skip   you could also give: expired, logout
      ok     one     MUST one: tried
      0 error, 1 warn, 4 skip, 1 ok"
    `)
  })
})
