import { describe, expect, it, vi } from 'vitest'
import type { AccountDirectory } from '../../src/core/account-store.ts'
import type { Allowance } from '../../src/core/attempts.ts'
import type { AppParts } from '../../src/server/app.ts'
import { type Database, openDatabase } from '../../src/server/database.ts'
import { createLimits, type Extend, type ExtensionParts } from '../../src/server/extension.ts'
import { readEnvironment, startServer } from '../../src/server/index.ts'
import { memoryAttempts } from '../../src/stores/memory/attempts.ts'
import { databaseFile } from '../harness/app.ts'
import { PASSWORD } from '../harness/server.ts'
import { openApp } from '../harness/test-app.ts'

vi.mock('../../src/server/database.ts', { spy: true })

/** An app with fields of its own, and the parts that they were given. */
async function open(extend: Extend, more: Partial<AppParts> = {}) {
  let parts: ExtensionParts | undefined
  const app = await openApp(undefined, {
    ...more,
    extend(given) {
      parts = given
      return extend(given)
    },
  })
  if (parts === undefined) throw new Error('the extension was not asked')
  return { app, parts, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() }
}

const NOTHING: Extend = () => ({ typeDefs: 'extend type Query { nothing: String @public }', resolvers: {} })

describe('fields of your own', () => {
  it('stand beside those of the server, under rules like theirs', async () => {
    await using opened = await open(({ accounts }) => ({
      typeDefs: [
        'extend type Query { open: String! @public mine: String! @auth secret: String! @auth(scopes: [["secrets"]]) vault: Vault! @public }',
        'type Vault @auth { gold: String! } extend type User { shout: String! }',
      ],
      resolvers: {
        Query: {
          open: () => 'open',
          mine: async (_source, _args, { auth }) => (await accounts.findById(auth.claims.sub))?.username,
          secret: () => 'secret',
          vault: () => ({ gold: 'gold' }),
        },
        User: { shout: ({ username }) => `${username}!` },
      },
    }))
    const { app } = opened
    const { accessToken: token } = await app.login()
    expect(await app.query('{ open }')).toEqual({ data: { open: 'open' }, refused: [] })
    expect((await app.query('{ mine me { shout } }', { token })).data).toEqual({
      mine: 'anna',
      me: { shout: 'anna!' },
    })
    for (const [query, refused] of [
      ['{ mine }', 'mine: TOKEN_MISSING'],
      ['{ secret }', 'secret: TOKEN_MISSING'],
      ['{ vault { gold } }', 'vault.gold: TOKEN_MISSING'],
    ] as const)
      expect((await app.query(query)).refused).toEqual([refused])
    expect((await app.query('{ secret }', { token })).refused).toEqual(['secret: SCOPES_MISSING'])
    const id = (await app.store.findByUsername('anna'))?.id ?? ''
    await app.store.changeAccount(id, { scopes: ['secrets'] })
    const { accessToken } = await app.login()
    expect((await app.query('{ secret }', { token: accessToken })).data).toEqual({ secret: 'secret' })
  })

  it('GQL-05: can be asked for once only in an operation, as those of the server', async () => {
    await using opened = await open(() => ({
      typeDefs: 'extend type Mutation { signUp(email: String!): Boolean! @public note: Boolean! @public }',
      resolvers: { Mutation: { signUp: () => true, note: () => true } },
      once: ['signUp'],
    }))
    const { query } = opened.app
    const sign = (alias: string) => `${alias}: signUp(email: "x")`
    for (const document of [
      `mutation { ${sign('a')} ${sign('b')} }`,
      `mutation { ${sign('a')} ...F } fragment F on Mutation { ... @skip(if: true) { ${sign('b')} } }`,
    ]) {
      expect((await query(document)).refused).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    }
    const twice = await query('mutation { a: revoke(token: "x") b: revoke(token: "y") }')
    expect(twice.refused).toEqual(['GRAPHQL_VALIDATION_FAILED'])
    expect((await query(`mutation { ${sign('a')} b: note c: note }`)).data).toEqual({
      a: true,
      b: true,
      c: true,
    })
  })

  it('cannot take a rule from a field of the server by declaring it again', async () => {
    await using opened = await open(() => ({
      typeDefs: 'type Query { profile: String! me: User! }',
      resolvers: {},
    }))
    expect((await opened.app.query('{ profile }')).refused).toEqual(['profile: TOKEN_MISSING'])
  })

  it.each([
    [
      'a resolver of a field of the server',
      { typeDefs: 'extend type Query { a: Int }', resolvers: { Mutation: { login: () => null } } },
      "extend: Mutation.login is the server's own field; add one of another name",
    ],
    [
      'a rule that cannot be meant',
      { typeDefs: 'extend type Query { a: Int @auth(type: REFRESH, scopes: [["a"]]) }', resolvers: {} },
      /^Query\.a: /,
    ],
    [
      'a field to be asked for once that is no mutation',
      { typeDefs: 'extend type Mutation { signUp: Int }', resolvers: {}, once: ['signUp', 'signup'] },
      'extend: once: "signup" is no field of Mutation',
    ],
    [
      'anything but a list of them',
      { typeDefs: 'extend type Mutation { a: Int }', resolvers: {}, once: 'a' as never },
      'extend: once: must be a list of names of fields of Mutation',
    ],
    [
      'a root field that says nothing about who may have it',
      { typeDefs: 'extend type Query { a: Int } extend type User { b: Int }', resolvers: {} },
      "Query.a: nothing says who may have it, and defaultPolicy is 'declared'; put @auth, @optionalToken or @public there",
    ],
    ['SDL that is none', { typeDefs: 'extend type Query {', resolvers: {} }, /^Syntax Error/],
  ])('refuses %s at the start, and closes what was opened', async (_what, extension, message) => {
    const closed: string[] = []
    const opening = openApp(
      (store) => ({
        async close() {
          closed.push('store')
          await store.close()
        },
      }),
      { extend: () => extension },
    )
    await expect(opening).rejects.toThrow(message)
    expect(closed).toEqual(['store'])
  })

  it('end the start where making them throws, with everything closed', async () => {
    using file = databaseFile()
    const settings = readEnvironment({
      AUTHX_DATABASE_URL: file.url,
      AUTHX_SECRET: 'k7Qm2Zs9Xv4Bn8Lp1Rt6Yw3Hd5Gf0Jc2',
      LOG_LEVEL: 'silent',
    })
    const extend = () => {
      throw new Error('no mail server')
    }
    await expect(startServer(settings, { extend })).rejects.toThrow('no mail server')
    const opened = (await vi.mocked(openDatabase).mock.results[0]?.value) as Database | undefined
    await expect(opened?.store.ping()).rejects.toThrow('closed')
    const counter = opened?.attempts.counter({ name: 'any', tries: 1, window: 1 })
    await expect(counter?.spend('any')).rejects.toThrow('not open')
  })
})

