import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServerProcess, startServerProcess } from '../harness/server.ts'

// The curl session of AuthX's page on token callbacks, against `npm start`'s server. Where the page has 500, there is a clear error.
describe("the brief's transcript", () => {
  let server: ServerProcess
  let token: string
  let revoked: string

  beforeAll(async () => {
    server = await startServerProcess()
    token = (await server.login()).accessToken
    revoked = (await server.login()).accessToken
    expect((await server.query('mutation { logout }', { token: revoked })).body).toEqual({
      data: { logout: true },
    })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const refused = (field: string, reason: string) => ({
    data: null,
    errors: [
      {
        message: 'Authentication is required.',
        locations: [{ line: 1, column: 3 }],
        path: [field],
        extensions: { code: 'UNAUTHENTICATED', reason },
      },
    ],
  })

  it('refuses profile without a credential', async () => {
    const { status, headers, body } = await server.query('{ profile }')
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(body).toEqual(refused('profile', 'TOKEN_MISSING'))
  })

  it('S22: answers tokenOptional without a token', async () => {
    const { status, body } = await server.query('{ tokenOptional }')
    expect([status, body]).toEqual([200, { data: { tokenOptional: 'No token found' } }])
  })

  it('refuses tokenMandatory without a token', async () => {
    expect((await server.query('{ tokenMandatory }')).body).toEqual(
      refused('tokenMandatory', 'TOKEN_MISSING'),
    )
  })

  it('S02: answers profile with a genuine token', async () => {
    expect((await server.query('{ profile }', { token })).body).toEqual({
      data: { profile: 'You are authenticated' },
    })
  })

  it('refuses profile with a revoked token', async () => {
    const { status, headers, body } = await server.query('{ profile }', { token: revoked })
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    expect(body).toEqual(refused('profile', 'TOKEN_REVOKED'))
  })

  it('S23, S25: answers tokenOptional with any token, since nothing about it is checked', async () => {
    for (const any of [token, revoked, 'garbage']) {
      const { body } = await server.query('{ tokenOptional }', { token: any })
      expect(body).toEqual({ data: { tokenOptional: `Your token is: ${any} and is located in headers` } })
    }
  })

  it('answers tokenMandatory with a genuine token only', async () => {
    expect((await server.query('{ tokenMandatory }', { token })).body).toEqual({
      data: { tokenMandatory: `Your token is: ${token} and is located in headers` },
    })
    expect((await server.query('{ tokenMandatory }', { token: revoked })).body).toEqual(
      refused('tokenMandatory', 'TOKEN_REVOKED'),
    )
  })

  it('prints no token and no password, whatever was asked', () => {
    expect(server.output()).not.toMatch(/\bey[\w-]{8,}\./)
    expect(server.output()).not.toContain(server.password)
  })
})
