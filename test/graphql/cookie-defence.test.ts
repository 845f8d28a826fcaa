import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { ConfigurationError, type TokenCookies } from '../../src/index.ts'
import { NAMES, readAnswer, startWithCookies } from '../harness/cookies.ts'
import { openAuthX } from '../harness/instance.ts'

const LOGIN = 'mutation { login { csrfToken } }'
const CHANGE = 'mutation { change }'

/** What a form, an image or a script of another page can make a browser send, cookies and all. */
const SIMPLE: readonly (readonly [
  string,
  { readonly method: string; readonly type?: string; readonly body?: string },
])[] = [
  ['a form', { method: 'POST', type: 'application/x-www-form-urlencoded', body: `query=${CHANGE}` }],
  ['a form of plain text', { method: 'POST', type: 'text/plain', body: JSON.stringify({ query: CHANGE }) }],
  ['a form with files', { method: 'POST', type: 'multipart/form-data; boundary=x', body: '--x--' }],
  ['a beacon without a type', { method: 'POST', body: JSON.stringify({ query: CHANGE }) }],
  ['a GET with a type that needs no asking', { method: 'GET', type: 'text/plain' }],
]

describe('COOK-05: where tokens travel in cookies', () => {
  test.each(SIMPLE)(
    'COOK-05, GQL-02, GQL-03: %s is turned away, defended twice',
    async (_, { method, type, body }) => {
      await using server = await startWithCookies({ csrf: false })
      await server.ask(LOGIN)
      const url = method === 'GET' ? `${server.url}?query=${encodeURIComponent('{ secret }')}` : server.url
      const headers = { ...server.jar.headers(), ...(type === undefined ? {} : { 'content-type': type }) }
      expect(await send(url, method, headers, body)).toBe(415)
    },
  )

  test('a form of another site, which brings no cookie, logs nobody in or out', async () => {
    await using server = await startWithCookies()
    for (const query of [LOGIN, 'mutation { logout }']) {
      const body = new URLSearchParams({ query })
      const response = await fetch(server.url, { method: 'POST', body })
      expect([response.status, response.headers.getSetCookie()]).toEqual([415, []])
    }
  })

  test('COOK-05, GQL-01: a mutation by GET is turned away', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const url = `${server.url}?query=${encodeURIComponent(CHANGE)}`
    expect((await fetch(url, { headers: server.jar.headers() })).status).toBe(405)
  })

  test.each([
    ['its own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['nobody’s page', { 'sec-fetch-site': 'none' }, 200],
    ['no browser', {}, 200],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of another origin of the site', { 'sec-fetch-site': 'same-site' }, 403],
    [
      'such a page that may ask by CORS',
      { 'sec-fetch-site': 'same-site', 'x-csrf-token': 'any', authorization: 'Basic x' },
      403,
    ],
    ['an old browser with its own page', { origin: 'http://HOST' }, 200],
    ['an old browser with another page', { origin: 'http://evil.example' }, 403],
    ['an old browser with a page of no origin', { origin: 'null' }, 403],
    [
      'a page of an origin that is named',
      { 'sec-fetch-site': 'same-site', origin: 'https://app.example' },
      200,
    ],
    [
      'a page of an origin like one that is named',
      { 'sec-fetch-site': 'same-site', origin: 'https://app.exampl' },
      403,
    ],
  ])('a request of %s', async (_, given, status) => {
    await using server = await startWithCookies({}, { origins: ['https://app.example'] })
    await server.ask(LOGIN)
    const { host } = new URL(server.url)
    const headers: Record<string, string> = { ...server.jar.headers(), ...given }
    if (headers.origin !== undefined) headers.origin = headers.origin.replace('HOST', host)
    const json = { ...headers, 'content-type': 'application/json' }
    expect(await send(server.url, 'POST', json, JSON.stringify({ query: LOGIN }))).toBe(status)
    expect(await send(`${server.url}?query=${encodeURIComponent('{ secret }')}`, 'GET', headers)).toBe(status)
  })

  test('where they travel in headers, pages of other origins are for CORS to judge', async () => {
    await using server = await startWithCookies({ locations: {} })
    const headers = {
      'content-type': 'application/json',
      'sec-fetch-site': 'cross-site',
      origin: 'https://other.example',
    }
    expect(await send(server.url, 'POST', headers, JSON.stringify({ query: '{ open }' }))).toBe(200)
  })

  test.each([
    [{ origins: 'https://app.example' }],
    [{ origins: ['https://app.example/'] }],
    [{ origins: ['*'] }],
    [{ origin: ['https://app.example'] }],
  ])('useAuthX refuses %o', (options) => {
    expect(() => useAuthX(openAuthX().authx, options as never)).toThrow(ConfigurationError)
  })
})

