import { describe, expect, it } from 'vitest'
import { PASSWORD, startServerProcess } from '../harness/server.ts'
import { openSocket } from '../harness/socket.ts'
import { openApp, type TestApp } from '../harness/test-app.ts'

const LOGIN = 'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken } }'
const CHANGE =
  'mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) { accessToken } }'
const REFRESH = 'mutation { refresh { accessToken } }'

const LOGIN_PAIR =
  'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken refreshToken } }'

interface Line {
  readonly audit: string
  readonly reason: string
  readonly sub: string | null
  readonly sid: string | null
  readonly address: string | null
  readonly at: string
}

/** Of what a server's process printed for a person: which event, why, from where. */
const printedBy = (output: string): string[][] =>
  [...output.matchAll(/^ +audit: "(\w+)"$.*?^ +address: (\S+)$.*?^ +reason: "(\w+)"$/gms)].map(
    ([, audit = '', address = '', reason = '']) => [audit, reason, address.replaceAll('"', '')],
  )

const auditOf = (app: TestApp): Line[] =>
  app.lines.map((line) => JSON.parse(line) as Line).filter(({ audit }) => audit !== undefined)

const inShort = ({ audit, reason, sub, address }: Line) => [audit, reason, sub, address]

describe('the audit log of a server', () => {
  it('REV-23: tells of every refresh, logout and refusal where it came from, over HTTP and WebSockets', async () => {
    await using server = await startServerProcess({ env: { AUTHX_TRUST_PROXY: '1', LOG_LEVEL: 'debug' } })
    const from = (address: string) => ({ 'X-Forwarded-For': address })
    const login = async (address: string) => {
      const variables = { u: 'demo', p: PASSWORD }
      const { body } = await server.query(LOGIN_PAIR, { variables, headers: from(address) })
      return body.data.login as { accessToken: string; refreshToken: string }
    }
    const { refreshToken } = await login('192.0.2.1')
    const { body } = await server.query(REFRESH, { token: refreshToken, headers: from('192.0.2.2') })
    const token = body.data.refresh.accessToken as string
    await server.query('mutation { logout }', { token, headers: from('192.0.2.3') })
    // Many at a time, each its own.
    await Promise.all(
      ['192.0.2.4', '192.0.2.5', '192.0.2.6'].map((address) =>
        server.query('{ profile }', { token, headers: from(address) }),
      ),
    )
    const other = await login('192.0.2.7')
    await using socket = await openSocket(`${new URL(server.url).origin}/graphql`, from('192.0.2.8'))
    await socket.init({ Authorization: `Bearer ${other.accessToken}` })
    socket.subscribe('1', 'mutation { logout }')
    expect(await socket.next()).toMatchObject({ id: '1', type: 'next' })
    const lines = () =>
      printedBy(server.output()).toSorted(([, , one = ''], [, , other = '']) => one.localeCompare(other))
    await expect.poll(lines).toEqual([
      ['login', 'LOGIN', '192.0.2.1'],
      ['refresh', 'ROTATED', '192.0.2.2'],
      ['revoke', 'LOGOUT', '192.0.2.3'],
      ['refused', 'TOKEN_REVOKED', '192.0.2.4'],
      ['refused', 'TOKEN_REVOKED', '192.0.2.5'],
      ['refused', 'TOKEN_REVOKED', '192.0.2.6'],
      ['login', 'LOGIN', '192.0.2.7'],
      ['revoke', 'LOGOUT', '192.0.2.8'],
    ])
  })
})

describe('the audit log', () => {
  it('REV-23, LOG-03: tells of every wrong password, whose it was where that is known, and where it came from', async () => {
    await using app = await openApp()
    const sub = (await app.store.findByUsername('anna'))?.id
    const disabled = (await app.store.findByUsername('bert'))?.id ?? ''
    await app.store.changeAccount(disabled, { disabled: true })
    const typed = 'my password, in the wrong box'
    for (const u of ['ANNA', 'bert', typed]) await app.query(LOGIN, { variables: { u, p: 'wrong guess' } })
    expect(auditOf(app).map(inShort)).toEqual([
      ['refused', 'CREDENTIALS_WRONG', sub, 'unknown'],
      ['refused', 'CREDENTIALS_WRONG', disabled, 'unknown'],
      ['refused', 'CREDENTIALS_WRONG', null, 'unknown'],
    ])
    for (let tries = 0; tries < 10; tries++) {
      await app.query(LOGIN, { variables: { u: 'anna', p: 'wrong guess' } })
    }
    expect(auditOf(app).slice(-2).map(inShort)).toEqual([
      ['refused', 'CREDENTIALS_WRONG', sub, 'unknown'],
      ['refused', 'TOO_MANY_ATTEMPTS', null, 'unknown'],
    ])
    expect(auditOf(app)[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
    for (const secret of [typed, 'wrong guess', 'ANNA']) expect(app.lines.join()).not.toContain(secret)
  })

  it('REV-23, SES-05: tells of a wrong current password, and of a password that was changed', async () => {
    await using app = await openApp()
    const { accessToken: token } = await app.login()
    const change = (current: string) =>
      app.query(CHANGE, { token, variables: { current, next: 'a new password' } })
    await change('wrong guess')
    await change('correct horse battery staple')
    await change('correct horse battery staple')
    const lines = auditOf(app)
    const { sub, sid } = lines[0] ?? {}
    expect(lines.map(({ audit, reason }) => `${audit} ${reason}`)).toEqual([
      'login LOGIN',
      'refused CREDENTIALS_WRONG',
      'revoke EVERYWHERE',
      'revoke PASSWORD_CHANGED',
      'login LOGIN',
      'refused TOKEN_REVOKED',
    ])
    expect(lines[1]).toMatchObject({ sub, sid, address: 'unknown' })
    expect(lines[3]).toMatchObject({ sub, sid: null })
    expect(app.lines.join()).not.toMatch(/wrong guess|a new password|correct horse/)
  })

  it('REV-23, REF-13: tells of a refresh by somebody who is gone', async () => {
    await using app = await openApp()
    const { refreshToken: token } = await app.login()
    const { id = '' } = (await app.store.findByUsername('anna')) ?? {}
    await app.store.changeAccount(id, { disabled: true })
    await app.query(REFRESH, { token })
    const [login, refused] = auditOf(app)
    expect(refused).toEqual({
      ...login,
      audit: 'refused',
      reason: 'SUBJECT_UNKNOWN',
      jti: expect.any(String),
      at: expect.any(String),
      time: expect.any(Number),
      msg: 'refused: SUBJECT_UNKNOWN',
    })
  })
})