describe('accounts.register', () => {
  it('makes an account that can log in, with its scopes, and no second one of the name', async () => {
    await using opened = await open(NOTHING)
    const { accounts } = opened.parts
    const made = await accounts.register('Zoe', 'a good password', { scopes: ['posts:read'] })
    expect(made).toMatchObject({ username: 'Zoe', disabled: false, scopes: ['posts:read'] })
    expect(await accounts.register('zoe', 'another password')).toBeUndefined()
    expect(await accounts.findByUsername('ZOE')).toEqual(made)
    const LOGIN = 'mutation ($p: String!) { login(username: "zoe", password: $p) { tokenType } }'
    const login = (p: string) => opened.app.query(LOGIN, { variables: { p } })
    expect((await login('a good password')).refused).toEqual([])
    expect((await login('another password')).refused).toEqual(['login: CREDENTIALS_WRONG'])
  })

  it.each([
    [
      '',
      'a good password',
      'username: must have 1 to 255 characters, no blank at either end, and none that cannot be seen',
    ],
    [
      ' \t',
      'a good password',
      'username: must have 1 to 255 characters, no blank at either end, and none that cannot be seen',
    ],
    [
      'x'.repeat(256),
      'a good password',
      'username: must have 1 to 255 characters, no blank at either end, and none that cannot be seen',
    ],
    [
      'half \ud800',
      'a good password',
      'username: must have 1 to 255 characters, no blank at either end, and none that cannot be seen',
    ],
    [
      'zoe ',
      'a good password',
      'username: must have 1 to 255 characters, no blank at either end, and none that cannot be seen',
    ],
    [
      'zo\u200de',
      'a good password',
      'username: must have 1 to 255 characters, no blank at either end, and none that cannot be seen',
    ],
    ['zoe', 'short', 'password: must have at least 8 characters and at most 1024 bytes'],
    ['zoe', 'x'.repeat(1025), 'password: must have at least 8 characters and at most 1024 bytes'],
  ])('refuses %j with %j', async (username, password, message) => {
    await using opened = await open(NOTHING)
    const { accounts } = opened.parts
    const registering = accounts.register(username, password)
    await expect(registering).rejects.toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } })
    expect(await opened.app.store.findByUsername(username)).toBeUndefined()
  })

  it('LOG-06: hashes in the line of the logins, which has an end', async () => {
    const settings = readEnvironment({ AUTHX_HASH_CONCURRENCY: '1', AUTHX_HASH_QUEUE: '2' })
    await using opened = await open(NOTHING, { settings })
    const { accounts } = opened.parts
    const made = await Promise.allSettled(
      Array.from({ length: 6 }, (_, index) => accounts.register(`user ${index}`, 'a good password')),
    )
    const refused = made.filter((one) => one.status === 'rejected').map(({ reason }) => reason)
    expect(refused).toMatchObject(
      Array(3).fill({ reason: 'TOO_MANY_ATTEMPTS', extensions: { retryAfter: 1 } }),
    )
    expect((await opened.app.login()).accessToken).toBeTypeOf('string')
  })

  it('REV-15: and resetPassword take a hash that was made before, and wait for no turn then', async () => {
    const settings = readEnvironment({ AUTHX_HASH_CONCURRENCY: '1', AUTHX_HASH_QUEUE: '1' })
    await using opened = await open(NOTHING, { settings })
    const { app, parts } = opened
    const { accounts } = parts
    const passwordHash = await accounts.hashPassword('a good password')
    const id = (await app.store.findByUsername('anna'))?.id ?? ''
    // The line is full.
    const flood = Promise.allSettled([1, 2, 3].map(() => accounts.hashPassword('another password')))
    expect(await accounts.register('zoe', { passwordHash })).toMatchObject({ username: 'zoe' })
    expect(await accounts.resetPassword(id, { passwordHash })).toBe(true)
    expect((await flood).map(({ status }) => status)).toContain('rejected')
    for (const username of ['zoe', 'anna']) {
      const LOGIN = `mutation { login(username: "${username}", password: "a good password") { tokenType } }`
      expect((await app.query(LOGIN)).refused).toEqual([])
    }
  })

  it.each(['a good password', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$', ''])(
    'and resetPassword do not take %j for a hash',
    async (passwordHash) => {
      await using opened = await open(NOTHING)
      const { app, parts } = opened
      const message = 'passwordHash: must be what hashPassword answers, a PHC string of Argon2'
      const anna = await app.store.findByUsername('anna')
      await expect(parts.accounts.register('zoe', { passwordHash })).rejects.toThrow(new TypeError(message))
      const resetting = parts.accounts.resetPassword(anna?.id ?? '', { passwordHash })
      await expect(resetting).rejects.toThrow(new TypeError(message))
      expect(await app.store.findByUsername('zoe')).toBeUndefined()
      expect(await app.store.findByUsername('anna')).toEqual(anna)
    },
  )

  it('takes scopes that are scopes only', async () => {
    await using opened = await open(NOTHING)
    const registering = opened.parts.accounts.register('zoe', 'a good password', { scopes: ['a b'] })
    await expect(registering).rejects.toThrow(TypeError)
    expect(await opened.app.store.findByUsername('zoe')).toBeUndefined()
  })

  it('says what is missing where the accounts are yours and create none', async () => {
    const accounts: AccountDirectory = {
      findByUsername: async () => undefined,
      findById: async () => undefined,
      replacePassword: async () => false,
    }
    await using opened = await open(NOTHING, { accounts })
    await expect(opened.parts.accounts.register('zoe', 'a good password')).rejects.toThrow(
      'give it a method createAccount',
    )
    expect(await opened.parts.accounts.hashPassword('a good password')).toMatch(/^\$argon2id\$/)
  })
})

