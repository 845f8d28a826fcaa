import { describe, expect, test } from 'vitest'
import { type App, RIGHT, startApp } from '../harness/app.ts'
import { type Asked, type Jar, openJar, readAnswer } from '../harness/cookies.ts'

const COOKIES = { AUTHX_ACCESS_LOCATIONS: 'cookies', AUTHX_REFRESH_LOCATIONS: 'cookies' }
const PAIR = '{ accessToken refreshToken csrfToken expiresIn }'
const LOGIN = `mutation ($u: String!, $p: String!) { login(username: $u, password: $p) ${PAIR} }`

/** One POST by a page of the server's own origin. */
async function ask(app: App, jar: Jar, query: string, variables = {}, headers = {}): Promise<Asked> {
  const csrf = jar.get('csrf_token')
  const shown = csrf === undefined ? {} : { 'x-csrf-token': csrf }
  const response = await app.send({ query, variables }, { ...jar.headers(), ...shown, ...headers })
  jar.take(response)
  return readAnswer(response)
}

const login = (app: App, jar: Jar, password = RIGHT) => ask(app, jar, LOGIN, { u: 'ada', p: password })

describe('the server with tokens in cookies', () => {
  test('logs in, lives through refreshes and logs out without a token in any body', async () => {
    await using app = await startApp({ env: COOKIES })
    const jar = openJar()
    const { data, setCookies } = await login(app, jar)
    expect(data?.login).toEqual({
      accessToken: null,
      refreshToken: null,
      csrfToken: jar.get('csrf_token'),
      expiresIn: 900,
    })
    // Outside production: browsers keep no Secure cookie of a plain address.
    expect(setCookies[0]).toMatch(/^access_token=[^;]+; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/)
    expect((await ask(app, jar, '{ profile tokenOptional }')).data).toMatchObject({
      profile: 'You are authenticated',
      tokenOptional: 'Your token is: (kept from scripts) and is located in cookies',
    })
    const refreshed = await ask(app, jar, `mutation { refresh ${PAIR} }`)
    expect(refreshed.data?.refresh).toMatchObject({ accessToken: null, refreshToken: null })
    expect((await ask(app, jar, 'mutation { logout }')).data).toEqual({ logout: true })
    expect(jar.names).toEqual([])
    expect((await ask(app, jar, '{ profile }')).reasons).toEqual(['TOKEN_MISSING'])
  })

  test('COOK-01: sets __Host- cookies with Secure in production', async () => {
    await using app = await startApp({ env: { ...COOKIES, NODE_ENV: 'production' } })
    const { setCookies } = await login(app, openJar())
    expect(setCookies.map((line) => line.replace(/=[^;]*;.*?Path/, '= Path'))).toEqual([
      '__Host-access_token= Path=/; HttpOnly; Secure; SameSite=Lax',
      '__Host-refresh_token= Path=/; HttpOnly; Secure; SameSite=Lax',
      '__Host-csrf_token= Path=/; Secure; SameSite=Lax',
    ])
  })

  test('SES-01: a login ends the session of the cookies that came with it, and needs nothing shown', async () => {
    await using app = await startApp({ env: COOKIES })
    const [jar, planted] = [openJar(), openJar()]
    await login(app, planted)
    for (const name of planted.names) if (name !== 'csrf_token') jar.set(name, planted.get(name) ?? '')
    expect((await login(app, jar)).reasons).toEqual([])
    expect((await ask(app, planted, '{ profile }')).reasons).toEqual(['TOKEN_REVOKED'])
    expect((await ask(app, jar, '{ profile }')).reasons).toEqual([])
  })

  test('a wrong password leaves the cookies as they are', async () => {
    await using app = await startApp({ env: COOKIES })
    const jar = openJar()
    await login(app, jar)
    expect(await login(app, jar, 'wrong')).toMatchObject({ reasons: ['CREDENTIALS_WRONG'], setCookies: [] })
    expect((await ask(app, jar, '{ profile }')).reasons).toEqual([])
  })

  test('a changed password brings new cookies; whatever ends the session takes them away', async () => {
    await using app = await startApp({ env: COOKIES })
    const jar = openJar()
    await login(app, jar)
    const before = jar.get('access_token')
    const next = 'another horse battery staple'
    const change = `mutation ($c: String!, $n: String!) { changePassword(current: $c, next: $n) ${PAIR} }`
    const changed = await ask(app, jar, change, { c: RIGHT, n: next })
    expect(changed.data?.changePassword).toMatchObject({ accessToken: null, refreshToken: null })
    expect(jar.get('access_token')).not.toBe(before)
    expect((await ask(app, jar, 'mutation { logoutEverywhere }')).data).toEqual({ logoutEverywhere: 1 })
    expect(jar.names).toEqual([])

    await login(app, jar, next)
    const other = openJar()
    await login(app, other, next)
    const { data } = await ask(app, jar, '{ sessions { id current } }')
    const sessions = data?.sessions as { id: string; current: boolean }[]
    const end = 'mutation ($id: ID!) { revokeSession(id: $id) }'
    const idOf = (current: boolean) => ({ id: sessions.find((session) => session.current === current)?.id })
    expect((await ask(app, jar, end, idOf(false))).setCookies).toEqual([])
    expect((await ask(app, jar, end, idOf(true))).setCookies).toHaveLength(3)
    expect(jar.names).toEqual([])
  })

  test('REF-13: renews an access token near its end where that is asked for, as long as the account may', async () => {
    const env = { ...COOKIES, AUTHX_ACCESS_TOKEN_TTL: '4', AUTHX_IMPLICIT_REFRESH: '3' }
    await using app = await startApp({ env })
    const jar = openJar()
    await login(app, jar)
    const pass = () => new Promise((resolve) => setTimeout(resolve, 1100))
    await pass()
    const { data, setCookies } = await ask(app, jar, '{ profile }')
    expect(data).toEqual({ profile: 'You are authenticated' })
    expect(setCookies.map((line) => line.split('=')[0])).toEqual(['access_token', 'csrf_token'])
    const account = await app.store.findByUsername('ada')
    await app.store.changeAccount(account?.id ?? '', { disabled: true })
    await pass()
    expect(await ask(app, jar, '{ profile }')).toMatchObject({ status: 200, setCookies: [] })
  })

  test('lets a page of a named origin bring cookies, and only such a page', async () => {
    await using app = await startApp({ env: { ...COOKIES, AUTHX_CORS_ORIGINS: 'https://app.example' } })
    const preflight = async (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' }
      const response = await fetch(app.url, { method: 'OPTIONS', headers })
      expect(response.headers.get('vary')).toContain('Origin')
      return ['origin', 'credentials'].map((name) => response.headers.get(`access-control-allow-${name}`))
    }
    expect(await preflight('https://app.example')).toEqual(['https://app.example', 'true'])
    expect(await preflight('https://other.example')).toEqual([null, null])
  })

  test('keeps the access token in the header and the refresh token in a cookie where told so', async () => {
    await using app = await startApp({ env: { AUTHX_REFRESH_LOCATIONS: 'cookies' } })
    const jar = openJar()
    const { data } = await login(app, jar)
    const { accessToken, refreshToken } = (data as { login: Record<string, string | null> }).login
    expect([typeof accessToken, refreshToken, jar.names]).toEqual([
      'string',
      null,
      ['csrf_token', 'refresh_token'],
    ])
    const headers = { authorization: `Bearer ${accessToken}` }
    expect((await ask(app, jar, '{ profile }', {}, headers)).reasons).toEqual([])
    expect((await ask(app, jar, `mutation { refresh ${PAIR} }`)).data?.refresh).toMatchObject({
      refreshToken: null,
    })
  })
})
