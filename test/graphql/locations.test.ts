import { describe, expect, test } from 'vitest'
import { ConfigurationError, jsonExtension, type LocationName, queryParameter } from '../../src/index.ts'
import { NAMES, startWithCookies } from '../harness/cookies.ts'
import { openAuthX } from '../harness/instance.ts'
import { start } from '../harness/yoga.ts'

const EVERYWHERE: readonly LocationName[] = ['headers', 'json', 'query', 'cookies']
const options = { locations: { access: EVERYWHERE, refresh: EVERYWHERE } }

describe('a token in the extensions of the request', () => {
  test('S03: opens a guarded field where that is configured, and nothing by default', async () => {
    await using server = await start({ locations: { access: ['json'] } })
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const body = { query: '{ secret }', extensions: { access_token: token } }
    expect((await (await server.send(body)).json()).data).toEqual({ secret: 'answer' })
    await using usual = await start()
    expect((await usual.send(body)).status).toBe(401)
  })

  test('S18: whatever parameters its media type has', async () => {
    await using server = await start({ locations: { access: ['json'] } })
    const extensions = { access_token: await server.authx.createAccessToken({ sub: 'ada' }) }
    for (const type of ['application/json; charset=utf-8', 'application/json;charset=UTF-8']) {
      const response = await server.send(
        { query: '{ secret }', extensions },
        { headers: { 'content-type': type } },
      )
      expect(response.status).toBe(200)
    }
  })

  test.each([
    undefined,
    null,
    [],
    'text',
    {},
    { access_token: 5 },
    { access_token: null },
    { access_token: '' },
  ])('S19: is none in %o', (extensions) => {
    const { authx } = openAuthX({ locations: { access: ['json'] } })
    expect(authx.getTokenFromRequest({ headerValues: () => [], extensions })).toBeNull()
  })

  test('is not looked for by GET, where the extensions are part of the URL', () => {
    const { authx } = openAuthX({ locations: { access: [jsonExtension({ access: 'token' })] } })
    const request = { headerValues: () => [], extensions: { token: 'a.b.c' } }
    expect(authx.getTokenFromRequest({ ...request, method: 'POST' })?.token).toBe('a.b.c')
    expect(authx.getTokenFromRequest({ ...request, method: 'GET' })).toBeNull()
  })

  test('is its operation’s alone in a batch', async () => {
    await using server = await start({ locations: { access: ['json'] } }, { batching: true })
    const extensions = { access_token: await server.authx.createAccessToken({ sub: 'ada' }) }
    const response = await server.send([
      { query: '{ may }', extensions },
      { query: '{ may }' },
      { query: '{ may }', extensions: { access_token: 'garbage' } },
    ])
    const answers = (await response.json()) as {
      data: unknown
      errors?: { extensions: { reason: string } }[]
    }[]
    expect(answers.map(({ data, errors }) => [data, errors?.[0]?.extensions.reason])).toEqual([
      [{ may: 'answer' }, undefined],
      [{ may: null }, 'TOKEN_MISSING'],
      [{ may: null }, 'TOKEN_MALFORMED'],
    ])
    expect(response.headers.get('cache-control')).toBe('no-store')
  })
})

describe('a token in the URL', () => {
  test('S04, BRR-02: opens a guarded field where that is configured, which is said to be unwise', async () => {
    await using server = await start({ locations: { access: ['query'] } })
    const token = await server.authx.createAccessToken({ sub: 'ada' })
    const response = await fetch(`${server.url}?token=${token}&query=${encodeURIComponent('{ secret }')}`)
    expect((await response.json()).data).toEqual({ secret: 'answer' })
    expect(server.log.lines).toEqual([expect.stringMatching(/^warn access tokens are looked for in the URL/)])
    const twice = await fetch(
      `${server.url}?token=${token}&token=x&query=${encodeURIComponent('{ secret }')}`,
    )
    expect(twice.status).toBe(400)
  })

  test('S52: is of the type that is asked for', async () => {
    await using server = await start({ locations: { access: ['query'], refresh: ['query'] } })
    const ask = async (field: string, token: string) =>
      (await fetch(`${server.url}?token=${token}&query=${encodeURIComponent(`{ ${field} }`)}`)).json()
    const { accessToken, refreshToken } = await server.authx.createTokenPair({ sub: 'ada' })
    expect((await ask('refresh', accessToken)).errors[0].extensions.reason).toBe('REFRESH_TOKEN_REQUIRED')
    expect((await ask('refresh', refreshToken)).data).toEqual({ refresh: 'answer' })
    expect((await ask('secret', refreshToken)).errors[0].extensions.reason).toBe('ACCESS_TOKEN_REQUIRED')
  })

  test('has the name that it is given', () => {
    const { authx } = openAuthX({ locations: { access: [queryParameter('t')] } })
    const queryValues = (name: string) => (name === 't' ? ['a.b.c'] : [])
    expect(authx.getTokenFromRequest({ headerValues: () => [], queryValues })?.location).toBe('query')
    expect(() => queryParameter('')).toThrow(ConfigurationError)
  })
})

