import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query, startOwnPostgres } from '../harness/postgres.ts'
import { OWN_REDIS, startOwnRedis } from '../harness/redis.ts'
import { bareEnvironment, PASSWORD, temporaryFolder } from '../harness/server.ts'
import type { Service } from '../harness/service.ts'

const SECRET = 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa'
const ONE_LINE = /^graphql-authx: [^\n]+\n$/

function begin(url: string, args: readonly string[]) {
  const child = spawn(process.execPath, [resolve('bin/graphql-authx.js'), ...args], {
    cwd: temporaryFolder(),
    env: bareEnvironment({ AUTHX_DATABASE_URL: url, AUTHX_SECRET: SECRET, LOG_LEVEL: 'silent' }),
  })
  const seen = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    seen.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    seen.err += chunk
  })
  return { child, seen }
}

async function run(url: string, args: readonly string[]) {
  const { child, seen } = begin(url, args)
  child.stdin.end(PASSWORD)
  const [code] = await once(child, 'close')
  return { code, ...seen }
}

/** As a role that may log in and no more than that. */
function as(role: string, url: string): string {
  const own = new URL(url)
  own.username = role
  return own.href
}

describe.skipIf(isSkipped(OWN_POSTGRES))('commands on PostgreSQL', { timeout: 60_000 }, () => {
  let server: Service
  let url: string
  beforeAll(async () => {
    server = await startOwnPostgres({ fsync: false })
    url = await server.database()
    await query(url, "create role looking login password 'not-for-messages'")
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('OPS-08: none but serve and user add makes tables in a database that may be another team’s', async () => {
    for (const args of [
      ['blocklist', 'stats'],
      ['blocklist', 'watch'],
      ['blocklist', 'revoke', '--sid', 'a'],
      ['session', 'list', 'anna'],
      ['user', 'show', 'anna'],
      ['user', 'disable', 'anna'],
    ]) {
      const { code, out, err } = await run(url, args)
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(ONE_LINE)
      expect(err).toMatch(
        /tables are not up to date \(without 001-first, .*\); start the server on it once, or run the SQL of: graphql-authx database schema\n$/,
      )
    }
    const tables = "select tablename from pg_tables where schemaname = 'public'"
    expect(await query(url, tables)).toEqual([])
    expect(await run(url, ['user', 'add', 'anna', '--password-stdin'])).toMatchObject({ code: 0 })
    expect((await query(url, tables)).length).toBeGreaterThan(5)
  })

  test('OPS-09: what the database refuses ends in one line with the store, the cause and a mend', async () => {
    await query(url, 'grant usage on schema public to looking; grant select on authx_migration to looking')
    for (const args of [
      ['blocklist', 'stats'],
      ['blocklist', 'revoke', '--sid', 'a'],
      ['session', 'list', 'anna'],
      ['user', 'show', 'anna'],
      ['user', 'password', 'anna', '--password-stdin'],
    ]) {
      const { code, err } = await run(as('looking', url), args)
      expect(code).toBe(1)
      expect(err).toMatch(ONE_LINE)
      const { host, pathname } = new URL(url)
      expect(err).toContain(`graphql-authx: postgres ${host}${pathname}: the user looking lacks select`)
      expect(err).toContain(
        "; run as the tables' owner: grant select, insert, delete on authx_log to looking; ",
      )
      expect(err).not.toContain('not-for-messages')
    }
  })
})

describe.skipIf(isSkipped(OWN_REDIS))('commands on Redis', { timeout: 60_000 }, () => {
  let server: Service
  let url: string
  beforeAll(async () => {
    server = await startOwnRedis()
    url = await server.database()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  test('OPS-09: blocklist watch goes on after a pause of the store, from where it was', async () => {
    const { child, seen } = begin(url, ['blocklist', 'watch'])
    using _ = { [Symbol.dispose]: () => void child.kill('SIGKILL') }
    for (let index = 0; seen.out === ''; index += 1) {
      await run(url, ['blocklist', 'revoke', '--jti', `warming-up-${index}`])
    }
    server.freeze()
    await expect.poll(() => seen.err, { timeout: 20_000 }).toContain('asked again until it answers')
    server.thaw()
    await expect.poll(() => seen.err, { timeout: 20_000 }).toContain('answers again')
    await run(url, ['blocklist', 'revoke', '--jti', 'after-the-pause'])
    await expect.poll(() => seen.out, { timeout: 20_000 }).toContain('after-the-pause')
    expect(seen.err.trim().split('\n')).toHaveLength(3)
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
  })
})
