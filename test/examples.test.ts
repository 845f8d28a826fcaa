import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, describe, expect, it } from 'vitest'
import { Users } from '../examples/own-users/users.ts'
import { Links } from '../examples/registration/links.ts'
import { accountDirectoryContract } from '../src/testing/index.ts'
import { bareEnvironment, temporaryFolder } from './harness/server.ts'

const running: ChildProcess[] = []
const folders: string[] = []

afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

interface Example {
  /** One operation: the reason why it was refused or the message, or the answer of its one field. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into answers
  ask(query: string, token?: string): Promise<any>
  /** All that it printed so far. */
  printed(): string
}

/** Starts an example as a user does, on a free port. */
async function start(example: string, env: Record<string, string>): Promise<Example> {
  const child = spawn(process.execPath, [resolve('examples', example, 'server.ts')], {
    env: bareEnvironment(env),
  })
  running.push(child)
  let printed = ''
  const url = await new Promise<string>((started, failed) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk
      const found = /^(http:.*)$/m.exec(printed)?.[1]
      if (found !== undefined) started(found)
    })
    child.stderr.on('data', (line: Buffer) => failed(new Error(line.toString())))
  })
  const ask: Example['ask'] = async (query, token) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const headers = { 'content-type': 'application/json', ...authorization }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads into answers
    const { data, errors } = (await response.json()) as any
    return errors?.[0]?.extensions.reason ?? errors?.[0]?.message ?? Object.values(data)[0]
  }
  return { ask, printed: () => printed }
}

const SECRET = 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Js'.padEnd(32, '+')

it.each(['blocklist-callback', 'blocklist-orm'])(
  '%s answers as the page that it retells',
  async (example) => {
    const folder = temporaryFolder()
    folders.push(folder)
    const { ask } = await start(example, { DATABASE: join(folder, 'revoked.db'), AUTHX_SECRET: SECRET })
    const token = await ask('mutation { login }')
    const revoked = await ask('mutation { login }')
    const where = 'is located in headers'

    expect(await ask('{ profile }')).toBe('TOKEN_MISSING')
    expect(await ask('{ tokenOptional }')).toBe('No token found')
    expect(await ask('{ tokenMandatory }')).toBe('TOKEN_MISSING')
    expect(await ask('mutation { logout }', revoked)).toBe('OK')
    expect(await ask('{ profile }', token)).toBe('You are authenticated')
    expect(await ask('{ profile }', revoked)).toBe('TOKEN_REVOKED')
    expect(await ask('{ tokenOptional }', token)).toBe(`Your token is: ${token} and ${where}`)
    expect(await ask('{ tokenOptional }', revoked)).toBe(`Your token is: ${revoked} and ${where}`)
    expect(await ask('{ tokenMandatory }', token)).toBe(`Your token is: ${token} and ${where}`)
    expect(await ask('{ tokenMandatory }', revoked)).toBe('TOKEN_REVOKED')
  },
)

it('blocklist-orm remembers after a restart', async () => {
  const folder = temporaryFolder()
  folders.push(folder)
  const env = { DATABASE: join(folder, 'revoked.db'), AUTHX_SECRET: SECRET }
  const { ask: before } = await start('blocklist-orm', env)
  const token = await before('mutation { login }')
  await before('mutation { logout }', token)
  running[0]?.kill('SIGKILL')
  const { ask: after } = await start('blocklist-orm', env)
  expect(await after('{ profile }', token)).toBe('TOKEN_REVOKED')
})

/** The environment of an example that is a whole server, with its files in a folder of its own. */
function serverIn(folder: string, more: Record<string, string> = {}): Record<string, string> {
  const AUTHX_DATABASE_URL = `sqlite:${join(folder, 'authx.db')}`
  return { AUTHX_SECRET: SECRET, AUTHX_DATABASE_URL, LOG_LEVEL: 'silent', NODE_ENV: 'production', ...more }
}

function newFolder(): string {
  const folder = temporaryFolder()
  folders.push(folder)
  return folder
}

