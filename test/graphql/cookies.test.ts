import { describe, expect, test } from 'vitest'
import type { Carrier } from '../../src/index.ts'
import { NAMES, openJar, readAnswer, startWithCookies } from '../harness/cookies.ts'

const LOGIN = 'mutation { login { accessToken refreshToken csrfToken } }'

describe('a login with cookies', () => {
  test('S84, COOK-01: sets two tokens and the value that a page reads, and keeps the tokens out of the body', async () => {
    await using server = await startWithCookies()
    const { data, setCookies } = await server.ask(LOGIN)
    expect(data?.login).toEqual({
      accessToken: null,
      refreshToken: null,
      csrfToken: server.jar.get(NAMES.csrf),
    })
    expect(setCookies.map((line) => line.replace(/=[^;]{20,}/, '=…'))).toEqual([
      '__Host-access_token=…; Max-Age=900; Path=/; HttpOnly; Secure; SameSite=Lax',
      '__Host-refresh_token=…; Max-Age=1728000; Path=/; HttpOnly; Secure; SameSite=Lax',
      '__Host-csrf_token=…; Max-Age=7776000; Path=/; Secure; SameSite=Lax',
    ])
    expect(setCookies.join()).not.toContain('Domain')
  })

  test('S84: is one cookie where one token travels so and nothing is to be shown back', async () => {
    await using server = await startWithCookies({
      locations: { access: ['headers'], refresh: ['cookies'] },
      csrf: false,
    })
    const { data, setCookies } = await server.ask(LOGIN)
    expect(setCookies).toEqual([expect.stringMatching(/^__Host-refresh_token=/)])
    expect(data?.login).toMatchObject({
      accessToken: expect.any(String),
      refreshToken: null,
      csrfToken: null,
    })
  })

  test('answers with a token as well where a header can bring it back', async () => {
    await using server = await startWithCookies({
      locations: { access: ['headers', 'cookies'], refresh: ['cookies'] },
    })
    const { data } = await server.ask(LOGIN)
    expect(data?.login).toMatchObject({ accessToken: server.jar.get(NAMES.access), refreshToken: null })
  })

  test('sets plain names without Secure only where it is told to', async () => {
    await using server = await startWithCookies({
      cookies: { secure: false, sameSite: 'Strict', names: { access: 'a' } },
    })
    const { setCookies } = await server.ask(LOGIN)
    expect(setCookies[0]).toMatch(/^a=[^;]+; Max-Age=900; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  test('is never cached (REF-18)', async () => {
    await using server = await startWithCookies()
    const response = await server.send({ query: LOGIN })
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})

describe('a token in a cookie', () => {
  test('S05: opens a guarded field by POST with the matching header', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    expect(await server.ask('mutation { change }')).toMatchObject({ status: 200, data: { change: 'answer' } })
    expect(await server.ask('{ secret }')).toMatchObject({ status: 200, data: { secret: 'answer' } })
  })

  test.each(['{ secret }', 'mutation { change }', '{ checked }'])(
    'S06: is refused as CSRF_MISSING by POST without the header: %s',
    async (query) => {
      await using server = await startWithCookies()
      await server.ask(LOGIN)
      expect(await server.ask(query, { csrf: false })).toMatchObject({
        status: 403,
        reasons: ['CSRF_MISSING'],
      })
      const empty = { csrf: false, headers: { 'x-csrf-token': '' } }
      expect(await server.ask(query, empty)).toMatchObject({ status: 403, reasons: ['CSRF_MISSING'] })
    },
  )

  test.each([
    ['another value', 'wrong'],
    ['letters beyond ASCII', 'é'],
    ['two values', 'a, b'],
    ['a quote', '"'],
    ['a long value', 'x'.repeat(4000)],
  ])('S07: is refused as CSRF_MISMATCH with %s in the header', async (_, value) => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const headers = { 'x-csrf-token': Buffer.from(value).toString('latin1') }
    expect(await server.ask('{ secret }', { headers })).toMatchObject({
      status: 403,
      reasons: ['CSRF_MISMATCH'],
    })
  })

  test('S07: is refused with the value of another session, or one planted in the readable cookie', async () => {
    await using server = await startWithCookies()
    const other = openJar()
    await server.ask(LOGIN)
    await server.ask(LOGIN, { jar: other })
    server.jar.set(NAMES.csrf, other.get(NAMES.csrf) ?? '')
    expect(await server.ask('{ secret }')).toMatchObject({ reasons: ['CSRF_MISMATCH'] })
  })

  test('S08: needs no header where the defence is switched off', async () => {
    await using server = await startWithCookies({ csrf: false })
    await server.ask(LOGIN)
    expect(server.jar.names).toEqual([NAMES.access, NAMES.refresh])
    expect(await server.ask('mutation { change }')).toMatchObject({ data: { change: 'answer' } })
    expect(await server.ask('{ optional }')).toMatchObject({ data: { optional: 'cookies' } })
  })

  test('S09: is no anonymous request to an optional field either', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const query = '{ optional optionalRefresh }'
    expect((await server.ask(query)).data).toEqual({ optional: 'cookies', optionalRefresh: 'cookies' })
    expect((await server.ask(query, { csrf: false })).reasons).toEqual(['CSRF_MISSING', 'CSRF_MISSING'])
    const headers = { 'x-csrf-token': 'wrong' }
    expect((await server.ask(query, { headers })).reasons).toEqual(['CSRF_MISMATCH', 'CSRF_MISMATCH'])
    server.clock.advance(1000)
    expect((await server.ask(query)).data).toEqual({ optional: 'cookies', optionalRefresh: 'cookies' })
  })

  test('is not handed to a field without a directive either, unproven', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    expect((await server.ask('{ raw }')).data).toEqual({ raw: 'cookies' })
    expect((await server.ask('{ raw }', { csrf: false })).reasons).toEqual(['CSRF_MISSING'])
  })

  test('is defended where a location of somebody’s own reads it', async () => {
    const find = (request: Carrier) => /mine=([^;]+)/.exec(request.headerValues('cookie')[0] ?? '')?.[1]
    await using server = await startWithCookies({ locations: { access: [{ name: 'cookies', find }] } })
    const { accessToken } = await server.authx.sessions.login({ sub: 'ada' })
    const { csrf = '' } = await server.authx.verify(accessToken)
    const cookie = `mine=${accessToken}`
    expect((await server.ask('{ secret }', { headers: { cookie } })).reasons).toEqual(['CSRF_MISSING'])
    expect((await server.ask('{ secret }', { headers: { cookie, 'x-csrf-token': csrf } })).reasons).toEqual(
      [],
    )
  })

  test('S10: opens a query by GET without the header, and nothing else', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const get = async (query: string, headers = {}) => {
      const url = `${server.url}?query=${encodeURIComponent(query)}`
      return readAnswer(await fetch(url, { headers: { ...server.jar.headers({ csrf: false }), ...headers } }))
    }
    expect(await get('{ secret checked }')).toMatchObject({ data: { secret: 'answer', checked: 'ada' } })
    expect((await get('mutation { change }')).status).toBe(405)
    const stream = await fetch(`${server.url}?query=${encodeURIComponent('subscription { ticks }')}`, {
      headers: { ...server.jar.headers({ csrf: false }), accept: 'text/event-stream' },
    })
    expect(await stream.text()).toContain('CSRF_MISSING')
  })

  test('S11: has a header of its own for each type where two are named', async () => {
    await using server = await startWithCookies({ csrf: { header: { refresh: 'X-Refresh-CSRF' } } })
    await server.ask(LOGIN)
    const refresh = 'mutation { refresh { csrfToken } }'
    expect((await server.ask(refresh)).reasons).toEqual(['CSRF_MISSING'])
    const headers = { 'x-refresh-csrf': server.jar.get(NAMES.csrf) ?? '' }
    expect((await server.ask(refresh, { csrf: false, headers })).reasons).toEqual([])
    expect((await server.ask('{ secret }')).data).toEqual({ secret: 'answer' })
  })

  test('S50: a refresh token buys the next pair, and the value to show back stays', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const [access, refresh, csrf] = [NAMES.access, NAMES.refresh, NAMES.csrf].map((name) =>
      server.jar.get(name),
    )
    const { data, setCookies } = await server.ask(
      'mutation { refresh { accessToken refreshToken csrfToken } }',
    )
    expect(data?.refresh).toEqual({ accessToken: null, refreshToken: null, csrfToken: csrf })
    expect(setCookies).toHaveLength(3)
    expect(server.jar.get(NAMES.access)).not.toBe(access)
    expect(server.jar.get(NAMES.refresh)).not.toBe(refresh)
    expect((await server.ask('mutation { change }')).data).toEqual({ change: 'answer' })
  })

  test('S29, S49: is of the type that its cookie says, and can be revoked', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const refresh = 'mutation { refresh { csrfToken } }'
    const mixed = openJar()
    for (const name of Object.values(NAMES)) mixed.set(name, server.jar.get(name) ?? '')
    mixed.set(NAMES.refresh, server.jar.get(NAMES.access) ?? '')
    expect((await server.ask(refresh, { jar: mixed })).reasons).toEqual(['REFRESH_TOKEN_REQUIRED'])
    await server.authx.revoke({ token: server.jar.get(NAMES.refresh) ?? '' })
    expect((await server.ask(refresh)).reasons).toEqual(['TOKEN_REVOKED'])
  })

  test('COOK-02: is refused where two cookies have its name, and not found under another spelling of it', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const { cookie = '', ...headers } = server.jar.headers()
    const twice = { ...headers, cookie: `${NAMES.access}=planted; ${cookie}` }
    expect(await server.ask('{ secret }', { headers: twice })).toMatchObject({
      status: 400,
      reasons: ['CREDENTIALS_AMBIGUOUS'],
    })
    // Before a name browsers take these for a part of it, which then is no __Host- name and can come from a sibling.
    for (const other of ['__host-', '\u00a0__Host-', '\t__Host-', '\u0085__Host-', '\u00ad__Host-']) {
      const spelt = { ...headers, cookie: `x=1; ${cookie.replaceAll('__Host-', other)}` }
      expect((await server.ask('{ secret }', { headers: spelt })).reasons).toEqual(['TOKEN_MISSING'])
    }
  })

  test('is refused in another spelling', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const token = server.jar.get(NAMES.access) ?? ''
    for (const spelling of [`"${token}"`, `${token}=`, token.replace('.', '%2E'), `${token}%20`]) {
      server.jar.set(NAMES.access, spelling)
      expect((await server.ask('{ secret }')).reasons).toEqual(['TOKEN_MALFORMED'])
    }
  })

  test('is refused where it was made for headers and has no value to show back', async () => {
    await using server = await startWithCookies()
    await using headers = await startWithCookies({ locations: {} })
    server.jar.set(NAMES.access, await headers.authx.createAccessToken({ sub: 'ada' }))
    server.jar.set(NAMES.csrf, '')
    expect((await server.ask('{ secret }', { headers: { 'x-csrf-token': 'undefined' } })).reasons).toEqual([
      'CSRF_MISMATCH',
    ])
  })
})

