import { describe, expect, test } from 'vitest'
import {
  type AuditEvent,
  type AuditHooks,
  AuthError,
  type AuthXContext,
  createAuthX,
  refuse,
} from '../../src/index.ts'
import { memory } from '../../src/stores/memory.ts'
import { NOW, settableClock } from '../harness/clock.ts'
import { contextFor, guarded, inProcess } from '../harness/graphql.ts'
import { openAuthX, testLog } from '../harness/instance.ts'
import { SECRET } from '../harness/keys.ts'

const NAMES = ['onLogin', 'onRefresh', 'onReuse', 'onRevoke', 'onRefused'] as const

/** Hooks that note what they are told, as `name reason sub sid jti`. */
function noting(): { hooks: AuditHooks; told: string[]; events: AuditEvent[] } {
  const told: string[] = []
  const events: AuditEvent[] = []
  const hook = (name: string) => (event: AuditEvent) => {
    events.push(event)
    told.push([name, event.reason, event.sub, event.sid, event.jti].map((one) => one ?? '-').join(' '))
  }
  return { told, events, hooks: Object.fromEntries(NAMES.map((name) => [name, hook(name)])) }
}

function open(hooks: AuditHooks, maxSessions = 2) {
  const clock = settableClock()
  let count = 0
  const random = (size: number): Uint8Array => {
    const bytes = Buffer.alloc(size)
    bytes.writeUInt8(count++, size - 1)
    return bytes
  }
  const log = testLog()
  const sessions = memory({ clock })
  const authx = createAuthX({ secret: SECRET, sessions, clock, random, logger: log, maxSessions, ...hooks })
  const refresh = async (token: string) =>
    authx.sessions.refresh(await authx.verify(token, { type: 'refresh' }))
  return { authx, clock, log, refresh }
}

const idOf = (token: string): { sid: string; jti: string } =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

