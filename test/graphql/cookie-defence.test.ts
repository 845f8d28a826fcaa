import { request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { NAMES, readAnswer, startWithCookies } from '../harness/cookies.ts'

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

describe('COOK-05: a request that any page can send and that brings a cookie of ours', () => {
  test.each(SIMPLE)(
    'COOK-05, GQL-02, GQL-03: %s is turned away, defended twice',
    async (_, { method, type, body }) => {
      await using server = await startWithCookies({ csrf: false })
      await server.ask(LOGIN)
      const url = method === 'GET' ? `${server.url}?query=${encodeURIComponent('{ secret }')}` : server.url
      const headers = { ...server.jar.headers(), ...(type === undefined ? {} : { 'content-type': type }) }
      expect(await send(url, method, headers, body)).toBe(415)
      // The same without cookies is Yoga's to judge, and opens nothing.
      expect(await send(url, method, { ...headers, cookie: 'other=1' }, body)).not.toBe(403)
    },
  )

  test('COOK-05, GQL-01: a mutation by GET is turned away', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const url = `${server.url}?query=${encodeURIComponent(CHANGE)}`
    expect((await fetch(url, { headers: server.jar.headers() })).status).toBe(405)
  })

  test('a GET from another site is turned away unless it had to be asked for, or its origin is named', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const get = async (headers: Record<string, string>): Promise<number> =>
      send(`${server.url}?query=${encodeURIComponent('{ secret }')}`, 'GET', {
        ...server.jar.headers({ csrf: false }),
        ...headers,
      })
    expect(await get({ 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await get({ 'sec-fetch-site': 'none' })).toBe(200)
    expect(await get({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await get({ 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await get({ 'sec-fetch-site': 'cross-site', 'x-csrf-token': 'any' })).toBe(200)
    expect(await get({ 'sec-fetch-site': 'cross-site', cookie: 'other=1' })).toBe(401)
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

function contextOf({ authx }: Served): { tokenCookies: ReturnType<Served['authx']['open']>['cookies'] } {
  return { tokenCookies: authx.open({ headerValues: () => [] }).cookies }
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
