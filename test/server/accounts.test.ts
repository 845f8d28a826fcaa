import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServerProcess, startServerProcess } from '../harness/server.ts'

describe('login, refresh, logout and revoke', () => {
  let server: ServerProcess
  beforeAll(async () => {
    server = await startServerProcess()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const LOGIN =
    'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { tokenType csrfToken expiresIn } }'
  const REFRESH = 'mutation { refresh { accessToken refreshToken } }'
  const reasonOf = (body: { errors?: { extensions: { reason: string } }[] }) =>
    body.errors?.[0]?.extensions.reason

  it('logs in with the right password, and says how to use what it gave', async () => {
    const { body, headers } = await server.query(LOGIN, { variables: { u: 'demo', p: server.password } })
    expect(body).toEqual({ data: { login: { tokenType: 'Bearer', csrfToken: null, expiresIn: 900 } } })
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('gives a wrong password, an unknown user and an endless password the same answer', async () => {
    const answers = await Promise.all(
      [
        { u: 'demo', p: 'wrong' },
        { u: 'nobody', p: 'wrong' },
        { u: 'demo', p: 'x'.repeat(50_000) },
      ].map((variables) => server.query(LOGIN, { variables })),
    )
    const seen = answers.map(({ status, body, headers }) => [status, headers.get('www-authenticate'), body])
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(seen[0]).toEqual([401, 'Bearer', expect.objectContaining({ data: null })])
    expect(reasonOf(answers[0]?.body)).toBe('CREDENTIALS_WRONG')
  })

  it('REF-09: refreshes with a refresh token only, and logs in with an access token only', async () => {
    const { accessToken, refreshToken } = await server.login()
    expect(reasonOf((await server.query(REFRESH, { token: accessToken })).body)).toBe(
      'REFRESH_TOKEN_REQUIRED',
    )
    expect(reasonOf((await server.query('{ profile }', { token: refreshToken })).body)).toBe(
      'ACCESS_TOKEN_REQUIRED',
    )
    const { body } = await server.query(REFRESH, { token: refreshToken })
    expect((await server.query('{ profile }', { token: body.data.refresh.accessToken })).status).toBe(200)
  })

  it('REF-18: lets nobody keep the answer to a login or a refresh, granted or refused', async () => {
    const { refreshToken } = await server.login()
    const answers = [
      await server.query(LOGIN, { variables: { u: 'demo', p: server.password } }),
      await server.query(LOGIN, { variables: { u: 'demo', p: 'wrong' } }),
      await server.query(REFRESH, { token: refreshToken }),
      await server.query(REFRESH, { token: 'garbage' }),
    ]
    expect(answers.map(({ headers }) => headers.get('cache-control'))).toEqual(answers.map(() => 'no-store'))
  })

  it('REV-01, REV-04: ends the whole session at logout: the pair, and what was refreshed from it', async () => {
    const { accessToken, refreshToken } = await server.login()
    const { body } = await server.query(REFRESH, { token: refreshToken })
    await server.query('mutation { logout }', { token: accessToken })
    for (const token of [accessToken, body.data.refresh.accessToken]) {
      expect(reasonOf((await server.query('{ profile }', { token })).body)).toBe('TOKEN_REVOKED')
    }
    for (const token of [refreshToken, body.data.refresh.refreshToken]) {
      expect(reasonOf((await server.query(REFRESH, { token })).body)).toBe('TOKEN_REVOKED')
    }
  })

  it('REV-05: answers revoke with true for a token of ours, a dead one and garbage alike', async () => {
    const { accessToken, refreshToken } = await server.login()
    const REVOKE = 'mutation ($token: String!) { revoke(token: $token) }'
    for (const token of [refreshToken, refreshToken, accessToken, 'garbage', '', 'x'.repeat(20_000)]) {
      expect((await server.query(REVOKE, { variables: { token } })).body).toEqual({ data: { revoke: true } })
    }
    expect(reasonOf((await server.query('{ profile }', { token: accessToken })).body)).toBe('TOKEN_REVOKED')
  })

  it('REV-24: leaves other sessions of the same user alone', async () => {
    const [one, other] = [await server.login(), await server.login()]
    await server.query('mutation { logout }', { token: one.accessToken })
    const { body } = await server.query('{ profile me { username } }', { token: other.accessToken })
    expect(body).toEqual({ data: { profile: 'You are authenticated', me: { username: 'demo' } } })
  })
})