const login = (username: string, password: string) =>
  `mutation { login(username: "${username}", password: "${password}") { accessToken refreshToken } }`

describe('own-users', () => {
  it.each(accountDirectoryContract())('$id: $name', async ({ run }) => {
    const path = join(newFolder(), 'users.db')
    const users = new Users(path)
    await run({
      open: async () => new Users(path),
      advance() {},
      async add({ username, passwordHash, disabled, scopes }) {
        return users.add({ email: username, password: passwordHash, banned: disabled, roles: scopes })
      },
    })
  })

  it('logs its users in with what their roles may do, and a ban or another role holds at once', async () => {
    const folder = newFolder()
    const env = serverIn(folder, { USERS: join(folder, 'users.db'), PASSWORD: 'a good password' })
    const { ask } = await start('own-users', env)
    const grace = await ask(login('Grace@example.com', 'a good password'))
    const alan = await ask(login('alan@example.com', 'a good password'))
    const publish = 'mutation { publish(post: "Hello") }'
    expect(await ask('{ me { username } }', alan.accessToken)).toEqual({ username: 'Alan@example.com' })
    expect(await ask(publish, grace.accessToken)).toBe('SCOPES_MISSING')
    expect(await ask(publish, alan.accessToken)).toBe(true)
    expect(await ask('{ posts }', grace.accessToken)).toEqual(['Hello'])

    const roles = 'mutation { setRoles(email: "alan@example.com", roles: ["reader"]) }'
    expect(await ask(roles, alan.accessToken)).toBe('SCOPES_MISSING')
    expect(await ask(roles, grace.accessToken)).toBe(true)
    expect(await ask(publish, alan.accessToken)).toBe('TOKEN_REVOKED')
    const reader = await ask(login('alan@example.com', 'a good password'))
    expect(await ask(publish, reader.accessToken)).toBe('SCOPES_MISSING')

    expect(await ask('mutation { ban(email: "alan@example.com") }', grace.accessToken)).toBe(true)
    expect(await ask('{ profile }', reader.accessToken)).toBe('TOKEN_REVOKED')
    expect(await ask('mutation { refresh { tokenType } }', reader.refreshToken)).toBe('TOKEN_REVOKED')
    expect(await ask(login('alan@example.com', 'a good password'))).toBe('CREDENTIALS_WRONG')
    expect(await ask('{ profile }', grace.accessToken)).toBe('You are authenticated')
  })
})

