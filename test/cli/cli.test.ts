import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqlite } from '../../src/stores/sqlite.ts'
import { bareEnvironment, PASSWORD, startServerProcess, temporaryFolder } from '../harness/server.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function cli(
  args: string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string> } = {},
) {
  const command = [resolve('bin/graphql-authx.js'), ...args]
  const done = spawnSync(process.execPath, command, {
    cwd: folder,
    env: bareEnvironment(env),
    input,
    encoding: 'utf8',
  })
  return { code: done.status, out: done.stdout, err: done.stderr }
}

/** The same beside a running server: a connection that is kept open dies while this process stands still. */
async function cliBeside(...args: string[]): Promise<string> {
  const command = [resolve('bin/graphql-authx.js'), ...args]
  const options = { cwd: folder, env: bareEnvironment() }
  return (await promisify(execFile)(process.execPath, command, options)).stdout
}

/** The same beside a server that runs: connections to it are looked after meanwhile, and not found closed afterwards. */
async function cliAside(args: string[], { input, env }: { input: string; env: Record<string, string> }) {
  const child = spawn(process.execPath, [resolve('bin/graphql-authx.js'), ...args], {
    cwd: folder,
    env: bareEnvironment(env),
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, out, err }
}

/** The lines of the audit log that a command wrote; there is nothing else on its standard error. */
function auditOf(err: string): Record<string, unknown>[] {
  const lines = err.split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('user add', () => {
  it('adds a user who can log in with the password that was printed', async () => {
    const { code, out } = cli(['user', 'add', 'anna'])
    const password = /password (\S+) \(shown this once\)/.exec(out)?.[1]
    expect([code, typeof password]).toEqual([0, 'string'])
    await using server = await startServerProcess({ folder })
    const variables = { username: 'anna', password }
    const LOGIN =
      'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { tokenType } }'
    expect((await server.query(LOGIN, { variables })).body).toEqual({
      data: { login: { tokenType: 'Bearer' } },
    })
  })

  it('takes a password from standard input and prints none', () => {
    expect(cli(['user', 'add', 'anna', '--password-stdin'], { input: `${PASSWORD}\n` })).toEqual({
      code: 0,
      out: 'Added anna.\n',
      err: '',
    })
  })

  it.each([
    ['a name that is taken', ['user', 'add', 'anna'], ''],
    ['a blank name', ['user', 'add', '  '], ''],
    ['a name with a blank before it', ['user', 'add', ' bert'], ''],
    ['a name with a line break after it', ['user', 'add', 'bert\n'], ''],
    ['a name that a terminal would obey', ['user', 'add', '\u001b[31mbert'], ''],
    ['a name with a control of eight bits', ['user', 'add', 'a\u009b2J'], ''],
    ['a name that runs backwards', ['user', 'add', '\u202eanna'], ''],
    ['a name that has what nobody sees', ['user', 'add', 'an\u200bna'], ''],
    ['a short password', ['user', 'add', 'bert', '--password-stdin'], 'short'],
  ])('refuses %s in one line', (_what, args, input) => {
    cli(['user', 'add', 'anna'])
    const { code, out, err } = cli(args, { input })
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^graphql-authx: (username|password): [^\n]+\n$/)
  })

  it('refuses a database that forgets', () => {
    expect(cli(['user', 'add', 'anna'], { env: { AUTHX_DATABASE_URL: 'memory:' } }).err).toContain(
      'AUTHX_DATABASE_URL',
    )
  })
})

describe('user disable, enable, password and delete', () => {
  const LOGIN =
    'mutation ($password: String!) { login(username: "anna", password: $password) { accessToken refreshToken } }'
  const add = () => cli(['user', 'add', 'anna', '--password-stdin'], { input: PASSWORD })

  it.each([
    ['disable', [], 'Disabled anna', {}],
    ['disable', [], 'Disabled anna', { AUTHX_ISSUER: 'https://issuer.example' }],
    ['disable', [], 'Disabled anna', { AUTHX_ISSUER: 'https://misspelt.example' }],
    ['password', ['--password-stdin'], 'Changed the password of anna', {}],
    ['delete', [], 'Deleted anna', {}],
  ])(
    'LOG-01, REV-15: %s ends all sessions at once (%j, %s, %j), and the password is wrong from then on',
    async (command, flags, says, given) => {
      add()
      const env = { AUTHX_ISSUER: 'https://issuer.example' }
      await using server = await startServerProcess({ folder, env })
      const login = async () => (await server.query(LOGIN, { variables: { password: PASSWORD } })).body
      const { accessToken, refreshToken } = (await login()).data.login
      const demo = await server.login()
      const flagged = ['user', command, 'Anna', ...flags]
      const { code, out, err } = await cliAside(flagged, { env: given, input: 'another password' })
      // Whatever issuer the shell knows of.
      expect([code, out]).toEqual([0, `${says} and ended all sessions (1).\n`])
      const { sub, sid } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
      const told = auditOf(err)
      expect(told).toContainEqual(expect.objectContaining({ sub, sid, reason: 'EVERYWHERE' }))
      const last = command === 'password' ? 'PASSWORD_CHANGED' : 'EVERYWHERE'
      expect(told.at(-1)).toMatchObject({ audit: 'revoke', sub, sid: null, reason: last })
      const reasons = [
        (await server.query('{ profile }', { token: accessToken })).body,
        (await server.query('mutation { refresh { tokenType } }', { token: refreshToken })).body,
        await login(),
      ].map(({ errors }) => errors[0].extensions.reason)
      expect(reasons[0]).toBe('TOKEN_REVOKED')
      expect(reasons[2]).toBe('CREDENTIALS_WRONG')
      expect(['TOKEN_REVOKED', 'SUBJECT_UNKNOWN']).toContain(reasons[1])
      expect((await server.query('{ profile }', { token: demo.accessToken })).status).toBe(200)
    },
  )

  it('lets a user log in again once enabled, and with a new password', async () => {
    add()
    cli(['user', 'disable', 'anna'])
    expect(cli(['user', 'enable', 'anna']).out).toBe('Enabled anna.\n')
    await using server = await startServerProcess({ folder })
    expect((await server.query(LOGIN, { variables: { password: PASSWORD } })).status).toBe(200)
    const password = /password (\S+) \(shown this once\)/.exec(
      (await cliAside(['user', 'password', 'anna'], { env: {}, input: '' })).out,
    )?.[1]
    expect((await server.query(LOGIN, { variables: { password } })).status).toBe(200)
  })

  it.each(['disable', 'enable', 'password', 'delete'])(
    '%s refuses a user that there is not, in one line',
    async (command) => {
      await (await sqlite(join(folder, 'data/authx.db'))).close()
      expect(cli(['user', command, 'nobody'])).toEqual({
        code: 1,
        out: '',
        err: 'graphql-authx: username: there is no user "nobody"\n',
      })
    },
  )
})

describe('user scopes', () => {
  const LOGIN =
    'mutation { login(username: "anna", password: "correct horse battery staple") { accessToken refreshToken } }'
  const scopeOf = (token: string): string | undefined =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).scope

  it('shows them, and sets them for the logins to come', async () => {
    cli(['user', 'add', 'anna', '--password-stdin'], { input: PASSWORD })
    const says = (...args: string[]) => cli(['user', 'scopes', 'Anna', ...args]).out
    expect(says()).toBe('anna: no scopes\n')
    expect(says('posts:read', 'mail', 'mail')).toBe(
      'anna: posts:read mail. New scopes come with the next login.\n',
    )
    expect(says()).toBe('anna: posts:read mail\n')
    await using server = await startServerProcess({ folder })
    expect(scopeOf((await server.query(LOGIN)).body.data.login.accessToken)).toBe('posts:read mail')
  })

  it('REV-15: ends all sessions, and says so, when any scope is taken away, and not when none is', {
    timeout: 60_000,
  }, async () => {
    cli(['user', 'add', 'anna', '--password-stdin'], { input: PASSWORD })
    cli(['user', 'scopes', 'anna', 'posts:read', 'mail'])
    await using server = await startServerProcess({ folder })
    const demo = await server.login()
    const steps: [args: string[], says: string, reason: string | undefined][] = [
      [
        ['mail', 'posts:read', 'admin'],
        'mail posts:read admin. New scopes come with the next login.',
        undefined,
      ],
      [['posts:*', 'mail', 'admin'], 'posts:* mail admin. New scopes come with the next login.', undefined],
      [
        ['mail', 'posts:read'],
        'mail posts:read. Took posts:* admin away and ended all sessions (3).',
        'TOKEN_REVOKED',
      ],
      [['--none'], 'no scopes. Took mail posts:read away and ended all sessions (1).', 'TOKEN_REVOKED'],
      [['--none'], 'no scopes. New scopes come with the next login.', undefined],
    ]
    for (const [args, says, reason] of steps) {
      const { accessToken, refreshToken } = (await server.query(LOGIN)).body.data.login
      expect(await cliBeside('user', 'scopes', 'anna', ...args)).toBe(`anna: ${says}\n`)
      const answers = [
        await server.query('{ profile }', { token: accessToken }),
        await server.query('mutation { refresh { tokenType } }', { token: refreshToken }),
      ]
      expect(answers.map(({ body }) => body.errors?.[0]?.extensions.reason)).toEqual([reason, reason])
    }
    expect(scopeOf((await server.query(LOGIN)).body.data.login.accessToken)).toBeUndefined()
    expect((await server.query('{ profile }', { token: demo.accessToken })).status).toBe(200)
  })

  it('refuses what it cannot do in one line, and changes nothing', () => {
    cli(['user', 'add', 'anna'])
    cli(['user', 'scopes', 'anna', 'mail'])
    for (const [args, says] of [
      [['anna', 'a b'], 'scopes: "a b" is none; '],
      [['anna', ''], 'scopes: "" is none; '],
      [['anna', 'a', '--none'], 'user scopes: name scopes or --none, not both'],
      [['nobody'], 'username: there is no user "nobody"'],
    ] as const) {
      const { code, out, err } = cli(['user', 'scopes', ...args])
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(/^graphql-authx: [^\n]+\n$/)
      expect(err).toContain(says)
    }
    expect(cli(['user', 'scopes', 'anna']).out).toBe('anna: mail\n')
  })
})

