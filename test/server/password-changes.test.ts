import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/core/store.ts'
import type { ExtensionParts } from '../../src/server/extension.ts'
import { PASSWORD } from '../harness/server.ts'
import { openApp, type TestApp } from '../harness/test-app.ts'

const CHANGE =
  'mutation ($next: String!) { changePassword(current: "correct horse battery staple", next: $next) { accessToken refreshToken } }'
const LOGIN = 'mutation ($p: String!) { login(username: "anna", password: $p) { accessToken } }'

const change = (app: TestApp, token: string, next = 'a new password') =>
  app.query(CHANGE, { token, variables: { next } })

const login = async (app: TestApp, p: string) => (await app.query(LOGIN, { variables: { p } })).refused

const idOf = async (store: Store): Promise<string> => (await store.findByUsername('anna'))?.id ?? ''

const liveSessions = async (app: TestApp) => (await app.authx.sessions.list(await idOf(app.store))).length

/** What an operator does while a password is being changed: as `graphql-authx user`, the sessions end afterwards. */
const MEANWHILE = {
  'disables the account': { disabled: true },
  'sets another password': { passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo' },
  'takes a scope away': { scopes: [] },
} as const

type Meanwhile = (typeof MEANWHILE)[keyof typeof MEANWHILE]

async function intervene(store: Store, what: Meanwhile): Promise<void> {
  const id = await idOf(store)
  await store.changeAccount(id, what)
  await store.endSessions({ issuer: '', sub: id, retention: 1000 })
}

/** An app in which something is done once, right before or after the store does what is named. */
async function openWith(
  when: 'before' | 'after',
  method: 'replacePassword' | 'createSession',
  work: (store: Store) => Promise<void>,
) {
  let isArmed = false
  const app = await openApp((store) => ({
    async [method](...given: never[]) {
      const isDue = isArmed
      isArmed = false
      if (isDue && when === 'before') await work(store)
      const answer = await (store[method] as (...args: never[]) => Promise<never>)(...given)
      if (isDue && when === 'after') await work(store)
      return answer
    },
  }))
  await app.store.changeAccount(await idOf(app.store), { scopes: ['posts:write'] })
  const { accessToken } = await app.login()
  isArmed = true
  return { app, token: accessToken, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

describe('changePassword', () => {
  it('REV-15: of two who change the same password at once one is wrong, and has no session', async () => {
    await using app = await openApp()
    const { accessToken: token } = await app.login()
    const nexts = ['a new password', 'another password']
    const answers = await Promise.all(nexts.map((next) => change(app, token, next)))
    const refused = answers.flatMap((answer) => answer.refused)
    expect(refused).toEqual(['changePassword: CREDENTIALS_WRONG'])
    const winner = answers.findIndex((answer) => answer.refused.length === 0)
    expect([await login(app, nexts[winner] ?? ''), await login(app, nexts[1 - winner] ?? '')]).toEqual([
      [],
      ['login: CREDENTIALS_WRONG'],
    ])
  })

  it.each(['disables the account', 'sets another password'] as const)(
    'REV-15: writes nothing where an operator %s before it, and leaves no session',
    async (what) => {
      await using opened = await openWith('before', 'replacePassword', (store) =>
        intervene(store, MEANWHILE[what]),
      )
      const { app, token } = opened
      const before = await app.store.findByUsername('anna')
      expect((await change(app, token)).refused).toEqual(['changePassword: CREDENTIALS_WRONG'])
      expect(await app.store.findByUsername('anna')).toEqual({ ...before, ...MEANWHILE[what] })
      expect(await liveSessions(app)).toBe(0)
    },
  )

  it.each(
    (Object.keys(MEANWHILE) as (keyof typeof MEANWHILE)[]).flatMap((what) => [
      [what, 'after', 'replacePassword'] as const,
      [what, 'before', 'createSession'] as const,
      [what, 'after', 'createSession'] as const,
    ]),
  )(
    'REV-15, REF-13: leaves no session where an operator %s afterwards, %s %s',
    async (what, when, method) => {
      await using opened = await openWith(when, method, (store) => intervene(store, MEANWHILE[what]))
      const { app, token } = opened
      expect((await change(app, token)).refused).toEqual(['changePassword: CREDENTIALS_WRONG'])
      expect(await app.store.findByUsername('anna')).toMatchObject(MEANWHILE[what])
      expect(await liveSessions(app)).toBe(0)
    },
  )

  it('REV-15: ends every session before the new password is in force, and again when it is', async () => {
    const order: string[] = []
    await using app = await openApp((store) => ({
      endSessions: (ending) => {
        order.push('end')
        return store.endSessions(ending)
      },
      replacePassword: (...given) => {
        order.push('replace')
        return store.replacePassword(...given)
      },
      createSession: (session) => {
        order.push('begin')
        return store.createSession(session)
      },
    }))
    const { accessToken: token } = await app.login()
    await change(app, token)
    expect(order).toEqual(['begin', 'end', 'replace', 'end', 'begin'])
  })

  it('REV-15: ends a session that was begun with the old password a moment before', async () => {
    let app: TestApp | undefined
    let slipped = ''
    await using opened = await openWith('before', 'replacePassword', async () => {
      slipped = (await app?.login())?.accessToken ?? ''
    })
    app = opened.app
    expect((await change(app, opened.token)).refused).toEqual([])
    expect((await app.query('{ profile }', { token: slipped })).refused).toEqual(['profile: TOKEN_REVOKED'])
    expect(await liveSessions(app)).toBe(1)
  })

  it('REV-15: leaves the password as it was, and the caller logged out, where the new one cannot be written', async () => {
    await using opened = await openWith('before', 'replacePassword', () =>
      Promise.reject(new Error('the disk is full')),
    )
    const { app, token } = opened
    expect((await change(app, token)).refused).toEqual(['changePassword: REVOCATION_UNAVAILABLE'])
    expect(await liveSessions(app)).toBe(0)
    expect(await login(app, PASSWORD)).toEqual([])
  })
})

describe('accounts.resetPassword', () => {
  const open = async (differing: (store: Store) => Partial<Store>) => {
    let parts: ExtensionParts | undefined
    const app = await openApp(differing, {
      extend: (given) => {
        parts = given
        return { typeDefs: 'extend type Query { nothing: Int @public }', resolvers: {} }
      },
    })
    const id = await idOf(app.store)
    const reset = (next: string) => parts?.accounts.resetPassword(id, next)
    return { app, id, reset, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
  }

  it('REV-15: ends every session before and after, and holds against a change that was quicker', async () => {
    const order: string[] = []
    let isFirst = true
    await using opened = await open((store) => ({
      endSessions: (ending) => {
        order.push('end')
        return store.endSessions(ending)
      },
      async replacePassword(id, replacement) {
        order.push('replace')
        if (isFirst) await store.changeAccount(id, { passwordHash: 'a quicker one' })
        isFirst = false
        return store.replacePassword(id, replacement)
      },
    }))
    await opened.app.login()
    expect(await opened.reset('a new password')).toBe(true)
    expect(order).toEqual(['end', 'replace', 'replace', 'end'])
    expect(await login(opened.app, 'a new password')).toEqual([])
  })

  it('REV-15: is false for an account that is disabled meanwhile', async () => {
    await using opened = await open((store) => ({
      async replacePassword(id, replacement) {
        await store.changeAccount(id, { disabled: true })
        return store.replacePassword(id, replacement)
      },
    }))
    expect(await opened.reset('a new password')).toBe(false)
  })

  it('REV-13: gives up on accounts that never take a password', async () => {
    await using opened = await open(() => ({ replacePassword: async () => false }))
    await expect(opened.reset('a new password')).rejects.toMatchObject({ reason: 'REVOCATION_UNAVAILABLE' })
  })
})