describe('accounts.resetPassword', () => {
  it('REV-15: sets the password and ends every session of the user, and of nobody else', async () => {
    await using opened = await open(NOTHING)
    const { app, parts } = opened
    const [anna, again, bert] = [await app.login(), await app.login(), await app.login('bert')]
    const id = (await app.store.findByUsername('anna'))?.id ?? ''
    expect(await parts.accounts.resetPassword(id, 'a new password')).toBe(true)
    for (const { accessToken: token, refreshToken } of [anna, again]) {
      expect((await app.query('{ profile }', { token })).refused).toEqual(['profile: TOKEN_REVOKED'])
      expect(
        (await app.query('mutation { refresh { tokenType } }', { token: refreshToken })).refused,
      ).toEqual(['refresh: TOKEN_REVOKED'])
    }
    expect((await app.query('{ profile }', { token: bert.accessToken })).refused).toEqual([])
    const LOGIN = 'mutation ($p: String!) { login(username: "anna", password: $p) { tokenType } }'
    const login = async (p: string) => (await app.query(LOGIN, { variables: { p } })).refused
    expect([await login(PASSWORD), await login('a new password')]).toEqual([['login: CREDENTIALS_WRONG'], []])
  })

  it('refuses a password that is none, and a user who is unknown or disabled, and changes nothing', async () => {
    await using opened = await open(NOTHING)
    const { app, parts } = opened
    const { id, passwordHash } = (await app.store.findByUsername('anna')) ?? { id: '' }
    const { accessToken: token } = await app.login()
    await expect(parts.accounts.resetPassword(id, 'short')).rejects.toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
    })
    expect((await app.query('{ profile }', { token })).refused).toEqual([])
    expect(await parts.accounts.resetPassword('nobody', 'a new password')).toBe(false)
    await app.store.changeAccount(id, { disabled: true })
    expect(await parts.accounts.resetPassword(id, 'a new password')).toBe(false)
    expect((await app.store.findById(id))?.passwordHash).toBe(passwordHash)
  })
})

