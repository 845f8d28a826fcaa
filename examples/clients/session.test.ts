import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { REASONS } from '../../src/core/refusal.ts'
import { RIGHT } from '../../test/harness/app.ts'
import { LIFETIMES, openStage, pass, type Stage } from './harness.ts'
import { login, Session } from './session.ts'

let stage: Stage
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  stage = await openStage()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  vi.useRealTimers()
})

const options = () => ({ url: stage.app.url, onOver: () => {} })

describe('a session', () => {
  it('begins with a login', async () => {
    const session = await login('ada', RIGHT, options())
    expect(await session.token()).toMatch(/^ey/)
  })

  it('does not begin with a wrong password', async () => {
    await expect(login('ada', 'wrong', options())).rejects.toMatchObject({ reason: 'CREDENTIALS_WRONG' })
  })

  it('stays logged out when a refresh is answered after the logout', async () => {
    const { session, overs } = await stage.login()
    pass(LIFETIMES.access)
    const waiting = session.token()
    const loggedOut = session.logout()
    await expect(waiting).rejects.toMatchObject({ reason: 'LOGGED_OUT' })
    await loggedOut
    expect(session.accessToken).toBeUndefined()
    expect(overs).toEqual([])
  })

  it('takes no answer about a token that was replaced for one about its own', async () => {
    const { session, overs } = await stage.login()
    const before = session.accessToken
    pass(LIFETIMES.access)
    const token = await session.token()
    expect(session.refused(before, [{ extensions: { reason: 'TOKEN_EXPIRED' } }])).toBe(true)
    expect(session.refused(before, [{ extensions: { reason: 'TOKEN_REVOKED' } }])).toBe(false)
    expect(await session.token()).toBe(token)
    expect(overs).toEqual([])
  })
})

describe('docs/clients.md', () => {
  it('says of every reason what becomes of the session', async () => {
    const page = readFileSync(new URL('../../docs/clients.md', import.meta.url), 'utf8')
    const row = (start: string) => {
      const cells = page.split('\n').find((line) => line.startsWith(`| ${start}`))
      return new Set([...(cells ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, reason]) => reason))
    }
    const documented = { again: row('its time is over'), over: row('the login is over') }
    for (const reason of Object.keys(REASONS)) {
      const session = new Session({ accessToken: 'a', refreshToken: 'r', expiresIn: 9 }, options())
      const again = session.refused('a', [{ extensions: { reason } }])
      const over = session.accessToken === undefined
      expect({ reason, again, over }).toEqual({
        reason,
        again: documented.again.has(reason),
        over: documented.over.has(reason),
      })
    }
  })
})