describe('keys generate', () => {
  it('prints a private ES256 key as a JWK Set', () => {
    const { keys } = JSON.parse(cli(['keys', 'generate']).out)
    expect(keys).toEqual([
      expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', d: expect.any(String) }),
    ])
  })

  it('OPS-04: rotates a file: the new key signs, tokens of the one before it still verify', {
    timeout: 60_000,
  }, async () => {
    const env = { AUTHX_KEYS_FILE: 'keys.json' }
    expect(cli(['keys', 'generate', '--file', 'keys.json', '--alg', 'HS256']).code).toBe(0)
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600)
    let old: string
    {
      await using server = await startServerProcess({ folder, env })
      old = (await server.login()).accessToken
    }
    expect(cli(['keys', 'generate', '--file', 'keys.json']).out).toContain('1 older kept')
    await using server = await startServerProcess({ folder, env })
    const fresh = (await server.login()).accessToken
    for (const token of [old, fresh]) expect((await server.query('{ profile }', { token })).status).toBe(200)
    const { keys } = (await (await fetch(`${server.url}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string }[]
    }
    const header = JSON.parse(Buffer.from(fresh.split('.')[0] ?? '', 'base64url').toString())
    // The public one only; a secret is nobody's business.
    expect(keys).toEqual([
      {
        kty: 'EC',
        crv: 'P-256',
        x: expect.any(String),
        y: expect.any(String),
        kid: header.kid,
        alg: 'ES256',
        use: 'sig',
      },
    ])
  })

  it('OPS-04: loses no key of several commands that run at once', { timeout: 120_000 }, async () => {
    const outs = await Promise.all(
      Array.from({ length: 5 }, () => cliBeside('keys', 'generate', '--file', 'keys.json')),
    )
    const made = outs.map((out) => /key (\S+),/.exec(out)?.[1])
    const { keys } = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')) as {
      keys: { kid: string }[]
    }
    expect(keys.map(({ kid }) => kid).sort()).toEqual(made.sort())
    expect(existsSync(join(folder, 'keys.json.lock'))).toBe(false)
  })

  it('leaves a file alone that it cannot read', () => {
    cli(['keys', 'generate', '--file', 'keys.json'])
    const before = readFileSync(join(folder, 'keys.json'), 'utf8')
    expect(cli(['keys', 'generate', '--file', 'keys.json', '--alg', 'none']).code).toBe(1)
    expect(readFileSync(join(folder, 'keys.json'), 'utf8')).toBe(before)
  })
})

describe('token inspect', () => {
  it('says what a token says and what the server would say to it', async () => {
    await using server = await startServerProcess({ folder })
    const { accessToken, refreshToken } = await server.login()
    const judge = (input: string) => JSON.parse(cli(['token', 'inspect'], { input }).out)
    expect(judge(accessToken)).toMatchObject({
      header: { alg: 'HS256', typ: 'at+jwt' },
      claims: { type: 'access', fresh: true },
      times: { exp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
      verdict: 'valid',
    })
    expect(judge(refreshToken).verdict).toBe('valid')
    await server.query('mutation { logout }', { token: accessToken })
    expect([judge(accessToken).verdict, judge(refreshToken).verdict]).toEqual([
      'TOKEN_REVOKED',
      'TOKEN_REVOKED',
    ])
    expect(judge(`${accessToken.slice(0, -4)}AAAA`).verdict).toBe('TOKEN_INVALID')
  })

  it('makes neither a key nor a database where there is none', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.e30.AA'
    for (const env of [{}, { AUTHX_SECRET: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa' }]) {
      expect(JSON.parse(cli(['token', 'inspect', token], { env }).out).verdict).toMatch(/^not judged/)
    }
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it('says that something is no token without repeating it', () => {
    const { code, err } = cli(['token', 'inspect', 'hunter2'])
    expect([code, err]).toEqual([
      1,
      'graphql-authx: token: this is no token; one has three parts of base64url, joined by dots\n',
    ])
  })
})

describe('session', () => {
  it('lists the sessions of a user, and ends one or all, so that a running server refuses them', {
    timeout: 60_000,
  }, async () => {
    await using server = await startServerProcess({ folder })
    const [one, two, three] = [await server.login(), await server.login(), await server.login()]
    const list = async () =>
      (await cliBeside('session', 'list', 'demo'))
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    const status = async ({ accessToken: token }: { accessToken: string }) =>
      (await server.query('{ profile }', { token })).status
    const utc = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
    const line = { device: 'node', address: '127.0.0.1', created: utc, lastUsed: utc, expires: utc }
    const listed = await list()
    expect(listed).toEqual([1, 2, 3].map(() => ({ id: expect.any(String), ...line })))
    const { sid } = JSON.parse(Buffer.from(two.accessToken.split('.')[1] ?? '', 'base64url').toString())
    expect(await cliBeside('session', 'revoke', 'demo', sid)).toBe('Ended 1.\n')
    expect((await list()).map(({ id }) => id)).toEqual(listed.map(({ id }) => id).filter((id) => id !== sid))
    expect([await status(one), await status(two), await status(three)]).toEqual([200, 401, 200])
    expect(await cliBeside('session', 'revoke', 'demo', '--all')).toBe('Ended 2.\n')
    expect([await status(one), await status(three)]).toEqual([401, 401])
    expect([await list(), await status(await server.login())]).toEqual([[], 200])
  })

  it('refuses what it cannot do in one line', { timeout: 60_000 }, () => {
    const env = { AUTHX_SECRET: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa' }
    cli(['user', 'add', 'anna'], { env })
    for (const args of [
      ['list', 'nobody'],
      ['revoke', 'anna', 'no-such'],
      ['revoke', 'anna'],
      ['revoke', 'anna', 'one', '--all'],
    ]) {
      const { code, out, err } = cli(['session', ...args], { env })
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(/^graphql-authx: (username|id|session revoke): [^\n]+\n$/)
    }
  })

  it('says how an id is given that looks like an option', () => {
    const env = { AUTHX_SECRET: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa' }
    const { code, err } = cli(['session', 'revoke', 'anna', '-id'], { env })
    expect([code, err]).toEqual([
      1,
      expect.stringContaining("'-id'; --help shows how it is used, and -- comes"),
    ])
    cli(['user', 'add', 'anna'], { env })
    expect(cli(['session', 'revoke', '--', 'anna', '-id'], { env }).err).toBe(
      'graphql-authx: id: the user has no live session "-id"; session list NAME shows them\n',
    )
    expect(cli(['session', 'revoke', 'anna', '--', '-id'], { env }).err).toContain('no live session "-id"')
  })

  it('says what to give where the user is forgotten', () => {
    expect(cli(['session', 'revoke', 'some-id'])).toEqual({
      code: 1,
      out: '',
      err: 'graphql-authx: session revoke: give the user and one id, or the user and --all, not both\n',
    })
  })

  it('makes neither a key nor a database where there is none', () => {
    const { code, err } = cli(['session', 'list', 'anna'])
    expect([code, existsSync(join(folder, 'data'))]).toEqual([1, false])
    expect(err).toContain('no key in AUTHX_SECRET')
    expect(cli(['blocklist', 'list'], { env: { AUTHX_DATABASE_URL: 'memory:' } }).err).toContain('memory:')
  })
})

describe('blocklist', () => {
  it('lists what is revoked, and purges what has expired', { timeout: 60_000 }, async () => {
    await using server = await startServerProcess({ folder })
    const { accessToken } = await server.login()
    const { sid, sub } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    await server.query('mutation { logout }', { token: accessToken })
    cli(['session', 'revoke', 'demo', '--all'])
    const lines = cli(['blocklist', 'list']).out.split('\n').filter(Boolean)
    const until = expect.stringMatching(/^\d{4}-.*Z$/)
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { kind: 'session', key: sid, until },
      { kind: 'subject', key: sub, epoch: 1, until },
    ])
    expect(cli(['blocklist', 'purge'])).toEqual({ code: 0, out: 'Removed 0.\n', err: '' })
    expect(await server.end('SIGTERM')).toBe(0)
    const database = new BetterSqlite3(join(folder, 'data/authx.db'))
    database.exec('update authx_log set expires_at = 1')
    database.close()
    expect(cli(['blocklist', 'list']).out).toBe('')
    expect(cli(['blocklist', 'purge']).out).toBe('Removed 2.\n')
  })
})

describe('blocklist stats, watch and revoke', () => {
  const env = { AUTHX_SECRET: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa', LOG_LEVEL: 'silent' }
  const prepare = async () => (await sqlite(join(folder, 'data/authx.db'))).close()

  it('count what is revoked, show it as it happens, and revoke by each name', {
    timeout: 120_000,
  }, async () => {
    await prepare()
    expect(JSON.parse(cli(['blocklist', 'stats'], { env }).out)).toEqual({
      entries: { total: 0, token: 0, session: 0, subject: 0 },
      revocationsEver: 0,
      storeTime: expect.stringMatching(/Z$/),
    })
    const watching = spawn(process.execPath, [resolve('bin/graphql-authx.js'), 'blocklist', 'watch'], {
      cwd: folder,
      env: bareEnvironment(env),
    })
    using _ = { [Symbol.dispose]: () => void watching.kill('SIGKILL') }
    let seen = ''
    watching.stdout.on('data', (chunk) => {
      seen += chunk
    })
    const revoke = async (args: string[], input = '') =>
      (await cliAside(['blocklist', 'revoke', ...args], { input, env })).out
    // Until it watches, what is revoked is not new.
    for (let index = 0; seen === ''; index += 1) await revoke(['--sid', `warming-up-${index}`])
    expect(await revoke(['--sid', 'session-1'])).toMatch(/^Recorded the revocation. No session with this id/)
    expect(await revoke(['--jti', 'token-1'])).toBe('Revoked the token.\n')
    expect(await revoke(['--sub', 'subject-1', '--force'])).toBe(
      'Revoked all that the subject holds, 0 sessions.\n',
    )
    await expect.poll(() => seen, { timeout: 20_000 }).toContain('subject-1')
    const shown = seen.split('\n').filter((line) => line !== '' && !line.includes('warming-up'))
    expect(shown.map((line) => JSON.parse(line))).toMatchObject([
      { kind: 'session', key: 'session-1' },
      { kind: 'token', key: 'token-1' },
      { kind: 'subject', key: 'subject-1', epoch: 1 },
    ])
    const ended = once(watching, 'close')
    watching.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    const { entries } = JSON.parse(cli(['blocklist', 'stats'], { env }).out)
    expect(entries).toMatchObject({ token: 1, subject: 1 })
    expect(entries.total).toBe(entries.session + 2)
  })

  it('revokes by a session and by a subject that are known, and says so where they are not', {
    timeout: 120_000,
  }, async () => {
    await using server = await startServerProcess({ folder, env: { AUTHX_SECRET: env.AUTHX_SECRET } })
    const revoke = (...args: string[]) => cliAside(['blocklist', 'revoke', ...args], { input: '', env })
    const claims = async () => {
      const { accessToken } = await server.login()
      return JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    }
    const { sid, sub } = await claims()
    await claims()
    expect(JSON.parse(cli(['user', 'show', 'demo'], { env }).out)).toEqual({
      id: sub,
      username: 'demo',
      disabled: false,
      scopes: [],
      sessions: 2,
    })
    expect(await revoke('--sid', sid)).toEqual({ code: 0, out: 'Revoked the session.\n', err: '' })
    const nothing = 'nothing was revoked, since no session and no account has the id'
    expect(await revoke('--sub', 'Demo')).toEqual({
      code: 1,
      out: '',
      err: `graphql-authx: --sub: ${nothing} "Demo"; it is a username, of ${sub}: run session revoke demo --all\n`,
    })
    const { code, err } = await revoke('--sub', 'nobody')
    expect([code, err]).toEqual([1, expect.stringContaining(`${nothing} "nobody"; take the id from`)])
    expect((await revoke('--sub', sub)).out).toBe('Revoked all that the subject holds, 1 session.\n')
    expect(JSON.parse(cli(['blocklist', 'stats'], { env }).out).entries.subject).toBe(1)
  })

  it.each(['sid', 'jti', 'sub'])('takes no option for the id of --%s, unless it has to', async (way) => {
    await prepare()
    const given = ['blocklist', 'revoke', `--${way}`, '--token-stdin']
    expect(cli(given, { env, input: 'x' })).toEqual({
      code: 1,
      out: '',
      err: `graphql-authx: --${way}: "--token-stdin" looks like an option, so nothing was revoked; give an id, or add --force if this is one\n`,
    })
    expect(cli(['blocklist', 'list'], { env }).out).toBe('')
    expect(cli([...given, '--force'], { env }).code).toBe(0)
    expect(cli(['blocklist', 'list'], { env }).out).toContain('"key":"--token-stdin"')
    // A subject that nobody knows is refused for that.
    const force = way === 'sub' ? ['--force'] : []
    expect(cli(['blocklist', 'revoke', `--${way}=-abc`, ...force], { env }).code).toBe(0)
    expect(cli(['blocklist', 'list'], { env }).out).toContain('"key":"-abc"')
  })

  it('revokes the session of a token on standard input', { timeout: 60_000 }, async () => {
    await using server = await startServerProcess({ folder })
    const { accessToken } = await server.login()
    const { code, out, err } = await cliAside(['blocklist', 'revoke', '--token-stdin'], {
      input: accessToken,
      env: {},
    })
    expect([code, out, auditOf(err).length]).toEqual([0, 'Revoked the session.\n', 1])
    const { body } = await server.query('{ profile }', { token: accessToken })
    expect(body).toMatchObject({ errors: [{ extensions: { reason: 'TOKEN_REVOKED' } }] })
  })

  it.each([
    ['nothing', [], 'blocklist revoke: give one of --sid, --jti, --sub and --token-stdin'],
    [
      'two things',
      ['--sid', 'a', '--jti', 'b'],
      'blocklist revoke: give one of --sid, --jti, --sub and --token-stdin',
    ],
    ['an empty name', ['--sid', ''], '--sid: must be 1 to 255 characters'],
    [
      'what is no token',
      ['--token-stdin'],
      'token: this is no token; one has three parts of base64url, joined by dots',
    ],
  ])('refuse %s in one line', async (_what, args, message) => {
    await prepare()
    expect(cli(['blocklist', 'revoke', ...args], { env, input: 'x' })).toEqual({
      code: 1,
      out: '',
      err: `graphql-authx: ${message}\n`,
    })
  })
})

describe('database schema', () => {
  it('prints the SQL of the tables, or what is new in it, and makes nothing', () => {
    const { code, out } = cli(['database', 'schema'])
    expect([code, out.startsWith('begin;\n'), out.endsWith('commit;\n')]).toEqual([0, true, true])
    expect(out).toContain('create table "authx_sessions"')
    const later = cli(['database', 'schema', '--after', '002-logins']).out
    expect(later).toContain('alter table "authx_sessions" add column "device"')
    expect(later).not.toContain('create table "authx_sessions"')
    expect(cli(['database', 'schema', '--after', 'x']).err).toMatch(
      /^graphql-authx: after: no such migration as x/,
    )
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })
})

describe('what a terminal would obey, hide or turn around', () => {
  // Names from before `user add` refused them, and devices, which are strangers' words.
  const odd = 'x\n\u001b[31m\u007f\u009b2J\u0085\u2028\u202eé😀'
  const written = 'x\\u000a\\u001b[31m\\u007f\\u009b2J\\u0085\\u2028\\u202eé😀'
  const env = { AUTHX_SECRET: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa', LOG_LEVEL: 'silent' }

  it('is written out, in what commands print and in what they complain about', {
    timeout: 60_000,
  }, async () => {
    const store = await sqlite(join(folder, 'data/authx.db'))
    const account = { id: odd, username: odd, passwordHash: '', disabled: false, scopes: [] }
    await store.createAccount(account)
    const times = { idleTtl: 1000, absoluteTtl: 1000 }
    await store.createSession({ issuer: '', sid: odd, sub: odd, ...times, device: odd, address: odd })
    await store.revoke({ kind: 'token', issuer: odd, jti: odd, expiresAt: 4_000_000_000 })
    await store.close()
    const [listed = ''] = cli(['session', 'list', odd], { env }).out.split('\n')
    expect(listed).toContain(`"device":"${written.replace('\\u000a', '\\n')}"`)
    expect(JSON.parse(listed)).toMatchObject({ id: odd, device: odd, address: odd })
    expect(JSON.parse(cli(['blocklist', 'list'], { env }).out)).toMatchObject({ issuer: odd, key: odd })
    expect(cli(['user', 'scopes', odd], { env }).out).toBe(`${written}: no scopes\n`)
    expect(cli(['user', 'disable', odd], { env }).out).toBe(
      `Disabled ${written} and ended all sessions (1).\n`,
    )
    const token = [{ alg: 'HS256', typ: odd }, { sub: odd }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const commands = [
      ['blocklist', 'list'],
      ['token', 'inspect', `${token}.AA`],
      ['user', 'enable', odd],
      ['user', 'disable', `no ${odd}`],
      ['session', 'revoke', odd, odd],
      ['session', 'revoke', odd, 'x'.repeat(256)],
      ['user', 'scopes', odd, odd],
      [odd],
      ['user', odd],
      ['user', 'add', 'anna', `--${odd}`],
      ['audit', 'schema.graphql', '--default-policy', odd],
    ]
    for (const command of commands) {
      const { out, err } = cli(command, { env })
      expect(`${out}${err}`.length).toBeGreaterThan(0)
      expect(`${out}${err}`.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
      if (out === '') expect(err).toMatch(/^graphql-authx: [^\n]+\n$/)
    }
  })
})

describe('a command line that cannot be read', () => {
  const HELP = '--help shows how it is used'
  const VALUES = ', and -- comes before values that begin with a -'
  it.each([
    [['usr'], `unknown command 'usr'; did you mean user? ${HELP}`],
    [['user', 'dis'], `unknown command 'dis'; ${HELP}`],
    [['user', 'nable'], `unknown command 'nable'; did you mean enable? ${HELP}`],
    [['session', 'revoke', 'anna', '--al'], `unknown option '--al'; did you mean --all? ${HELP}${VALUES}`],
    [['session', 'revoke', 'anna', '-x'], `unknown option '-x'; ${HELP}${VALUES}`],
    [
      ['session', 'list', 'a', 'b', 'c'],
      `too many arguments for 'list'. Expected 1 argument but got 3; ${HELP}`,
    ],
    [['session', 'list'], `missing required argument 'username'; ${HELP}`],
    [['blocklist', 'revoke', '--sid'], `option '--sid <id>' argument missing; ${HELP}`],
  ])('%j is told in one line, with the mend', (args, message) => {
    expect(cli(args)).toEqual({ code: 1, out: '', err: `graphql-authx: ${message}\n` })
  })
})

describe('help', () => {
  it('lists every command, and every setting under serve', () => {
    const named = [...cli(['--help']).out.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(
      ([, name]) => name as string,
    )
    expect(named).toEqual([
      ...['serve', 'user', 'keys', 'token', 'session', 'blocklist', 'database', 'audit', 'audit-server'],
      'help',
    ])
    for (const name of named.slice(0, -1))
      expect(cli([name, '--help']).out).toMatch(new RegExp(`^Usage: graphql-authx ${name} `))
    expect(cli(['serve', '--help']).out).toContain('AUTHX_DATABASE_URL')
  })

  it('loads what the command needs, and no more', () => {
    const loaded = (...args: string[]): string[] => {
      const hook = new URL('../harness/loaded-packages.ts', import.meta.url).href
      const launched = ['--import', hook, 'bin/graphql-authx.js', ...args]
      return spawnSync(process.execPath, launched, { encoding: 'utf8' }).stderr.split('\n').filter(Boolean)
    }
    expect(loaded('keys', '--help')).toEqual(['commander'])
    expect(loaded('session', '--help')).toContain('graphql')
    for (const args of [['session', '--help'], ['serve', '--help'], ['--help']])
      expect(loaded(...args)).not.toContain('graphql-yoga')
  })

  it('runs on the Node of the lockfile, whatever Node the shell has', () => {
    const shell = { ...bareEnvironment(), PATH: '/usr/local/bin:/usr/bin:/bin' }
    const major = (command: string, ...args: string[]) => {
      const options = { cwd: resolve('.'), env: shell, encoding: 'utf8' } as const
      return /v?(\d+)\./.exec(spawnSync(command, args, options).stdout)?.[1]
    }
    expect(major('npm', 'exec', '--', 'node', '--version')).toBe('24')
    expect(major('npx', '--no', '-c', 'node --version')).toBe('24')
    const help = spawnSync('npx', ['graphql-authx', '--version'], {
      cwd: resolve('.'),
      env: shell,
      encoding: 'utf8',
    })
    expect([help.status, help.stdout]).toEqual([0, '0.1.0\n'])
  })

  it('on a Node that is too old says so in one line', () => {
    const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
      (path) => existsSync(path) && /^v(1\d|20|21)\./.test(version(path)),
    )
    if (old === undefined) return
    const done = spawnSync(old, [resolve('bin/graphql-authx.js'), 'serve'], { cwd: folder, encoding: 'utf8' })
    expect([done.status, done.stderr.trim().split('\n').length]).toEqual([1, 1])
    expect(done.stderr).toContain('needs Node 22.18 or newer')
  })
})

function version(node: string): string {
  return spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout
}