describe('limit', () => {
  const allowance = { name: 'reset', tries: 2, window: 60 }
  const TAKEN = { reason: 'TOO_MANY_ATTEMPTS', extensions: { retryAfter: expect.closeTo(60, -1) } }

  it('counts a key in all its spellings, each key for itself, and takes tries back', async () => {
    await using opened = await open(NOTHING)
    const limit = opened.parts.limit(allowance)
    await limit.take('zoe@example.com')
    const second = await limit.take('ZOE@example.com')
    await expect(limit.take('Zoe@Example.com')).rejects.toMatchObject(TAKEN)
    await limit.take('anna@example.com')
    await second.giveBack()
    await second.giveBack()
    await limit.take('zoe@example.com')
    await expect(limit.take('zoe@example.com')).rejects.toMatchObject(TAKEN)
  })

  it('counts an IPv6 network as one address', async () => {
    await using opened = await open(NOTHING)
    const limit = opened.parts.limit(allowance)
    for (const address of ['2001:db8::1', '2001:db8::2']) await limit.take(address)
    await expect(limit.take('2001:db8::3')).rejects.toMatchObject(TAKEN)
    await limit.take('2001:db8:0:1::1')
  })

  it('lets no more of a crowd through than there are tries', async () => {
    await using opened = await open(NOTHING)
    const limit = opened.parts.limit(allowance)
    const taken = await Promise.allSettled(Array.from({ length: 20 }, () => limit.take('192.0.2.1')))
    expect(taken.filter(({ status }) => status === 'fulfilled').length).toBe(2)
  })

  it('cannot reach the counters of logins, whose keys are hashed alike', () => {
    const names: string[] = []
    const attempts = memoryAttempts()
    const counter = (allowance: Allowance) => {
      names.push(allowance.name)
      return attempts.counter(allowance)
    }
    createLimits(
      { ...attempts, counter },
      { callbackTimeout: 1000, logger: console },
    )({
      ...allowance,
      name: 'login-account',
    })
    expect(names).toEqual(['own-login-account'])
  })

  it.each([
    { name: '' },
    { name: 'Reset' },
    { name: 'a:b' },
    { name: 'x'.repeat(33) },
    { tries: 0 },
    { tries: 1.5 },
    { window: 0 },
    { window: 10_000_000 },
  ])('refuses %o', async (wrong) => {
    await using opened = await open(NOTHING)
    expect(() => opened.parts.limit({ ...allowance, ...wrong })).toThrow(/^limit/)
    opened.parts.limit(allowance)
    expect(() => opened.parts.limit(allowance)).toThrow(/^limit: name/)
  })
})