describe('the hooks', () => {
  test('REV-23, REF-02: are told of logins, refreshes, reuse and every end, and get no token', async () => {
    const { hooks, told, events } = noting()
    const { authx, clock, refresh } = open(hooks)
    const first = await authx.sessions.login({ sub: 'ada', device: 'phone' })
    const { sid, jti } = idOf(first.refreshToken)
    const second = await refresh(first.refreshToken)
    await refresh(first.refreshToken)
    clock.advance(11)
    const claims = await authx.verify(first.refreshToken, { type: 'refresh' })
    await authx.sessions.refresh(claims).catch(() => undefined)
    await authx.sessions.refresh(claims).catch(() => undefined)
    expect(told.splice(0)).toEqual([
      `onLogin LOGIN ada ${sid} -`,
      `onRefresh ROTATED ada ${sid} ${jti}`,
      `onRefresh REPEATED ada ${sid} ${jti}`,
      `onReuse TOKEN_REUSED ada ${sid} ${jti}`,
      `onRevoke TOKEN_REUSED ada ${sid} ${jti}`,
      `onRefused TOKEN_REVOKED ada ${sid} ${jti}`,
    ])
    expect(events.every(Object.isFrozen)).toBe(true)
    expect(events[0]?.at).toBe(NOW)
    expect(JSON.stringify(events)).not.toMatch(/ey[\w-]{8}/)
    expect(second.accessToken).toBeTypeOf('string')
  })

  test('are told of a session that the limit ended, of one that its user ended, and of all', async () => {
    const { hooks, told } = noting()
    const { authx } = open(hooks)
    const sids: string[] = []
    for (let count = 0; count < 4; count++) {
      const { accessToken } = await authx.sessions.login({ sub: 'ada' })
      sids.push(idOf(accessToken).sid)
    }
    const [first, second, third, fourth] = sids
    expect(told.splice(0)).toEqual([
      `onLogin LOGIN ada ${first} -`,
      `onLogin LOGIN ada ${second} -`,
      `onRevoke LIMIT_REACHED ada ${first} -`,
      `onLogin LOGIN ada ${third} -`,
      `onRevoke LIMIT_REACHED ada ${second} -`,
      `onLogin LOGIN ada ${fourth} -`,
    ])
    await authx.sessions.revoke({ sub: 'ada', sid: third ?? '' })
    await authx.sessions.revoke({ sub: 'ada', sid: third ?? '' })
    await authx.sessions.revoke({ sub: 'bob', sid: fourth ?? '' })
    await authx.sessions.revokeAll('ada')
    await authx.sessions.revokeAll('ada')
    await authx.revoke({ sub: 'bob' })
    await authx.revoke({ sid: 'unknown' })
    await authx.revoke({ jti: 'one', exp: 1 })
    await authx.revoke({ token: 'garbage' })
    expect(told).toEqual([
      `onRevoke REVOKED ada ${third} -`,
      `onRevoke EVERYWHERE ada ${fourth} -`,
      'onRevoke EVERYWHERE ada - -',
      'onRevoke EVERYWHERE bob - -',
      'onRevoke REVOKED - unknown -',
      'onRevoke REVOKED - - one',
    ])
  })

  test('REV-23: are told who logged out, and by which token', async () => {
    const { hooks, told } = noting()
    const { authx } = open(hooks)
    const { accessToken } = await authx.sessions.login({ sub: 'ada' })
    const { sid, jti } = idOf(accessToken)
    const { auth } = contextFor(authx, accessToken) as AuthXContext
    const checked = await auth.check()
    await checked.revoke()
    await checked.logout()
    expect(told.slice(1)).toEqual([`onRevoke REVOKED ada - ${jti}`, `onRevoke LOGOUT ada ${sid} ${jti}`])
  })

  test('are told of a refusal once a request, however many fields it refused', async () => {
    const { hooks, told } = noting()
    const { authx } = open(hooks)
    const api = await inProcess(
      authx,
      guarded(authx, 'type Query { a: Int @auth b: Int @auth c: Int @auth(scopes: [["read"]]) }'),
    )
    await api.query('{ a b c }')
    await api.query('{ a b c }', { token: 'garbage' })
    const { accessToken: token } = await authx.sessions.login({ sub: 'ada' })
    await api.query('{ a b c x: c }', { token })
    await authx.revoke({ token })
    await api.query('{ a b c }', { token })
    const { sid, jti } = idOf(token)
    expect(told.filter((line) => line.startsWith('onRefused'))).toEqual([
      'onRefused TOKEN_MISSING - - -',
      'onRefused TOKEN_MALFORMED - - -',
      `onRefused SCOPES_MISSING ada ${sid} ${jti}`,
      `onRefused TOKEN_REVOKED ada ${sid} ${jti}`,
    ])
  })

  test('LOG-03: are told of what a login of your own refuses, and by whom as far as it says', () => {
    const { hooks, events } = noting()
    const { authx } = open(hooks)
    const wrong = authx.refused('CREDENTIALS_WRONG', { sub: 'ada', address: '192.0.2.1' })
    const tooMany = new AuthError(refuse('TOO_MANY_ATTEMPTS', { retryAfter: 7 }))
    expect(wrong).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'CREDENTIALS_WRONG' })
    expect(authx.refused(tooMany)).toBe(tooMany)
    const nobody = { sub: null, sid: null, jti: null, address: null, at: NOW }
    expect(events).toEqual([
      { ...nobody, sub: 'ada', address: '192.0.2.1', reason: 'CREDENTIALS_WRONG' },
      { ...nobody, reason: 'TOO_MANY_ATTEMPTS' },
    ])
  })

  test('REV-23: are told where a login came from, and that all ended for a new password', async () => {
    const { hooks, events } = noting()
    const { authx } = open(hooks)
    await authx.sessions.login({ sub: 'ada', address: '192.0.2.1' })
    await authx.sessions.revokeAll('ada', { reason: 'PASSWORD_CHANGED' })
    await authx.sessions.revokeAll('ada', { reason: 'PASSWORD_CHANGED' })
    expect(events.map(({ reason, sid, address }) => [reason, sid === null, address])).toEqual([
      ['LOGIN', false, '192.0.2.1'],
      ['PASSWORD_CHANGED', false, null],
      ['PASSWORD_CHANGED', true, null],
    ])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('cannot log eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.sig')
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('one that %s is logged, and changes nothing', async (_, hook) => {
    const { authx, log, refresh } = open(Object.fromEntries(NAMES.map((name) => [name, hook])))
    const first = await authx.sessions.login({ sub: 'ada' })
    const { accessToken } = await refresh(first.refreshToken)
    await authx.revoke({ token: accessToken })
    await expect(refresh(first.refreshToken)).rejects.toMatchObject({ reason: 'TOKEN_REVOKED' })
    await new Promise(setImmediate)
    for (const name of ['onLogin', 'onRefresh', 'onRevoke']) {
      expect(log.lines.some((line) => line.startsWith(`error the hook ${name} failed`))).toBe(true)
    }
    expect(log.lines.join()).not.toContain('eyJhbGci')
  })

  test('must be functions', () => {
    for (const name of NAMES) {
      expect(() => openAuthX({ [name]: 'log' as never })).toThrow(`${name}: must be a function`)
    }
  })
})
