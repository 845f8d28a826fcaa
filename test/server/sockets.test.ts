import { describe, expect, test, vi } from 'vitest'
import { type App, RIGHT, startApp } from '../harness/app.ts'
import { openSocket } from '../harness/socket.ts'

const LOGIN =
  'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken csrfToken } }'

async function login(app: App): Promise<string> {
  const answer = await app.send({ query: LOGIN, variables: { u: 'ada', p: RIGHT } })
  return (await answer.json()).data.login.accessToken
}

const by = (token: string) => ({ Authorization: `Bearer ${token}` })

describe('over a WebSocket (GQL-07, GQL-08)', () => {
  test('queries, mutations and subscriptions run by the token of connectionParams', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init(by(await login(app)))
    socket.subscribe('1', '{ profile tokenOptional }')
    expect(await socket.next()).toEqual({
      id: '1',
      type: 'next',
      payload: {
        data: {
          profile: 'You are authenticated',
          tokenOptional: expect.stringMatching(/and is located in connectionParams$/),
        },
      },
    })
    expect(await socket.next()).toEqual({ id: '1', type: 'complete' })
    socket.subscribe('2', 'subscription { sessionEvents { kind } }')
    await vi.waitFor(async () => {
      await login(app)
      expect(await Promise.race([socket.next(), null])).toMatchObject({ id: '2', type: 'next' })
    })
  })

  test('whoever brings no token is welcome, and fields refuse for themselves', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init()
    socket.subscribe('1', '{ profile }')
    expect((await socket.next()).payload).toMatchObject({
      data: null,
      errors: [{ extensions: { reason: 'TOKEN_MISSING' } }],
    })
    expect(await socket.next()).toMatchObject({ type: 'complete' })
  })

  test.each([
    ['garbage', 'garbage', 'Forbidden: TOKEN_MALFORMED'],
    ['a revoked one', 'revoked', 'Forbidden: TOKEN_REVOKED'],
    ['a refresh token', 'refresh', 'Forbidden: ACCESS_TOKEN_REQUIRED'],
  ])('%s as a token is refused with 4403 before anything can be asked', async (_, kind, reason) => {
    await using app = await startApp()
    const pair = await app.authx.createTokenPair({ sub: 'ada' })
    if (kind === 'revoked') await app.authx.revoke({ token: pair.accessToken })
    const token = { garbage: 'garbage', revoked: pair.accessToken, refresh: pair.refreshToken }[kind] ?? ''
    await using socket = await openSocket(app.url)
    socket.send({ type: 'connection_init', payload: by(token) })
    expect(await socket.rest()).toEqual({ messages: [], code: 4403, reason })
  })

  test('two spellings of the name with two tokens are a contradiction', async () => {
    await using app = await startApp()
    const token = await login(app)
    await using socket = await openSocket(app.url)
    socket.send({ type: 'connection_init', payload: { ...by(token), authorization: 'Bearer other' } })
    expect(await socket.rest()).toMatchObject({ code: 4403, reason: 'Forbidden: CREDENTIALS_AMBIGUOUS' })
  })

  test.each([
    [
      'to ask before the connection is acknowledged',
      [{ type: 'subscribe', id: '1', payload: { query: '{ tokenOptional }' } }],
      4401,
    ],
    ['to introduce oneself twice', [{ type: 'connection_init' }, { type: 'connection_init' }], 4429],
    ['to say what is no message', ['nonsense'], 4400],
  ])('closes with its code on who tries %s', async (_, messages, code) => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    for (const message of messages) socket.send(message)
    expect((await socket.rest()).code).toBe(code)
  })

  test('closes on who says nothing', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    expect((await socket.rest()).code).toBe(4408)
  })

  test('a megabyte of connectionParams is refused', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    socket.send({ type: 'connection_init', payload: { Authorization: 'x'.repeat(1_000_000) } })
    expect((await socket.rest()).code).toBe(1009)
  })

  test('a logout ends what runs with the error, then completes it, then closes with 4403', async () => {
    await using app = await startApp()
    const token = await login(app)
    await using socket = await openSocket(app.url)
    await socket.init(by(token))
    socket.subscribe('1', 'subscription { sessionEvents { kind } }')
    socket.subscribe('2', '{ profile }')
    expect(await socket.next()).toMatchObject({ id: '2', type: 'next' })
    expect(await socket.next()).toMatchObject({ id: '2', type: 'complete' })
    await app.send({ query: 'mutation { logout }' }, { authorization: `Bearer ${token}` })
    const { messages, code, reason } = await socket.rest()
    expect({ code, reason }).toEqual({ code: 4403, reason: 'Forbidden: TOKEN_REVOKED' })
    expect(messages.at(-2)).toMatchObject({
      id: '1',
      type: 'next',
      payload: { errors: [{ extensions: { reason: 'TOKEN_REVOKED' } }] },
    })
    expect(messages.at(-1)).toEqual({ id: '1', type: 'complete' })
  })

  test('an idle connection is closed with its token', async () => {
    await using app = await startApp()
    const token = await login(app)
    await using socket = await openSocket(app.url)
    await socket.init(by(token))
    await app.send({ query: 'mutation { logout }' }, { authorization: `Bearer ${token}` })
    expect(await socket.rest()).toMatchObject({ messages: [], code: 4403 })
  })

  test('an operation with a newer token of its own goes on when the one of the connection ends', async () => {
    await using app = await startApp()
    const [old, newer] = [await login(app), await login(app)]
    await using socket = await openSocket(app.url)
    await socket.init(by(old))
    socket.subscribe('1', 'subscription { sessionEvents { kind } }', { extensions: { access_token: newer } })
    socket.subscribe('2', 'subscription { sessionEvents { kind } }')
    socket.subscribe('3', '{ profile }')
    expect(await socket.next()).toMatchObject({ id: '3' })
    expect(await socket.next()).toMatchObject({ id: '3' })
    await app.send({ query: 'mutation { logout }' }, { authorization: `Bearer ${old}` })
    const seen = [await socket.next(), await socket.next(), await socket.next()]
    expect(seen).toContainEqual({ id: '2', type: 'complete' })
    expect(seen.find(({ id }) => id === '1')).toMatchObject({
      payload: { data: { sessionEvents: { kind: 'ENDED' } } },
    })
    socket.subscribe('4', '{ profile }')
    expect((await socket.next()).payload.errors[0].extensions.reason).toBe('TOKEN_REVOKED')
    expect(await socket.next()).toMatchObject({ id: '4', type: 'complete' })
    await app.send({ query: 'mutation { logout }' }, { authorization: `Bearer ${newer}` })
    expect((await socket.rest()).code).toBe(4403)
  })

  test('an operation can bring its token in extensions.headers, as the executors of graphql-tools do', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init()
    socket.subscribe('1', '{ profile }', { extensions: { headers: by(await login(app)) } })
    expect((await socket.next()).payload).toEqual({ data: { profile: 'You are authenticated' } })
    expect(await socket.next()).toMatchObject({ type: 'complete' })
    socket.subscribe('2', '{ profile }', { extensions: { headers: by('garbage') } })
    expect((await socket.next()).payload.errors[0].extensions.reason).toBe('TOKEN_MALFORMED')
  })

  test('a bad token of an operation is refused, not left out for that of the connection', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init(by(await login(app)))
    socket.subscribe('1', '{ profile }', { extensions: { access_token: 'garbage' } })
    expect((await socket.next()).payload.errors[0].extensions.reason).toBe('TOKEN_MALFORMED')
  })

  test('documents are limited and errors discreet as over HTTP', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init()
    const many = Array.from({ length: 200 }, (_, index) => `a${index}: tokenOptional`).join(' ')
    socket.subscribe('1', `{ ${many} }`)
    expect(await socket.next()).toMatchObject({ id: '1', type: 'error' })
    const secret = 'hunter2hunter2'
    socket.subscribe('2', 'mutation ($u: String!) { login(username: $u, password: "x") { tokenType } }', {
      variables: { u: { secret } },
    })
    expect(JSON.stringify(await socket.next())).not.toContain(secret)
  })

  test('more operations than a connection may have are refused', async () => {
    await using app = await startApp()
    await using socket = await openSocket(app.url)
    await socket.init(by(await login(app)))
    for (let index = 0; index <= 100; index++) {
      socket.subscribe(String(index), 'subscription { sessionEvents { kind } }')
    }
    expect(await socket.next()).toMatchObject({
      id: '100',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    })
  })
})

