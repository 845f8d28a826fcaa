import { describe, expect, it } from 'vitest'
import { AuthError } from '../../src/graphql/auth-error.ts'
import type { GrantScopes } from '../../src/server/accounts.ts'
import { PASSWORD } from '../harness/server.ts'
import { openApp, type TestApp } from '../harness/test-app.ts'

interface Pair {
  readonly accessToken: string
  readonly refreshToken: string
}

const LOGIN = 'mutation ($p: String!) { login(username: "anna", password: $p) { accessToken refreshToken } }'
const REFRESH = 'mutation { refresh { accessToken refreshToken } }'
const CHANGE =
  'mutation ($current: String!) { changePassword(current: $current, next: "a new password") { accessToken refreshToken } }'

/** The scope claim of a token. */
const scopeOf = (token: string): string | undefined =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).scope

const idOf = async (app: TestApp): Promise<string> => (await app.store.findByUsername('anna'))?.id ?? ''

const setScopes = async (app: TestApp, scopes: readonly string[]): Promise<unknown> =>
  app.store.changeAccount(await idOf(app), { scopes })

const open = (grantScopes: GrantScopes) => openApp(undefined, { grantScopes })

const login = (app: TestApp) => app.query(LOGIN, { variables: { p: PASSWORD } })

const refresh = async (app: TestApp, token: string) => {
  const { data } = await app.query(REFRESH, { token })
  return (data as { refresh: Pair }).refresh
}

/** What the hook of a test reads beside the account. */
let roles: readonly string[] = []

describe('the scopes of a login', () => {
  it("are the account's, in both tokens", async () => {
    await using app = await openApp()
    await setScopes(app, ['posts:read', 'posts:write'])
    const { accessToken, refreshToken } = await app.login()
    expect([scopeOf(accessToken), scopeOf(refreshToken)]).toEqual(Array(2).fill('posts:read posts:write'))
  })

  it('are no claim at all where the account has none', async () => {
    await using app = await openApp()
    const { accessToken, refreshToken } = await app.login()
    expect([scopeOf(accessToken), scopeOf(refreshToken)]).toEqual([undefined, undefined])
    expect(scopeOf((await refresh(app, refreshToken)).accessToken)).toBeUndefined()
  })

  it('are what grantScopes answers for the account, at once or later, each of them once', async () => {
    for (const later of [false, true]) {
      const seen: string[] = []
      await using app = await open(({ username, scopes }) => {
        seen.push(`${username} ${scopes}`)
        const answer = ['posts:*', 'mail', 'posts:*']
        return later ? Promise.resolve(answer) : answer
      })
      await setScopes(app, ['editor'])
      expect(scopeOf((await app.login()).accessToken)).toBe('posts:* mail')
      expect(new Set(seen)).toEqual(new Set(['anna editor']))
    }
  })

  it('go to the session of a changed password as well', async () => {
    await using app = await openApp()
    await setScopes(app, ['posts:read'])
    const { accessToken: token } = await app.login()
    const { data } = await app.query(CHANGE, { token, variables: { current: PASSWORD } })
    expect(scopeOf((data as { changePassword: Pair }).changePassword.accessToken)).toBe('posts:read')
  })
})

describe('a refresh', () => {
  it('REF-13: asks again, so that scopes shrink with the next pair, and never grow', async () => {
    await using app = await openApp()
    await setScopes(app, ['a', 'b'])
    let { refreshToken } = await app.login()
    const scopes = []
    for (const now of [['a', 'b', 'c'], ['b', 'c'], ['a', 'b'], [], ['a', 'b', 'c']]) {
      await setScopes(app, now)
      const pair = await refresh(app, refreshToken)
      scopes.push([scopeOf(pair.accessToken), scopeOf(pair.refreshToken)])
      refreshToken = pair.refreshToken
    }
    expect(scopes).toEqual(['a b', 'b', 'b', '', ''].map((one) => [one, one]))
    expect(scopeOf((await app.login()).accessToken)).toBe('a b c')
  })

  it('does not spend the token where the scopes cannot be found out', async () => {
    let isDown = false
    await using app = await open(() => {
      if (isDown) throw new Error('the directory of roles is down')
      return ['a']
    })
    const { refreshToken } = await app.login()
    isDown = true
    expect((await app.query(REFRESH, { token: refreshToken })).refused).toEqual([
      'refresh: REVOCATION_UNAVAILABLE',
    ])
    isDown = false
    expect(scopeOf((await refresh(app, refreshToken)).accessToken)).toBe('a')
  })
})