describe('registration', () => {
  async function open(more: Record<string, string> = {}) {
    const folder = newFolder()
    const env = serverIn(folder, { LINKS: join(folder, 'links.db'), ...more })
    const { ask, printed } = await start('registration', env)
    const mails = () => [...printed().matchAll(/^mail to (.*)$/gm)].map(([, mail]) => mail ?? '')
    return {
      ask,
      mails,
      /** The table of links, as somebody who got hold of it has it. */
      links: () => new BetterSqlite3(join(folder, 'links.db')),
      /** The link in the latest of so many mails. */
      async link(count: number): Promise<string> {
        await expect.poll(() => mails().length).toBe(count)
        return /: (\S+)$/.exec(mails().at(-1) ?? '')?.[1] ?? ''
      },
      signUp: (email: string) => ask(`mutation { signUp(email: ${JSON.stringify(email)}) }`),
      forgot: (email: string) => ask(`mutation { forgotPassword(email: ${JSON.stringify(email)}) }`),
      set: (link: string, password: string) =>
        ask(`mutation { setPassword(link: "${link}", password: "${password}") }`),
    }
  }

  it('signs up by a link that works once, and not with a bad password', async () => {
    const { ask, link, signUp, set } = await open()
    expect(await signUp('zoe@example.com')).toBe(true)
    const welcome = await link(1)
    expect(await set(welcome, 'short')).toBe(
      'password: must have at least 8 characters and at most 1024 bytes',
    )
    expect(await set('guessed', 'a good password')).toBe('link: is spent, or too old')
    expect(await ask(login('zoe@example.com', 'a good password'))).toBe('CREDENTIALS_WRONG')
    expect(await set(welcome, 'a good password')).toBe(true)
    expect(await set(welcome, 'another password')).toBe('link: is spent, or too old')
    const { accessToken } = await ask(login('Zoe@example.com', 'a good password'))
    expect(await ask('{ me { username } }', accessToken)).toEqual({ username: 'zoe@example.com' })
  })

  it('keeps no link that could be used by who reads the table, and takes none that is too old', async () => {
    const { link, signUp, set, links } = await open()
    await signUp('zoe@example.com')
    const welcome = await link(1)
    const table = links()
    expect(table.prepare('select * from links').all()).toEqual([
      { hash: expect.any(String), account: null, email: 'zoe@example.com', expires_at: expect.any(Number) },
    ])
    expect(JSON.stringify(table.prepare('select * from links').all())).not.toContain(welcome)
    table.exec('update links set expires_at = 1')
    table.close()
    expect(await set(welcome, 'a good password')).toBe('link: is spent, or too old')
  })

  it('REV-15: resets a password by a link that works once, and ends every session', async () => {
    const { ask, link, signUp, forgot, set } = await open()
    await signUp('zoe@example.com')
    await set(await link(1), 'a good password')
    const before = await ask(login('zoe@example.com', 'a good password'))
    await forgot('zoe@example.com')
    const older = await link(2)
    await forgot('zoe@example.com')
    const reset = await link(3)
    const racing = await Promise.all([set(reset, 'a new password'), set(reset, 'a new password')])
    expect(racing.toSorted()).toEqual(['link: is spent, or too old', true])
    expect(await set(older, 'somebody else')).toBe('link: is spent, or too old')
    expect(await ask('{ profile }', before.accessToken)).toBe('TOKEN_REVOKED')
    expect(await ask('mutation { refresh { tokenType } }', before.refreshToken)).toBe('TOKEN_REVOKED')
    expect(await ask(login('zoe@example.com', 'a good password'))).toBe('CREDENTIALS_WRONG')
    expect((await ask(login('zoe@example.com', 'a new password'))).accessToken).toBeTypeOf('string')
  })

  it('answers alike for addresses that somebody has and that nobody has, and mails only whom it should', async () => {
    const { mails, link, signUp, forgot, set } = await open()
    await signUp('zoe@example.com')
    const early = await link(1)
    await signUp('ZOE@example.com')
    await set(await link(2), 'a good password')
    // Somebody else's mailbox may look like this one; what was sent there makes no account, and resets none.
    expect(await set(early, 'somebody else')).toBe(false)
    expect(await forgot('nobody@example.com')).toBe(true)
    expect(await forgot('Zoe@Example.com')).toBe(true)
    await link(3)
    expect(mails().at(-1)).toMatch(/^ZOE@example\.com: Choose a new password: [\w-]{43}$/)
    expect(await signUp('someone@example.com')).toBe(true)
    await link(4)
  })

  it('LOG-03: lets nobody send more than three mails an hour to one address, whoever has it', async () => {
    const { forgot, signUp } = await open()
    const answers = []
    for (let tries = 0; tries < 2; tries += 1) {
      answers.push([await forgot('zoe@example.com'), await signUp('ZOE@example.com')])
    }
    expect(answers).toEqual([
      [true, true],
      [true, 'TOO_MANY_ATTEMPTS'],
    ])
    expect(await forgot('no address')).toBe('email: is no address')
  })

  it('LOG-01: writes as much for every address, whoever has it, and keeps nothing that has expired', async () => {
    const { link, signUp, forgot, set, links } = await open()
    await signUp('zoe@example.com')
    await set(await link(1), 'a good password')
    const table = links()
    const rows = () => table.prepare('select account is null as nobody, email from links').all()
    const asking = [() => forgot('zoe@example.com'), () => signUp('zoe@example.com')]
    for (const ask of [...asking, () => forgot('nobody@example.com'), () => signUp('nobody@example.com')]) {
      table.exec('update links set expires_at = 1')
      await ask()
      await expect
        .poll(() => table.prepare('select count(*) from links where expires_at > 1').pluck().get())
        .toBe(1)
      expect(rows().length).toBe(1)
    }
    // The ones that nobody got are for nobody.
    table.exec('update links set expires_at = 1')
    await forgot('someone@example.com')
    await expect.poll(rows).toEqual([{ nobody: 1, email: '' }])
    table.close()
  })

  it('GQL-05: has each of its fields once in an operation', async () => {
    const { ask, mails } = await open()
    for (const field of [
      'signUp(email: "a@b.example")',
      'forgotPassword(email: "a@b.example")',
      'setPassword(link: "a", password: "b")',
    ]) {
      expect(await ask(`mutation { a: ${field} b: ${field} }`)).toMatch(/^"\w+" can be asked for only once/)
    }
    expect(mails()).toEqual([])
  })

  it('LOG-06: keeps a link while there is no turn to hash its password', async () => {
    const { link, signUp, set } = await open({ AUTHX_HASH_CONCURRENCY: '1', AUTHX_HASH_QUEUE: '0' })
    const welcomes: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await signUp(`${name}@example.com`)
      welcomes.push(await link(welcomes.length + 1))
    }
    const answers = await Promise.all(welcomes.map((welcome) => set(welcome, 'a good password')))
    expect(answers).toContain('TOO_MANY_ATTEMPTS')
    for (const [at, answer] of answers.entries()) {
      if (answer === true) continue
      expect(answer).toBe('TOO_MANY_ATTEMPTS')
      expect(await set(welcomes[at] ?? '', 'a good password')).toBe(true)
    }
  })

  it('takes plain addresses only, each of which is one', async () => {
    const { signUp, forgot } = await open()
    for (const email of [
      '"x"<m@evil.test>',
      'victim,m@evil.test',
      'victim;m@evil.test',
      'x(m@evil.test)@a.example',
      '<m@evil.test>',
      'm@evil.test>',
      '"x y"@evil.test',
      'm@[127.0.0.1]',
      'a@b@c.example',
      'a b@c.example',
      'a@b.example\r\nbcc:x@y.example',
      'a\u0000@b.example',
      'a\u200b@b.example',
      'a\u00a0b@c.example',
      '@b.example',
      'a@',
      '',
    ]) {
      expect([email, await signUp(email)]).toEqual([email, 'email: is no address'])
      expect([email, await forgot(email)]).toEqual([email, 'email: is no address'])
    }
    for (const email of ["o'brien+x@example.com", 'zoë@exämple.com']) expect(await signUp(email)).toBe(true)
  })
})

describe('links of the registration', () => {
  const open = () => new Links(join(newFolder(), 'links.db'))
  const purpose = { account: '7', email: 'zoe@example.com' }

  it('are given back where the work that they were spent for fails', async () => {
    const links = open()
    const secret = links.create(purpose)
    const failing = links.spend(secret, () => Promise.reject(new Error('no database')))
    await expect(failing).rejects.toThrow('no database')
    expect(await links.spend(secret, async (spent) => spent)).toEqual(purpose)
    expect(await links.spend(secret, async (spent) => spent)).toBeUndefined()
  })

  it('are spent while the work goes on, with the other links for the same', async () => {
    const links = open()
    const [older, secret] = [links.create(purpose), links.create(purpose)]
    const other = links.create({ account: null, email: 'zoe@example.com' })
    await links.spend(secret, async () => {
      expect([links.isGood(secret), links.isGood(older), links.isGood(other)]).toEqual([false, false, true])
    })
  })

  it('that are for nobody are good for nothing', async () => {
    const links = open()
    const secret = links.create(undefined)
    expect(links.isGood(secret)).toBe(false)
    expect(await links.spend(secret, async () => 'done')).toBeUndefined()
  })
})