describe('a logout with cookies', () => {
  const cleared = [
    '__Host-access_token=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    '__Host-refresh_token=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
    '__Host-csrf_token=; Max-Age=0; Path=/; Secure; SameSite=Lax',
  ]

  test('COOK-04, S84: takes the cookies away with the attributes they were set with; the tokens end without that', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const kept = openJar()
    for (const name of server.jar.names) kept.set(name, server.jar.get(name) ?? '')
    expect(await server.ask('mutation { logout }')).toMatchObject({
      data: { logout: true },
      setCookies: cleared,
    })
    expect(server.jar.names).toEqual([])
    expect((await server.ask('{ secret }', { jar: kept })).reasons).toEqual(['TOKEN_REVOKED'])
    expect((await server.ask('mutation { refresh { csrfToken } }', { jar: kept })).reasons).toEqual([
      'TOKEN_REVOKED',
    ])
  })

  test.each(['logout', 'logoutEverywhere'])('takes them away although %s is refused', async (field) => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    await server.authx.revoke({ token: server.jar.get(NAMES.access) ?? '' })
    const { reasons, setCookies } = await server.ask(`mutation { ${field} }`)
    expect([reasons, setCookies]).toEqual([['TOKEN_REVOKED'], cleared])
    expect(await server.ask(`mutation { ${field} }`)).toMatchObject({
      reasons: ['TOKEN_MISSING'],
      setCookies: cleared,
    })
  })

  test('ends the session all the same where the access token is over and the refresh token is there', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const refreshToken = server.jar.get(NAMES.refresh) ?? ''
    server.clock.advance(1000)
    server.jar.delete(NAMES.access)
    expect((await server.ask('mutation { logout }')).reasons).toEqual(['TOKEN_MISSING'])
    await expect(server.authx.verify(refreshToken, { type: 'refresh' })).rejects.toThrow(
      expect.objectContaining({ reason: 'TOKEN_REVOKED' }),
    )
    const mixed = await startWithCookies({ locations: { access: ['headers'], refresh: ['cookies'] } })
    await mixed.ask(LOGIN)
    const kept = mixed.jar.get(NAMES.refresh) ?? ''
    expect((await mixed.ask('mutation { logout }', { csrf: false })).reasons).toEqual(['TOKEN_MISSING'])
    expect(await mixed.authx.verify(kept, { type: 'refresh' })).toMatchObject({ sub: 'ada' })
    await mixed[Symbol.asyncDispose]()
  })

  test('takes nothing away at the word of another page', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    for (const headers of [{}, { 'x-csrf-token': 'wrong' }]) {
      const { reasons, setCookies } = await server.ask('mutation { logout }', { csrf: false, headers })
      expect(reasons[0]).toMatch(/^CSRF_/)
      expect(setCookies).toEqual([])
    }
    expect((await server.ask('{ secret }')).data).toEqual({ secret: 'answer' })
  })

  test('is what a refused field does only where it is a logout', async () => {
    await using server = await startWithCookies({ cookies: { clearOnRefusal: ['Mutation.change'] } })
    expect((await server.ask('mutation { logout }')).setCookies).toEqual([])
    expect((await server.ask('mutation { change }')).setCookies).toEqual(cleared)
    expect((await server.ask('mutation { forget }')).setCookies).toEqual(cleared)
  })

  test('comes after a login in the same operation, and the last word counts', async () => {
    await using server = await startWithCookies()
    await server.ask(LOGIN)
    const { setCookies } = await server.ask('mutation { login { csrfToken } forget }')
    expect(setCookies).toEqual(cleared)
  })
})
