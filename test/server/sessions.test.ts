import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, PASSWORD, type ServerProcess, startServerProcess } from '../harness/server.ts'

const LOGIN = 'mutation ($p: String!) { login(username: "demo", password: $p) { accessToken refreshToken } }'
const REFRESH = 'mutation { refresh { accessToken refreshToken } }'
const SESSIONS = '{ sessions { id device address createdAt lastUsedAt expiresAt current } }'
const REVOKE = 'mutation ($id: ID!) { revokeSession(id: $id) }'
const CHANGE =
  'mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) { accessToken refreshToken } }'

const reasonOf = ({ body }: Answer): string => body.errors?.[0]?.extensions.reason ?? 'granted'

/** One server for a test file; every test begins with no session. */
let server: ServerProcess
beforeAll(async () => {
  server = await startServerProcess()
})
afterAll(() => server[Symbol.asyncDispose]())

async function fateOf({ accessToken, refreshToken }: { accessToken: string; refreshToken: string }) {
  return [
    reasonOf(await server.query('{ profile }', { token: accessToken })),
    reasonOf(await server.query(REFRESH, { token: refreshToken })),
  ]
}

describe('sessions', () => {
  it('SES-02: are listed with device, address and times, the last used first, the own one marked', async () => {
    const headers = { 'user-agent': 'Browser/1.0' }
    const { body } = await server.query(LOGIN, { variables: { p: PASSWORD }, headers })
    const first = body.data.login
    const second = await server.login()
    await server.query('mutation { logout }', { token: (await server.login()).accessToken })
    const refreshed = (await server.query(REFRESH, { token: first.refreshToken })).body.data.refresh
    const { sessions } = (await server.query(SESSIONS, { token: refreshed.accessToken })).body.data
    const utc = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    const common = {
      id: expect.any(String),
      address: '127.0.0.1',
      createdAt: utc,
      lastUsedAt: utc,
      expiresAt: utc,
    }
    expect(sessions).toEqual([
      { ...common, device: 'Browser/1.0', current: true },
      { ...common, device: 'node', current: false },
    ])
    expect(sessions[0].lastUsedAt >= sessions[0].createdAt).toBe(true)
    expect((await server.query('mutation { logoutEverywhere }', { token: second.accessToken })).body).toEqual(
      {
        data: { logoutEverywhere: 2 },
      },
    )
    expect(await fateOf(second)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
    expect(await fateOf(refreshed)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
    // A login of the same second is as good as any.
    expect(await fateOf(await server.login())).toEqual(['granted', 'granted'])
  })

  it('SES-02, REV-24: revokeSession ends the named one, once, and leaves the others', async () => {
    const [one, other] = [await server.login(), await server.login()]
    const { sid } = claimsOf(one.accessToken)
    const revoke = async (id: string) =>
      (await server.query(REVOKE, { token: other.accessToken, variables: { id } })).body.data.revokeSession
    expect([await revoke(sid), await revoke(sid), await revoke('no-such'), await revoke('')]).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect(await fateOf(one)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
    expect(await fateOf(other)).toEqual(['granted', 'granted'])
  })
})

describe('login', () => {
  it('SES-01: starts a new session, and ends the one whose token came with it, of either type, once the password is right', async () => {
    for (const type of ['accessToken', 'refreshToken'] as const) {
      const before = await server.login()
      const attempt = (p: string) => server.query(LOGIN, { token: before[type], variables: { p } })
      expect(reasonOf(await attempt('wrong'))).toBe('CREDENTIALS_WRONG')
      expect(reasonOf(await server.query('{ profile }', { token: before.accessToken }))).toBe('granted')
      const after = (await attempt(PASSWORD)).body.data.login
      expect(claimsOf(after.accessToken).sid).not.toBe(claimsOf(before.accessToken).sid)
      expect(await fateOf(before)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
      expect(await fateOf(after)).toEqual(['granted', 'granted'])
    }
  })

  it('SES-01: takes no notice of a token that is not ours', async () => {
    const { status } = await server.query(LOGIN, { token: 'garbage', variables: { p: PASSWORD } })
    expect(status).toBe(200)
  })
})

describe('changePassword', () => {
  const change = (token: string, current: string, next: string) =>
    server.query(CHANGE, { token, variables: { current, next } })

  it('SES-05: takes a token from a login only', async () => {
    const { refreshToken } = await server.login()
    const { accessToken } = (await server.query(REFRESH, { token: refreshToken })).body.data.refresh
    expect(reasonOf(await change(accessToken, PASSWORD, 'a new password'))).toBe('FRESH_TOKEN_REQUIRED')
    expect(reasonOf(await server.query('{ profile }', { token: accessToken }))).toBe('granted')
  })

  it('takes the right password only, and none that is too short or too long', async () => {
    const { accessToken } = await server.login()
    expect(reasonOf(await change(accessToken, 'wrong', 'a new password'))).toBe('CREDENTIALS_WRONG')
    for (const next of ['short', 'x'.repeat(1025), '']) {
      const { body } = await change(accessToken, PASSWORD, next)
      expect(body.errors).toMatchObject([
        {
          message: 'next: must have at least 8 characters and at most 1024 bytes',
          extensions: { code: 'BAD_USER_INPUT' },
        },
      ])
    }
    expect(reasonOf(await server.query('{ profile }', { token: accessToken }))).toBe('granted')
  })

  it('REV-15: sets the password, ends every session, and answers with a pair that works', async () => {
    const [here, elsewhere] = [await server.login(), await server.login()]
    const after = (await change(here.accessToken, PASSWORD, 'a new password')).body.data.changePassword
    for (const pair of [here, elsewhere])
      expect(await fateOf(pair)).toEqual(['TOKEN_REVOKED', 'TOKEN_REVOKED'])
    expect(await fateOf(after)).toEqual(['granted', 'granted'])
    expect(reasonOf(await server.query(LOGIN, { variables: { p: PASSWORD } }))).toBe('CREDENTIALS_WRONG')
    const again = await server.query(LOGIN, { variables: { p: 'a new password' } })
    const back = await change(again.body.data.login.accessToken, 'a new password', PASSWORD)
    expect(reasonOf(back)).toBe('granted')
  })
})

describe('the audit log', () => {
  it('REV-23: says who, which session, why and when in UTC, and shows no token', async () => {
    await using audited = await startServerProcess({
      env: { NODE_ENV: 'production', AUTHX_SECRET: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa' },
      folder: server.folder,
    })
    const { accessToken, refreshToken } = await audited.login()
    const second = (await audited.query(REFRESH, { token: refreshToken })).body.data.refresh
    await audited.query(REFRESH, { token: second.refreshToken })
    expect(reasonOf(await audited.query(REFRESH, { token: refreshToken }))).toBe('TOKEN_REUSED')
    expect(reasonOf(await audited.query('{ profile }', { token: accessToken }))).toBe('TOKEN_REVOKED')
    await audited.query('mutation { logout }', { token: (await audited.login()).accessToken })
    expect(await audited.end('SIGTERM')).toBe(0)
    const { sub, sid } = claimsOf(accessToken)
    const lines = audited
      .output()
      .split('\n')
      .filter((line) => line.includes('"audit"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ audit, reason }) => `${audit} ${reason}`)).toEqual([
      'login LOGIN',
      'refresh ROTATED',
      'refresh ROTATED',
      'reuse TOKEN_REUSED',
      'revoke TOKEN_REUSED',
      'refused TOKEN_REVOKED',
      'login LOGIN',
      'revoke LOGOUT',
    ])
    for (const line of lines.slice(0, 6)) {
      expect(line).toMatchObject({ sub, sid, at: expect.stringMatching(/^\d{4}-.*Z$/) })
    }
    expect(audited.output()).not.toMatch(/\bey[\w-]{8,}\./)
  })
})

describe('SES-03: maxSessions', () => {
  it('holds through racing logins, and the oldest session makes room', { timeout: 60_000 }, async () => {
    await using limited = await startServerProcess({ env: { AUTHX_MAX_SESSIONS: '2' } })
    const first = await limited.login()
    const pairs = await Promise.all(Array.from({ length: 6 }, () => limited.login()))
    const live = await Promise.all(
      pairs.map(
        async ({ accessToken }) => (await limited.query('{ profile }', { token: accessToken })).status,
      ),
    )
    expect(live.filter((status) => status === 200).length).toBe(2)
    expect(reasonOf(await limited.query('{ profile }', { token: first.accessToken }))).toBe('TOKEN_REVOKED')
  })
})

function claimsOf(token: string): { sid: string; sub: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
