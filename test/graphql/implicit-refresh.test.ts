import { expect, test, vi } from 'vitest'
import type { AuthX } from '../../src/authx.ts'
import type { AuthXOptions, RefreshScopes } from '../../src/index.ts'
import { memory } from '../../src/stores/memory.ts'
import { settableClock } from '../harness/clock.ts'
import { type CookieServer, NAMES, openJar, startWithCookies } from '../harness/cookies.ts'
import { openAuthX } from '../harness/instance.ts'

const LOGIN = 'mutation { login(scopes: ["read"]) { csrfToken } }'

/** Somebody logged in whose access token, of 900 seconds, has 300 left. */
async function nearTheEnd(options: Parameters<typeof startWithCookies>[0] = {}): Promise<CookieServer> {
  const server = await startWithCookies({ cookies: { refreshWithin: 600 }, ...options })
  await server.ask(LOGIN)
  server.clock.advance(600)
  return server
}

const claimsOf = (server: CookieServer) => server.authx.verify(server.jar.get(NAMES.access) ?? '')

test('S56: an answer near the end of the access token brings the next one, which says the same and is not fresh', async () => {
  await using server = await nearTheEnd()
  const before = await claimsOf(server)
  const { data, setCookies } = await server.ask('{ fresh secret }')
  expect(data).toEqual({ fresh: 'answer', secret: 'answer' })
  expect(setCookies.map((line) => line.split('=')[0])).toEqual([NAMES.access, NAMES.csrf])
  expect(setCookies[0]).toContain('Max-Age=900')
  const { jti, iat, exp, fresh, ...same } = await claimsOf(server)
  expect(same).toEqual({ ...same, sub: before.sub, sid: before.sid, ue: before.ue, scope: 'read', team: 'x' })
  expect(same.csrf).toBe(before.csrf)
  expect(same.auth_time).toBe(before.auth_time)
  expect([fresh, iat - before.iat, exp - before.exp, jti === before.jti]).toEqual([false, 600, 600, false])
  expect((await server.ask('{ fresh }')).reasons).toEqual(['FRESH_TOKEN_REQUIRED'])
  server.clock.advance(600)
  expect((await server.ask('mutation { change }')).data).toEqual({ change: 'answer' })
})

test('S57: an answer far from the end, or one that nobody was let in for, brings nothing', async () => {
  await using server = await startWithCookies({ cookies: { refreshWithin: 600 } })
  await server.ask(LOGIN)
  expect((await server.ask('{ secret }')).setCookies).toEqual([])
  server.clock.advance(600)
  for (const query of ['{ open }', '{ optional }', '{ nothing }', '{']) {
    expect((await server.ask(query)).setCookies).toEqual([])
  }
  expect((await server.ask('{ secret }', { csrf: false })).setCookies).toEqual([])
  server.clock.advance(400)
  expect(await server.ask('{ secret }')).toMatchObject({ reasons: ['TOKEN_EXPIRED'], setCookies: [] })
})

test('a token in a header near its end brings nothing', async () => {
  await using server = await startWithCookies({
    locations: { access: ['headers', 'cookies'], refresh: ['cookies'] },
    cookies: { refreshWithin: 899 },
  })
  const { accessToken } = await server.authx.sessions.login({ sub: 'ada' })
  server.clock.advance(600)
  const headers = { authorization: `Bearer ${accessToken}` }
  const { data, setCookies } = await server.ask('{ secret }', { headers })
  expect([data, setCookies]).toEqual([{ secret: 'answer' }, []])
})

test('is off unless it is asked for', async () => {
  await using server = await nearTheEnd({ cookies: {} })
  expect((await server.ask('{ secret }')).setCookies).toEqual([])
})

test('S59: a revoked token brings nothing', async () => {
  await using server = await nearTheEnd()
  await server.authx.revoke({ token: server.jar.get(NAMES.access) ?? '' })
  expect(await server.ask('{ secret }')).toMatchObject({ reasons: ['TOKEN_REVOKED'], setCookies: [] })
})

test.each([
  [
    'the session',
    (server: CookieServer) => server.authx.revoke({ token: server.jar.get(NAMES.refresh) ?? '' }),
  ],
  [
    'the one token',
    async (server: CookieServer) => server.authx.revoke({ jti: (await claimsOf(server)).jti }),
  ],
  ['everything', (server: CookieServer) => server.authx.revoke({ sub: 'ada' })],
  ['all sessions', (server: CookieServer) => server.authx.sessions.revokeAll('ada')],
])('S59: a token that is revoked by %s while it is being answered brings nothing', async (_, revoke) => {
  await using server = await nearTheEnd()
  server.meanwhile = () => revoke(server)
  expect(await server.ask('mutation { wait }')).toMatchObject({ data: { wait: 'answer' }, setCookies: [] })
})

test('S60: a logout is not undone by its own answer', async () => {
  await using server = await nearTheEnd()
  const { setCookies } = await server.ask('mutation { change logout }')
  expect(setCookies).toHaveLength(3)
  expect(server.jar.names).toEqual([])
})

test('S60: a refused logout and a login are the last word too', async () => {
  await using server = await nearTheEnd()
  const other = openJar()
  for (const name of server.jar.names) other.set(name, server.jar.get(name) ?? '')
  await server.ask('mutation { change login { csrfToken } }')
  expect((await claimsOf(server)).fresh).toBe(true)
  await server.authx.revoke({ token: other.get(NAMES.access) ?? '' })
  await server.ask('mutation { logout }', { jar: other })
  expect(other.names).toEqual([])
})