describe('a hook that does not answer with scopes lets nobody in, and the log says why', () => {
  const wrong: readonly [what: string, answer: () => unknown][] = [
    ['nothing', () => undefined],
    ['null', () => null],
    ['a text', () => 'admin'],
    ['a list that is not all texts', () => ['posts:read', 1]],
    ['a scope with a space', () => ['posts:read admin']],
    ['a scope with a quote', () => ['a"']],
    ['an empty scope', () => ['']],
    ['a set', () => new Set(['admin'])],
    ['an error', () => new Error('no')],
  ]

  it.each(wrong)('%s', async (_what, answer) => {
    await using app = await open(answer as GrantScopes)
    expect((await login(app)).refused).toEqual(['login: REVOCATION_UNAVAILABLE'])
    expect(await app.authx.sessions.list(await idOf(app))).toEqual([])
    expect(app.lines.some((line) => line.includes('the hook grantScopes failed'))).toBe(true)
  })

  it.each([
    ['throws', () => Promise.reject(new Error('hunter2 is down'))],
    [
      'throws at once',
      () => {
        throw new Error('hunter2 is down')
      },
    ],
  ])('one that %s, of which the client hears nothing', async (_what, hook) => {
    await using app = await open(hook)
    const answer = await login(app)
    expect(answer.refused).toEqual(['login: REVOCATION_UNAVAILABLE'])
    expect(JSON.stringify(answer)).not.toContain('hunter2')
    expect(await app.authx.sessions.list(await idOf(app))).toEqual([])
  })

  it('leaves the session of a token that came with the login as it was', async () => {
    let isDown = false
    await using app = await open(() => (isDown ? Promise.reject(new Error('down')) : []))
    const { accessToken: token } = await app.login()
    isDown = true
    await app.query(LOGIN, { token, variables: { p: PASSWORD } })
    expect((await app.query('{ profile }', { token })).refused).toEqual([])
  })

  it('may refuse in our voice', async () => {
    await using app = await open(() => {
      throw new AuthError('POLICY_REFUSED')
    })
    expect((await login(app)).refused).toEqual(['login: POLICY_REFUSED'])
    expect(await app.authx.sessions.list(await idOf(app))).toEqual([])
  })
})

describe('REV-15: a scope that is taken away while a login is under way', () => {
  it.each([
    ['of the account', undefined],
    ['by what the hook reads', () => roles],
  ])('%s is in no token', async (_what, grantScopes) => {
    roles = ['a', 'b']
    let downgrade = async (): Promise<void> => {}
    await using app = await openApp(
      (store) => ({
        async createSession(session) {
          await downgrade()
          return store.createSession(session)
        },
      }),
      grantScopes === undefined ? {} : { grantScopes },
    )
    await setScopes(app, ['a', 'b'])
    downgrade = async () => {
      roles = ['a']
      await setScopes(app, ['a'])
      await app.authx.sessions.revokeAll(await idOf(app))
    }
    expect((await login(app)).refused).toEqual(['login: CREDENTIALS_WRONG'])
    expect(await app.authx.sessions.list(await idOf(app))).toEqual([])
    downgrade = async () => {}
    expect(scopeOf((await app.login()).accessToken)).toBe('a')
  })
})
