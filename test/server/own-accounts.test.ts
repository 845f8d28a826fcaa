import { describe, expect, it, vi } from 'vitest'
import type { Account, AccountDirectory, PasswordReplacement } from '../../src/core/account-store.ts'
import { readEnvironment, type StartOptions, startServer } from '../../src/server/index.ts'
import { hashPassword } from '../../src/server/passwords.ts'
import { PASSWORD } from '../harness/server.ts'
import { openApp } from '../harness/test-app.ts'

const LOGIN =
  'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken refreshToken } }'
const REFRESH = 'mutation { refresh { accessToken refreshToken } }'
const CHANGE =
  'mutation ($p: String!) { changePassword(current: $p, next: "a new password") { accessToken } }'

/** A user table of a team's own: as much as the server asks for, and no more. */
class Team implements AccountDirectory {
  zoe: Account | undefined
  isDown = false

  async findByUsername(username: string) {
    return this.#ask(username === 'zoe')
  }

  async findById(id: string) {
    return this.#ask(id === '7')
  }

  async replacePassword(id: string, { current, next }: PasswordReplacement) {
    if (this.zoe?.passwordHash !== current || this.zoe.disabled || id !== '7') return false
    this.zoe = { ...this.zoe, passwordHash: next }
    return true
  }

  #ask(isZoe: boolean) {
    if (this.isDown) throw new Error('the table is locked')
    return isZoe ? this.zoe : undefined
  }
}

async function openTeam() {
  const accounts = new Team()
  const passwordHash = await hashPassword(PASSWORD)
  accounts.zoe = { id: '7', username: 'zoe', passwordHash, disabled: false, scopes: ['posts:read'] }
  const app = await openApp(undefined, { accounts })
  const login = (u = 'zoe', p = PASSWORD) => app.query(LOGIN, { variables: { u, p } })
  const pair = async () =>
    ((await login()).data as { login: Record<'accessToken' | 'refreshToken', string> }).login
  return { accounts, app, login, pair, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

describe('a user table of your own behind the server', () => {
  it("is who logs in, and the server's own accounts are nobody", async () => {
    await using team = await openTeam()
    const { accessToken: token } = await team.pair()
    expect((await team.app.query('{ me { id username } }', { token })).data).toEqual({
      me: { id: '7', username: 'zoe' },
    })
    expect((await team.login('anna')).refused).toEqual(['login: CREDENTIALS_WRONG'])
    expect((await team.login('zoe', 'wrong')).refused).toEqual(['login: CREDENTIALS_WRONG'])
  })

  it('LOG-01: lets nobody in, refresh or be found who is disabled or gone', async () => {
    for (const change of [{ disabled: true }, undefined, { disabled: undefined }, { disabled: 0 }]) {
      await using team = await openTeam()
      const { accessToken, refreshToken } = await team.pair()
      team.accounts.zoe = change && ({ ...team.accounts.zoe, ...change } as Account)
      expect((await team.login()).refused).toEqual(['login: CREDENTIALS_WRONG'])
      expect((await team.app.query(REFRESH, { token: refreshToken })).refused).toEqual([
        'refresh: SUBJECT_UNKNOWN',
      ])
      expect((await team.app.query('{ me { id } }', { token: accessToken })).refused).toEqual([
        'me: SUBJECT_UNKNOWN',
      ])
    }
  })

  it('keeps the password that its user changes', async () => {
    await using team = await openTeam()
    const { accessToken: token } = await team.pair()
    expect((await team.app.query(CHANGE, { token, variables: { p: PASSWORD } })).refused).toEqual([])
    expect((await team.app.query('{ profile }', { token })).refused).toEqual(['profile: TOKEN_REVOKED'])
    expect((await team.login()).refused).toEqual(['login: CREDENTIALS_WRONG'])
    expect((await team.login('zoe', 'a new password')).refused).toEqual([])
  })

  it('REV-15: may hand out one object for a user for ever: what was compared is what counts', async () => {
    await using team = await openTeam()
    const { accessToken: token } = await team.pair()
    const { zoe } = team.accounts
    const passwordHash = await hashPassword('another password')
    vi.spyOn(team.app.authx.sessions, 'login').mockImplementationOnce(async (input) => {
      Object.assign(zoe ?? {}, { passwordHash })
      await team.app.authx.sessions.revokeAll('7')
      return team.app.authx.sessions.login(input)
    })
    expect((await team.login()).refused).toEqual(['login: CREDENTIALS_WRONG'])
    expect(await team.app.authx.sessions.list('7')).toEqual([])
    expect((await team.app.query('{ profile }', { token })).refused).toEqual(['profile: TOKEN_REVOKED'])
  })

  it('REV-13: that does not answer is a refusal, and the log says why', async () => {
    await using team = await openTeam()
    team.accounts.isDown = true
    expect((await team.login()).refused).toEqual(['login: REVOCATION_UNAVAILABLE'])
    expect(team.app.lines.some((line) => line.includes('the table is locked'))).toBe(true)
  })
})

describe('startServer', () => {
  const settings = readEnvironment({
    PORT: '0',
    AUTHX_DATABASE_URL: 'memory:',
    AUTHX_SECRET: 'k7Qm2Zs9Xv4Bn8Lp1Rt6Yw3Hd5Gf0Jc2',
    LOG_LEVEL: 'silent',
  })

  it('makes no demo user beside accounts of your own', async () => {
    const shown: string[] = []
    const announce = (line: string) => void shown.push(line)
    const asked: string[] = []
    const accounts = new Team()
    accounts.findByUsername = async (username) => void asked.push(username)
    const server = await startServer(settings, { announce, accounts })
    await server.stop()
    expect([shown, asked]).toEqual([[], []])
    await (await startServer(settings, { announce })).stop()
    expect(shown.length).toBe(1)
  })

  it.each([
    [
      { grantScope: () => [] },
      'grantScope: no such option; there are announce, accounts, grantScopes, extend',
    ],
    [{ grantScopes: ['admin'] }, 'grantScopes: must be a function'],
    [{ extend: { typeDefs: '' } }, 'extend: must be a function'],
    [{ accounts: { findById: () => {} } }, 'accounts: must have a method findByUsername'],
    [{ accounts: null }, 'accounts: must have a method findByUsername'],
  ])('refuses the options %o', async (options, message) => {
    await expect(startServer(settings, options as unknown as StartOptions)).rejects.toThrow(
      expect.objectContaining({ name: 'ConfigurationError', message }),
    )
  })
})
