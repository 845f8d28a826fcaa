import { describe, expect, it } from 'vitest'
import { openApp, type TestApp } from '../harness/test-app.ts'

const LOGIN = 'mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { accessToken } }'
const CHANGE =
  'mutation ($current: String!, $next: String!) { changePassword(current: $current, next: $next) { accessToken } }'
const REFRESH = 'mutation { refresh { accessToken } }'

interface Line {
  readonly audit: string
  readonly reason: string
  readonly sub: string | null
  readonly sid: string | null
  readonly address: string | null
  readonly at: string
}

const auditOf = (app: TestApp): Line[] =>
  app.lines.map((line) => JSON.parse(line) as Line).filter(({ audit }) => audit !== undefined)

const inShort = ({ audit, reason, sub, address }: Line) => [audit, reason, sub, address]

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