describe('by cookies, over a WebSocket (GQL-07)', () => {
  const env = { AUTHX_ACCESS_LOCATIONS: 'cookies', AUTHX_CORS_ORIGINS: 'https://app.example.com' }

  async function cookies(app: App): Promise<{ cookie: string; csrf: string }> {
    const answer = await app.send({ query: LOGIN, variables: { u: 'ada', p: RIGHT } })
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    return { cookie, csrf: (await answer.json()).data.login.csrfToken }
  }

  test.each([
    ['its own', (app: App) => new URL(app.url).origin],
    ['a named one', () => 'https://app.example.com'],
    ['none, as no browser is', () => undefined],
  ])(
    'a page of %s origin connects, with the double-submit value in connectionParams',
    async (_, originOf) => {
      await using app = await startApp({ env })
      const { cookie, csrf } = await cookies(app)
      const origin = originOf(app)
      await using socket = await openSocket(app.url, { cookie, ...(origin === undefined ? {} : { origin }) })
      await socket.init({ 'X-CSRF-TOKEN': csrf })
      socket.subscribe('1', '{ profile }')
      expect((await socket.next()).payload).toEqual({ data: { profile: 'You are authenticated' } })
    },
  )

  test('a page of another origin is refused, whatever it says in connectionParams', async () => {
    await using app = await startApp({ env })
    const { cookie, csrf } = await cookies(app)
    await using socket = await openSocket(app.url, { cookie, origin: 'https://evil.example' })
    socket.send({
      type: 'connection_init',
      payload: { 'X-CSRF-TOKEN': csrf, Origin: new URL(app.url).origin },
    })
    expect(await socket.rest()).toEqual({ messages: [], code: 4403, reason: 'Forbidden: ORIGIN' })
  })

  test.each([
    ['no value', undefined, 'CSRF_MISSING'],
    ['another value', 'x', 'CSRF_MISMATCH'],
  ])('a cookie with %s is refused', async (_, value, reason) => {
    await using app = await startApp({ env })
    const { cookie } = await cookies(app)
    await using socket = await openSocket(app.url, { cookie })
    socket.send({
      type: 'connection_init',
      ...(value === undefined ? {} : { payload: { 'X-CSRF-TOKEN': value } }),
    })
    expect(await socket.rest()).toEqual({ messages: [], code: 4403, reason: `Forbidden: ${reason}` })
  })
})
