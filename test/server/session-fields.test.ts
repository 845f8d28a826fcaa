import { describe, expect, it } from 'vitest'
import { PASSWORD } from '../harness/server.ts'
import { openApp } from '../harness/test-app.ts'

const REVOKE = 'mutation ($id: ID!) { revokeSession(id: $id) }'
const CHANGE =
  'mutation ($current: String!) { changePassword(current: $current, next: "a new password") { accessToken } }'
const EVENTS = 'subscription { sessionEvents { kind session at } }'

const sidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid

describe('revokeSession', () => {
  it("REV-07: answers for another user's session as for an unknown one, and the session goes on", async () => {
    await using app = await openApp()
    const [anna, bert] = [await app.login('anna'), await app.login('bert')]
    const variables = { id: sidOf(anna.accessToken) }
    const refused = { data: { revokeSession: false }, refused: [] }
    expect(await app.query(REVOKE, { token: bert.accessToken, variables })).toEqual(refused)
    expect(await app.query(REVOKE, { token: bert.accessToken, variables: { id: 'unknown' } })).toEqual(
      refused,
    )
    expect((await app.query('{ profile }', { token: anna.accessToken })).refused).toEqual([])
    const { data } = await app.query('{ sessions { id } }', { token: bert.accessToken })
    expect(data).toEqual({ sessions: [{ id: sidOf(bert.accessToken) }] })
  })

  it('REV-07: answers false for an id that none can be', async () => {
    await using app = await openApp()
    const { accessToken: token } = await app.login()
    for (const id of ['', 'x'.repeat(256), 'x'.repeat(5000), '\ud800', 'a\0b', '\u009b']) {
      const refused = { data: { revokeSession: false }, refused: [] }
      expect(await app.query(REVOKE, { token, variables: { id } })).toEqual(refused)
    }
  })

  it('SES-02, S97: leaves the other user untouched when one ends everything', async () => {
    await using app = await openApp()
    const anna = [await app.login('anna'), await app.login('anna')]
    const bert = await app.login('bert')
    const token = anna[0]?.accessToken ?? ''
    expect((await app.query('mutation { logoutEverywhere }', { token })).data).toEqual({
      logoutEverywhere: 2,
    })
    for (const { accessToken } of anna) {
      expect((await app.query('{ profile }', { token: accessToken })).refused).toEqual([
        'profile: TOKEN_REVOKED',
      ])
    }
    expect((await app.query('{ profile }', { token: bert.accessToken })).refused).toEqual([])
  })
})

describe('changePassword', () => {
  it('SES-05: asks the session store itself, whatever a copy of the blocklist says', async () => {
    await using app = await openApp(() => ({ isRevoked: () => false }))
    const { accessToken: token } = await app.login()
    await app.query('mutation { logout }', { token })
    // The copy has not heard of the logout yet.
    expect((await app.query('{ profile }', { token })).refused).toEqual([])
    const variables = { current: PASSWORD }
    expect((await app.query(CHANGE, { token, variables })).refused).toEqual(['changePassword: TOKEN_REVOKED'])
    expect((await app.login()).accessToken).toBeTypeOf('string')
  })

  it('LOG-03: counts a wrong current password as a failed login', async () => {
    await using app = await openApp()
    const { accessToken: token } = await app.login()
    const variables = { current: 'wrong' }
    const reasons = []
    for (let tries = 0; tries < 11; tries++)
      reasons.push((await app.query(CHANGE, { token, variables })).refused[0])
    expect(reasons).toEqual([
      ...Array(10).fill('changePassword: CREDENTIALS_WRONG'),
      'changePassword: TOO_MANY_ATTEMPTS',
    ])
  })

  it('REV-15: lets no login through that began with the old password', async () => {
    let change = async (): Promise<void> => {}
    await using app = await openApp((store) => ({
      async createSession(session) {
        const doing = change
        change = async () => {}
        await doing()
        return store.createSession(session)
      },
    }))
    const { accessToken: token } = await app.login()
    change = async () => {
      await app.query(CHANGE, { token, variables: { current: PASSWORD } })
    }
    // Its password was right when it was looked at, and is not when its session is opened.
    const LOGIN = `mutation ($p: String!) { login(username: "anna", password: $p) { accessToken } }`
    expect((await app.query(LOGIN, { variables: { p: PASSWORD } })).refused).toEqual([
      'login: CREDENTIALS_WRONG',
    ])
    const sub = (await app.store.findByUsername('anna'))?.id ?? ''
    expect((await app.authx.sessions.list(sub)).length).toBe(1)
  })
})

describe('a user who is gone', () => {
  it('REF-13: is refused by me and by refresh', async () => {
    let isGone = false
    await using app = await openApp((store) => ({
      findById: async (id) => (isGone ? undefined : store.findById(id)),
    }))
    const { accessToken, refreshToken } = await app.login()
    expect((await app.query('{ me { username } }', { token: accessToken })).data).toEqual({
      me: { username: 'anna' },
    })
    isGone = true
    expect((await app.query('{ me { username } }', { token: accessToken })).refused).toEqual([
      'me: SUBJECT_UNKNOWN',
    ])
    expect((await app.query('mutation { refresh { tokenType } }', { token: refreshToken })).refused).toEqual([
      'refresh: SUBJECT_UNKNOWN',
    ])
  })
})

describe('sessionEvents', () => {
  it("tells what happens to the caller's sessions, and nothing of anybody else's", async () => {
    await using app = await openApp()
    const { accessToken: token } = await app.login()
    const stream = await app.subscribe(EVENTS, token)
    const first = stream.next()
    await app.login('bert')
    const second = await app.login()
    await app.query('mutation { refresh { accessToken } }', { token: second.refreshToken })
    await app.query('mutation { logout }', { token: second.accessToken })
    const events = [await first, await stream.next(), await stream.next()]
    const session = sidOf(second.accessToken)
    const at = expect.stringMatching(/^\d{4}-.*Z$/)
    expect(events.map((event) => event?.data)).toEqual(
      ['STARTED', 'REFRESHED', 'ENDED'].map((kind) => ({ sessionEvents: { kind, session, at } })),
    )
    await stream.stop()
  })

  it('needs a token, and tells nothing more once that is revoked', async () => {
    await using app = await openApp()
    const { accessToken: token } = await app.login()
    const stream = await app.subscribe(EVENTS, token)
    const event = stream.next()
    await app.query('mutation { logout }', { token })
    expect((await event)?.refused).toEqual([expect.stringMatching(/TOKEN_REVOKED$/)])
    expect(await stream.next()).toBeUndefined()
    const refused = await (await app.subscribe(EVENTS, token)).next()
    expect(refused?.refused).toEqual(['sessionEvents: TOKEN_REVOKED'])
  })

  it('forgets a subscriber whose stream has ended', async () => {
    await using app = await openApp()
    const { accessToken: token } = await app.login()
    const streams = [await app.subscribe(EVENTS, token), await app.subscribe(EVENTS, token)]
    const events = streams.map((stream) => stream.next())
    await app.login()
    await Promise.all(events)
    expect(app.events.size).toBe(2)
    await streams[0]?.stop()
    await expect.poll(() => app.events.size).toBe(1)
    await streams[1]?.stop()
    await expect.poll(() => app.events.size).toBe(0)
  })
})