describe('COOK-03', () => {
  test('COOK-03: a token that a browser would drop is an error of the login, which names the mend', async () => {
    await using server = await startWithCookies()
    const room = 4096 - NAMES.refresh.length - (await sizeOf(server, 0))
    const scopes = (count: number) => ({ scopes: ['s'.repeat(Math.floor((count * 3) / 4))] })
    const { tokenCookies } = contextOf(server)
    const fits = await server.authx.sessions.login({ sub: 'ada', ...scopes(room - 40) })
    expect(tokenCookies.set(fits)).toMatchObject({ accessToken: null })
    const drops = await server.authx.sessions.login({ sub: 'ada', ...scopes(room + 40) })
    expect(() => tokenCookies.set(drops)).toThrow(
      /have \d+ bytes, and browsers keep 4096; put less into its claims/,
    )
  })
})

describe('tokenCookies.set', () => {
  test('takes tokens of this instance only, each in its place, of one pair', async () => {
    await using server = await startWithCookies()
    const one = await server.authx.sessions.login({ sub: 'ada' })
    const other = await server.authx.sessions.login({ sub: 'ada' })
    const { tokenCookies } = contextOf(server)
    expect(() => tokenCookies.set({ accessToken: one.refreshToken })).toThrow(
      'accessToken is no access token',
    )
    expect(() => tokenCookies.set({ refreshToken: 'x' })).toThrow('refreshToken is no refresh token')
    expect(() =>
      tokenCookies.set({ accessToken: one.accessToken, refreshToken: other.refreshToken }),
    ).toThrow('tokens of two pairs')
    expect(tokenCookies.set({ accessToken: one.accessToken })).toEqual({ accessToken: null })
    for (const nothing of [server.authx.sessions.login({ sub: 'ada' }), {}, undefined, null]) {
      expect(() => tokenCookies.set(nothing as never)).toThrow(
        'takes { accessToken, refreshToken } or one of them',
      )
    }
  })

  test('is too late when the answer has begun', async () => {
    await using server = await startWithCookies()
    const pair = await server.authx.sessions.login({ sub: 'ada' })
    const request = server.authx.serving.open({ headerValues: () => [] })
    await request.finish()
    expect(() => request.contextMembers({}).tokenCookies.set(pair)).toThrow('the answer has begun')
  })

  test('keeps no token out of the body that no cookie carries', async () => {
    const { authx } = openAuthX({ locations: { access: ['cookies'], refresh: [] } })
    const pair = await authx.createTokenPair({ sub: 'ada' })
    const sent = authx.serving
      .open({ headerValues: () => [] })
      .contextMembers({})
      .tokenCookies.set(pair)
    expect(sent).toMatchObject({ accessToken: null, refreshToken: pair.refreshToken })
  })

  test('says what is missing where no token travels in a cookie', async () => {
    await using server = await startWithCookies({ locations: {} })
    expect((await server.ask(LOGIN)).reasons).toEqual(['Unexpected error.'])
    expect(() => contextOf(server).tokenCookies.clear()).toThrow(
      /^tokenCookies: no token travels in a cookie; give/,
    )
  })
})

type Served = Awaited<ReturnType<typeof startWithCookies>>

function contextOf({ authx }: Served): { tokenCookies: TokenCookies } {
  return authx.serving.open({ headerValues: () => [] }).contextMembers({})
}

async function sizeOf({ authx }: Served, scope: number): Promise<number> {
  const { refreshToken } = await authx.sessions.login({ sub: 'ada', scopes: ['s'.repeat(scope + 1)] })
  return refreshToken.length
}

/** By node:http, since fetch sets a Content-Type and Fetch Metadata of its own. The status. */
async function send(
  url: string,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject).end(body)
  })
}

test('an answer that was turned away says why', async () => {
  await using server = await startWithCookies()
  await server.ask(LOGIN)
  const headers = { ...server.jar.headers(), 'content-type': 'text/plain' }
  const response = await fetch(server.url, { method: 'POST', headers, body: '{}' })
  expect(await readAnswer(response)).toMatchObject({
    status: 415,
    reasons: ['A POST must have the header Content-Type: application/json.'],
  })
})
