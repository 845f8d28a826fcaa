import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, expect, it } from 'vitest'
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

/** Starts an example as a user does, on a free port, and returns a way to ask it. */
async function start(example: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [resolve('examples', example, 'server.ts')], {
    env: bareEnvironment(env),
  })
  running.push(child)
  const url = await new Promise<string>((started, failed) => {
    child.stdout.once('data', (line: Buffer) => started(line.toString().trim()))
    child.stderr.on('data', (line: Buffer) => failed(new Error(line.toString())))
  })
  return async (query: string, token?: string) => {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const headers = { 'content-type': 'application/json', ...authorization }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
    // biome-ignore lint/suspicious/noExplicitAny: a test reads into answers
    const { data, errors } = (await response.json()) as any
    return errors?.[0]?.extensions.reason ?? Object.values(data)[0]
  }
}

const SECRET = 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Js'.padEnd(32, '+')

it.each(['blocklist-callback', 'blocklist-orm'])(
  '%s answers as the page that it retells',
  async (example) => {
    const folder = temporaryFolder()
    folders.push(folder)
    const ask = await start(example, { DATABASE: join(folder, 'revoked.db'), AUTHX_SECRET: SECRET })
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
  const before = await start('blocklist-orm', env)
  const token = await before('mutation { login }')
  await before('mutation { logout }', token)
  running[0]?.kill('SIGKILL')
  const after = await start('blocklist-orm', env)
  expect(await after('{ profile }', token)).toBe('TOKEN_REVOKED')
})