test('ends with the session, however often it happens', async () => {
  await using server = await startWithCookies({
    cookies: { refreshWithin: 600 },
    refreshTokenTtl: 2000,
    sessionTtl: 2000,
  })
  await server.ask(LOGIN)
  const end = (await claimsOf(server)).iat + 2000
  for (const step of [600, 600, 600]) {
    server.clock.advance(step)
    await server.ask('{ secret }')
  }
  expect((await claimsOf(server)).exp).toBe(end)
  expect((await server.ask('{ secret }')).setCookies).toEqual([])
  server.clock.advance(300)
  expect((await server.ask('{ secret }')).reasons).toEqual(['TOKEN_EXPIRED'])
})

/** One request with a token in a cookie, without a server: what it is answered with beside the answer. */
async function cookiesFor(authx: AuthX, token: string): Promise<readonly string[]> {
  const { csrf = '' } = await authx.verify(token)
  const headers: Record<string, string> = { cookie: `${NAMES.access}=${token}`, 'x-csrf-token': csrf }
  const request = authx.serving.open({
    method: 'POST',
    headerValues: (name) => (headers[name] === undefined ? [] : [headers[name]]),
  })
  await request.contextMembers({}).auth.check()
  return (await request.finish()).cookies
}

const OPTIONS: AuthXOptions = { locations: { access: ['cookies'] }, cookies: { refreshWithin: 600 } }

test('ends so long after the login where no store keeps sessions', async () => {
  const { authx, clock } = openAuthX({ ...OPTIONS, refreshTokenTtl: 2000, sessionTtl: 2000 })
  const authTime = clock() / 1000
  const token = await authx.createAccessToken({ sub: 'ada' })
  clock.advance(800)
  expect(await cookiesFor(authx, token)).toHaveLength(2)
  const late = await authx.createAccessToken({ sub: 'ada', authTime: authTime - 1070, expiresIn: 100 })
  const last = await authx.createAccessToken({ sub: 'ada', authTime: authTime - 1100, expiresIn: 100 })
  clock.advance(60)
  expect((await cookiesFor(authx, late))[0]).toContain('Max-Age=70;')
  expect(await cookiesFor(authx, last)).toEqual([])
})

test('lives no longer than the one before, which somebody may have made short on purpose', async () => {
  const { authx, clock } = openAuthX(OPTIONS)
  const token = await authx.createAccessToken({ sub: 'ada', expiresIn: 100 })
  clock.advance(60)
  expect((await cookiesFor(authx, token))[0]).toContain('Max-Age=100;')
})

test('REF-13: asks what the subject may have now: scopes shrink, and null brings no token', async () => {
  const refreshScopes = vi.fn<RefreshScopes>(() => ['read', 'more'])
  await using server = await nearTheEnd({ cookies: { refreshWithin: 600, refreshScopes } })
  await server.ask('{ secret }')
  expect((await claimsOf(server)).scope).toBe('read')
  expect(refreshScopes.mock.calls[0]).toMatchObject([{ sub: 'ada', scope: 'read' }])
  server.clock.advance(600)
  refreshScopes.mockReturnValue([])
  await server.ask('{ secret }')
  expect((await claimsOf(server)).scope).toBe('')
  server.clock.advance(600)
  const down = () => Promise.reject(new Error('down'))
  for (const answer of [() => null, () => undefined as never, () => 'read' as never, down]) {
    refreshScopes.mockImplementation(answer)
    expect(await server.ask('{ secret }')).toMatchObject({ data: { secret: 'answer' }, setCookies: [] })
  }
})

test('one that a browser would drop leaves the answer as it is', async () => {
  await using server = await startWithCookies({
    cookies: { refreshWithin: 600, names: { access: 'a'.repeat(3900) } },
  })
  const { accessToken } = await server.authx.sessions.login({ sub: 'ada' })
  const { csrf = '' } = await server.authx.verify(accessToken)
  server.clock.advance(600)
  const headers = { cookie: `__Host-${'a'.repeat(3900)}=${accessToken}`, 'x-csrf-token': csrf }
  expect(await server.ask('{ secret }', { headers })).toMatchObject({
    data: { secret: 'answer' },
    setCookies: [],
  })
  expect(server.log.lines.join()).toContain('the answer goes without')
})

test('brings nothing to a token whose session the store does not have', async () => {
  const clock = settableClock()
  const { authx } = openAuthX({ ...OPTIONS, clock, sessions: memory({ clock }) })
  const token = await authx.createAccessToken({ sub: 'ada' })
  clock.advance(800)
  expect(await cookiesFor(authx, token)).toEqual([])
})

test.each(['readEpoch', 'listSessions'] as const)(
  'brings nothing while the store does not answer %s, and the answer stands',
  async (method) => {
    const clock = settableClock()
    const store = memory({ clock })
    await using server = await nearTheEnd({ sessions: store, clock })
    const works = store[method]
    store[method] = async () => {
      throw new Error('down')
    }
    const refused = await server.ask('{ secret }')
    expect(refused).toMatchObject({ data: { secret: 'answer' }, setCookies: [] })
    expect(server.log.lines.join()).toContain('down')
    store[method] = works as never
    expect((await server.ask('{ secret }')).setCookies).toHaveLength(2)
  },
)
