import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bareEnvironment, startServerProcess, temporaryFolder } from '../harness/server.ts'

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the server says when it does not start: its exit code and its last words. */
function refusal(env: Record<string, string>): string {
  const launcher = resolve('bin/graphql-authx.js')
  const run = spawnSync(process.execPath, [launcher, 'serve'], {
    cwd: folder,
    env: bareEnvironment(env),
    timeout: 20_000,
  })
  return `${run.status}: ${run.stderr.toString().replaceAll(folder, '<folder>').trim()}`
}

describe('a wrong setting stops the start with one line that names it', () => {
  it.each([
    { PORT: 'http' },
    { PORT: '70000' },
    { AUTHX_SECRET: 'short' },
    { AUTHX_SECRET: '' },
    { AUTHX_SECRET: 'x'.repeat(40) },
    { AUTHX_KEYS_FILE: 'nowhere.json' },
    { AUTHX_DATABASE_URL: 'mysql://db' },
    { AUTHX_ACCESS_TOKEN_TTL: '15m' },
    { AUTHX_ACESS_TOKEN_TTL: '900' },
    { AUTHX_CORS_ORIGINS: 'https://app.example.com/path' },
    { AUTHX_ACCESS_LOCATIONS: 'headers,body' },
    { AUTHX_REFRESH_LOCATIONS: ',' },
    { AUTHX_IMPLICIT_REFRESH: '60' },
    { LOG_LEVEL: 'loud' },
    { NODE_ENV: 'production' },
    { HOST: '203.0.113.7' },
  ])('%o', (env) => {
    const said = refusal(env as unknown as Record<string, string>)
    const name = Object.keys(env)[0] === 'NODE_ENV' ? 'AUTHX_KEYS_FILE' : Object.keys(env)[0]
    expect(said).toMatch(/^1: graphql-authx: [^\n]+$/)
    expect(said).toContain(`graphql-authx: ${name}: `)
  })

  it('a port that is taken', async () => {
    await using server = await startServerProcess()
    const { port } = new URL(server.url)
    expect(refusal({ PORT: port })).toMatch(/^1: graphql-authx: PORT: \d+ is taken on 127\.0\.0\.1/)
  })

  it('a key file that is no JWK Set', () => {
    writeFileSync(join(folder, 'odd.json'), '{"keys": "none"}')
    expect(refusal({ AUTHX_KEYS_FILE: 'odd.json' })).toMatchInlineSnapshot(
      `"1: graphql-authx: odd.json: must be a JWK Set: {"keys": [{"kty": …, "alg": …, "kid": …}]}"`,
    )
  })

  it('a database that is something else', () => {
    mkdirSync(join(folder, 'data'), { recursive: true })
    writeFileSync(
      join(folder, 'data/other.db'),
      'not a database, but long enough to be taken for the head of one'.repeat(40),
    )
    expect(refusal({ AUTHX_DATABASE_URL: 'sqlite:data/other.db' })).toMatch(
      /^1: graphql-authx: [^\n]*data\/other\.db[^\n]*$/,
    )
  })
})

describe('a start without settings', () => {
  it('makes a key and a database that only their owner can read', async () => {
    await using server = await startServerProcess()
    for (const name of ['keys.json', 'authx.db']) {
      expect(statSync(join(server.folder, 'data', name)).mode & 0o777).toBe(0o600)
    }
    const { keys } = JSON.parse(readFileSync(join(server.folder, 'data/keys.json'), 'utf8'))
    expect(keys).toEqual([expect.objectContaining({ kty: 'oct', alg: 'HS256' })])
  })

  it('keeps the key and the user for the next start', async () => {
    const home = temporaryFolder()
    try {
      let token: string
      {
        await using server = await startServerProcess({ folder: home })
        token = (await server.login()).accessToken
        await server.end('SIGTERM')
      }
      await using server = await startServerProcess({ folder: home })
      expect((await server.query('{ profile }', { token })).status).toBe(200)
      expect(server.output()).toContain('the user demo is there')
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })

  it('warns of a key file that others can read', async () => {
    const home = temporaryFolder()
    try {
      await using first = await startServerProcess({ folder: home })
      await first.end('SIGTERM')
      chmodSync(join(home, 'data/keys.json'), 0o644)
      await using second = await startServerProcess({ folder: home })
      expect(second.output()).toContain('readable by others')
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  })

  it('answers health, readiness, public keys and nothing else beside GraphQL', async () => {
    await using server = await startServerProcess()
    const seen = await Promise.all(
      ['/health', '/ready', '/.well-known/jwks.json', '/metrics', '/', '/data/keys.json'].map(
        async (path) => {
          const response = await fetch(server.url + path)
          return [path, response.status]
        },
      ),
    )
    expect(seen).toEqual([
      ['/health', 200],
      ['/ready', 200],
      ['/.well-known/jwks.json', 200],
      ['/metrics', 200],
      ['/', 404],
      ['/data/keys.json', 404],
    ])
  })

  it('logs JSON, makes no user and shows no GraphiQL in production', async () => {
    await using server = await startServerProcess({
      env: { NODE_ENV: 'production', AUTHX_SECRET: 'k7Qm2Zs9Xv4Bn8Lp1Rt6Yw3Hd5Gf0Jc2' },
    })
    expect(JSON.parse(server.output().trim().split('\n').at(-1) ?? '')).toMatchObject({ level: 30 })
    expect(
      (await server.query('mutation { login(username: "demo", password: "x") { expiresIn } }')).status,
    ).toBe(401)
    const page = await fetch(`${server.url}/graphql`, { headers: { accept: 'text/html' } })
    expect(await page.text()).not.toContain('<html')
  })
})