describe('several locations', () => {
  test('S13, S14: the token says where it was found', async () => {
    await using server = await startWithCookies(options)
    const { accessToken } = await server.authx.sessions.login({ sub: 'ada' })
    const optional = async (body: object, headers = {}, search = '') => {
      const response = await fetch(`${server.url}${search}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ optional }', ...body }),
      })
      return (await response.json()).data.optional
    }
    expect(await optional({}, { authorization: `Bearer ${accessToken}` })).toBe('headers')
    expect(await optional({ extensions: { access_token: accessToken } })).toBe('json')
    expect(await optional({}, {}, `?token=${accessToken}`)).toBe('query')
    const { csrf = '' } = await server.authx.verify(accessToken)
    expect(await optional({}, { cookie: `${NAMES.access}=${accessToken}`, 'x-csrf-token': csrf })).toBe(
      'cookies',
    )
    expect(await optional({})).toBeNull()
  })

  test('S45: a fresh token is fresh wherever it comes from', async () => {
    await using server = await startWithCookies(options)
    const { accessToken } = await server.authx.sessions.login({ sub: 'ada' })
    const query = '{ fresh }'
    const asks = [
      server.send({ query }, { token: accessToken }),
      server.send({ query, extensions: { access_token: accessToken } }),
      fetch(`${server.url}?token=${accessToken}&query=${encodeURIComponent(query)}`),
      fetch(`${server.url}?query=${encodeURIComponent(query)}`, {
        headers: { cookie: `${NAMES.access}=${accessToken}` },
      }),
    ]
    for (const asked of asks) expect((await (await asked).json()).data).toEqual({ fresh: 'answer' })
  })

  test('S20: a header with another scheme holds no token of ours, and the cookie is looked at', async () => {
    await using server = await startWithCookies({
      locations: { access: ['headers', 'cookies'], refresh: ['cookies'] },
    })
    await server.ask('mutation { login { csrfToken } }')
    const basic = { authorization: 'Basic YTpi' }
    expect((await server.ask('{ secret }', { headers: basic })).data).toEqual({ secret: 'answer' })
    const bad = { authorization: 'Bearer garbage' }
    expect((await server.ask('{ secret }', { headers: bad })).reasons).toEqual(['TOKEN_MALFORMED'])
  })

  test('S53: an access token in the header and a refresh token in a cookie go to their own fields', async () => {
    await using server = await startWithCookies({ locations: { access: ['headers'], refresh: ['cookies'] } })
    const { data } = await server.ask('mutation { login { accessToken } }')
    const { accessToken } = (data as { login: { accessToken: string } }).login
    const headers = { authorization: `Bearer ${accessToken}` }
    const query = 'mutation { refresh { refreshToken } change }'
    expect((await server.ask(query, { headers })).data).toEqual({
      refresh: { refreshToken: null },
      change: 'answer',
    })
    expect((await server.ask('mutation { logout }', { headers })).data).toEqual({ logout: true })
    expect(server.jar.names).toEqual([])
  })

  test('S16: one question can name its own', async () => {
    const { authx } = openAuthX(options)
    const request = {
      method: 'POST',
      headerValues: (name: string) => (name === 'authorization' ? ['Bearer header'] : []),
      queryValues: () => ['query'],
      extensions: { access_token: 'json' },
    }
    const found = (locations: readonly LocationName[]) =>
      authx.getTokenFromRequest(request, { locations })?.token
    expect(authx.getTokenFromRequest(request)?.token).toBe('header')
    expect([found(['query']), found(['cookies', 'json']), found(['cookies'])]).toEqual([
      'query',
      'json',
      undefined,
    ])
    expect(authx.getTokenFromRequest(request, { locations: [] })).toBeNull()
    expect(() => authx.getTokenFromRequest(request, { locations: [], optional: false })).toThrow(
      expect.objectContaining({ reason: 'TOKEN_MISSING' }),
    )
    expect(() => openAuthX().authx.getTokenFromRequest(request, { locations: ['cookies'] })).toThrow(
      /this instance reads no cookies/,
    )
    expect(() => authx.getTokenFromRequest(request, { locations: ['body' as never] })).toThrow(
      ConfigurationError,
    )
  })

  test('a token of a cookie that is read without a server needs its proof too', async () => {
    const { authx } = openAuthX({ locations: { access: ['cookies'] } })
    const token = await authx.createAccessToken({ sub: 'ada' })
    const { csrf = '' } = await authx.verify(token)
    const request = (method: string, value?: string) => ({
      method,
      headerValues: (name: string) =>
        name === 'cookie'
          ? [`${NAMES.access}=${token}`]
          : name === 'x-csrf-token' && value !== undefined
            ? [value]
            : [],
    })
    expect(authx.getTokenFromRequest(request('GET'))?.token).toBe(token)
    expect(authx.getTokenFromRequest(request('POST', csrf))?.token).toBe(token)
    expect(() => authx.getTokenFromRequest(request('POST'))).toThrow(
      expect.objectContaining({ reason: 'CSRF_MISSING' }),
    )
    expect(() => authx.getTokenFromRequest(request('POST', 'x'))).toThrow(
      expect.objectContaining({ reason: 'CSRF_MISMATCH' }),
    )
  })
})
