import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { isOutage } from '../../src/core/outage.ts'
import { postgresAttempts } from '../../src/stores/postgres/attempts.ts'
import { type PostgresOptions, postgres, postgresSchema } from '../../src/stores/postgres.ts'
import { ISSUER } from '../../src/testing/clause.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, query, startOwnPostgres } from '../harness/postgres.ts'
import type { Service } from '../harness/service.ts'
import { callEverything } from './every-call.ts'
import { PATIENT } from './postgres-steps.ts'
import { Neighbour } from './processes.ts'

const MIGRATIONS = ['001-first', '002-logins', '003-session-origin', '004-account-scopes']

/** Every parameter that a URL may have. */
const KNOWN =
  'there are sslmode, ssl, sslrootcert, sslcert, sslkey, sslnegotiation, uselibpqcompat, host, port, user, password, application_name, options, pgbouncer'

describe('postgres() refuses in a URL', () => {
  test.each([
    ['slmode=require', `the URL has a parameter that there is not, slmode; did you mean sslmode? ${KNOWN}`],
    ['sslmod=require', `the URL has a parameter that there is not, sslmod; did you mean sslmode? ${KNOWN}`],
    ['SSLMODE=require', `the URL has a parameter that there is not, SSLMODE; did you mean sslmode? ${KNOWN}`],
    ['colour=red', `the URL has a parameter that there is not, colour; ${KNOWN}`],
    [
      'statement_timeout=0',
      `the URL has a parameter that there is not, statement_timeout; use the option commandTimeout, in milliseconds; ${KNOWN}`,
    ],
    [
      'sslmode=requir',
      'sslmode must be disable, prefer, require, verify-ca, verify-full or no-verify in the URL',
    ],
    ['sslmode=', 'sslmode must be disable, prefer, require, verify-ca, verify-full or no-verify in the URL'],
    ['ssl=yes', 'ssl must be true, 1, 0 or no-verify in the URL'],
    ['sslrootcert=', 'sslrootcert must not be empty in the URL'],
    ['sslmode=verify-full&sslmode=disable', 'the URL has sslmode more than once'],
    [
      'ssl=true&sslmode=disable',
      'the URL has ssl and sslmode, of which one would be passed over; leave sslmode',
    ],
    ['password=not-for&messages=1', `the URL has a parameter that there is not; ${KNOWN}`],
  ])('?%s', async (parameters, message) => {
    const url = `postgres://ada:not-for-messages@127.0.0.1:1/db?${parameters}`
    for (const opened of [postgres(url), (async () => postgresAttempts(url))()]) {
      const error: unknown = await opened.catch((one: unknown) => one)
      expect(String(error)).toBe(`ConfigurationError: postgres 127.0.0.1:1/db: ${message}`)
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-for|messages/)
    }
  })
})

describe('postgres() refuses', () => {
  test.each([
    ['', {}, 'postgres: must be a URL such as'],
    ['not-for-messages', {}, 'postgres: must be a URL such as'],
    ['mysql://ada:not-for-messages@127.0.0.1/db', {}, 'postgres: must be a URL such as'],
    ['postgres://ada:not-for#messages@127.0.0.1/db', {}, 'postgres: must be a URL such as'],
    ['postgres://ada:123?not-for-messages@127.0.0.1/db', {}, 'postgres: must be a URL such as'],
    ['postgres://ada:123/not-for-messages@127.0.0.1/db', {}, 'postgres: must be a URL such as'],
    ['postgres://ada:123#not-for-messages@127.0.0.1/db', {}, 'postgres: must be a URL such as'],
    [
      'postgres://127.0.0.1/db',
      { connections: 0 },
      'postgres.connections: must be a whole number, from 1 to 1000',
    ],
    [
      'postgres://127.0.0.1/db',
      { commandTimeout: 1.5 },
      'postgres.commandTimeout: must be a whole number of milliseconds',
    ],
    [
      'postgres://127.0.0.1/db',
      { connectTimeout: Infinity },
      'postgres.connectTimeout: must be a whole number of milliseconds',
    ],
    ['postgres://127.0.0.1/db', { timeout: 1 }, 'postgres.timeout: no such option; there are connections,'],
  ])('the URL %j with %j', async (url, options, message) => {
    const error: unknown = await postgres(url, options as PostgresOptions).catch((one: unknown) => one)
    expect(String(error)).toContain(`ConfigurationError: ${message}`)
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-for/)
  })

  test('OPS-01: a server that is not there, without a word of the password', async () => {
    const error: unknown = await postgres('postgres://ada:not-for-messages@127.0.0.1:1/db').catch(
      (one: unknown) => one,
    )
    expect(String(error)).toMatch(
      /^ConfigurationError: postgres 127\.0\.0\.1:1\/db: cannot be used: .*ECONNREFUSED/,
    )
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-for-messages/)
  })
})

const open = (url: string, options: PostgresOptions = {}) => postgres(url, { ...PATIENT, ...options })

describe.skipIf(isSkipped(OWN_POSTGRES))('postgres()', () => {
  let server: Service
  let url: string
  beforeAll(async () => {
    server = await startOwnPostgres({ fsync: false })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    url = await server.database()
  })

  const names = () => query(url, 'select name from authx_migration order by name')
  /** Another role's URL, with a password of its own. */
  const as = (role: string) => {
    const own = new URL(url)
    own.username = role
    own.password = 'not-for-messages'
    return own.href
  }

  test('is opened by six processes that start together, and migrated once', async () => {
    const children = Array.from({ length: 6 }, () => new Neighbour('open', url))
    expect(await Promise.all(children.map((child) => child.rest()))).toEqual(children.map(() => ['opened']))
    expect(await query(url, 'select 1 from authx_sessions')).toHaveLength(6)
    expect(await names()).toEqual(MIGRATIONS.map((name) => ({ name })))
  })

  test('opens in each schema of a database apart', async () => {
    await query(url, 'create schema one; create schema two')
    for (const schema of ['one', 'two']) {
      const own = `${url}?options=-c%20search_path%3D${schema}`
      const store = await open(own)
      await createSession(store)
      await store.close()
    }
    for (const schema of ['one', 'two']) {
      expect(await query(url, `select sid from ${schema}.authx_sessions`)).toEqual([{ sid: 'session-1' }])
    }
  })

  test('asks for TLS where the URL does, and takes the other parameters as the driver does', async () => {
    const { port, pathname } = new URL(url)
    const elsewhere = `postgres://${pathname}?host=127.0.0.1&port=${port}&user=postgres&password=not-for-messages`
    await (await open(`${elsewhere}&sslmode=disable&application_name=shop`)).close()
    for (const wish of ['sslmode=verify-full', 'sslmode=no-verify', 'ssl=true', 'ssl=no-verify']) {
      await expect(open(`${url}?${wish}`)).rejects.toThrow('The server does not support SSL connections')
    }
  })

  test('refuses a schema that is not there', async () => {
    await expect(open(`${url}?options=-c%20search_path%3Dmissing`)).rejects.toThrow(
      /has no schema in its search_path that this user may use; make one, grant usage on it, or name another$/,
    )
  })

  test('takes tables that postgresSchema() made, and makes none itself where migrate is false', async () => {
    await expect(open(url, { migrate: false })).rejects.toThrow(
      /its tables are not up to date \(without 001-first, 002-logins, 003-session-origin, 004-account-scopes\), and migrate is false; run the SQL of: graphql-authx database schema \(in code: postgresSchema\(\)\), or open it once with a user who may create tables/,
    )
    expect(await query(url, "select to_regclass('authx_log') as log")).toEqual([{ log: null }])
    await query(url, await postgresSchema())
    const store = await open(url, { migrate: false })
    await createSession(store)
    expect((await rotate(store, 0)).status).toBe('rotated')
    await store.close()
    expect(await names()).toEqual(MIGRATIONS.map((name) => ({ name })))
    // Nothing is left to do for one that migrates.
    await (await open(url)).close()
  })

  test('makes the same tables by itself as postgresSchema() does, in one piece or two', async () => {
    const structure = async () => {
      const columns = await query(
        url,
        "select table_name, column_name, data_type, collation_name, is_nullable, column_default from information_schema.columns where table_schema = 'public' order by 1, ordinal_position",
      )
      const indexes = await query(
        url,
        "select indexdef from pg_indexes where schemaname = 'public' order by 1",
      )
      return { columns, indexes }
    }
    await (await open(url)).close()
    const made = await structure()
    url = await server.database()
    await query(url, await postgresSchema())
    expect(await structure()).toEqual(made)
    const whole = await postgresSchema()
    const rest = await postgresSchema({ after: '002-logins' })
    expect(rest).not.toContain("'002-logins'")
    expect(rest).toContain("'003-session-origin'")
    for (const line of rest.split('\n')) expect(whole).toContain(line)
    await expect(postgresSchema({ after: '000' })).rejects.toThrow(
      'after: no such migration as 000; there are 001-first,',
    )
  })

  test('names the migrations that an older schema lacks, and the command that prints just those', async () => {
    const [whole, rest] = await Promise.all([postgresSchema(), postgresSchema({ after: '002-logins' })])
    const before = whole.split('\n').filter((line) => /^(begin|commit);/.test(line) || !rest.includes(line))
    await query(url, "create role younger login password 'not-for-messages'")
    const account = whole
      .split('\n')
      .filter((line) => /^(create table if not exists|insert into "authx_migration_lock")/.test(line))
    await query(url, [...account, ...before].join('\n'))
    await query(url, 'grant select, insert, update, delete on all tables in schema public to younger')
    const lacks = 'its tables are not up to date (without 003-session-origin, 004-account-scopes), and'
    const mend =
      "run the SQL of: graphql-authx database schema --after 002-logins (in code: postgresSchema({ after: '002-logins' }))"
    await expect(open(url, { migrate: false })).rejects.toThrow(`${lacks} migrate is false; ${mend}, or open`)
    await expect(open(as('younger'))).rejects.toThrow(
      `${lacks} this user may not create tables in the schema public; as one who may, ${mend}`,
    )
    await query(url, rest)
    await (await open(as('younger'), { migrate: false })).close()
    await query(url, 'drop owned by younger; drop role younger')
  })

  test('serves a role that may only read and write rows, and says what another lacks', async () => {
    await query(
      url,
      "create role serving login password 'not-for-messages'; create role nobody login password 'not-for-messages'",
    )
    const refused: unknown = await open(as('serving')).catch((one: unknown) => one)
    expect(String(refused)).toMatch(
      /\(without 001-first, .*\), and this user may not create tables in the schema public; as one who may, run the SQL of: graphql-authx database schema \(in code: postgresSchema\(\)\)$/,
    )
    await query(url, await postgresSchema())
    await query(
      url,
      `grant select on authx_migration to serving;
       grant select, insert, update, delete on authx_log, authx_log_head, authx_epochs, authx_sessions, authx_accounts, authx_attempts to serving`,
    )
    const store = await open(as('serving'))
    await createSession(store)
    await store.revoke({ kind: 'subject', issuer: ISSUER, sub: 'ada', retention: 10 })
    expect((await rotate(store, 0)).status).toBe('revoked')
    await store.purge(10)
    await store.close()
    await expect(open(as('nobody'))).rejects.toThrow(/: the user nobody lacks select on authx_migration; /)
    const wrong = as('serving').replace('not-for-messages', 'a-wrong-one')
    const denied: unknown = await open(wrong).catch((one: unknown) => one)
    expect(String(denied)).toContain('password authentication failed for user "serving"')
    expect(inspect(denied, { depth: 9, showHidden: true })).not.toMatch(/a-wrong-one/)
    await query(url, 'drop owned by serving; drop role serving; drop role nobody')
  })

  test('names all that a role may not do to the tables, and the statements that let it, which are enough', async () => {
    await (await open(url)).close()
    await query(
      url,
      `create role "Night Shift" login password 'not-for-messages'; grant select on all tables in schema public to "Night Shift"`,
    )
    const night = as('Night%20Shift')
    const error: unknown = await open(night).catch((one: unknown) => one)
    const missing = [
      ['insert, delete', 'authx_log'],
      ['update', 'authx_log_head'],
      ['insert, update', 'authx_epochs'],
      ['insert, update, delete', 'authx_sessions'],
      ['insert, update, delete', 'authx_accounts'],
      ['insert, update, delete', 'authx_attempts'],
    ]
    const lacks = missing.map(([privileges, table]) => `${privileges} on ${table}`)
    const grants = lacks.map((one) => `grant ${one} to "Night Shift";`).join(' ')
    expect(String(error)).toMatch(/^ConfigurationError: postgres 127\.0\.0\.1:\d+\/\w+: /)
    expect(String(error).replace(/^.*?\/\w+: /, '')).toBe(
      `the user "Night Shift" lacks ${lacks.join('; ')}; run as the tables' owner: ${grants}`,
    )
    await query(url, grants)
    let shift = 0
    const store = await open(night, { clockShift: () => shift })
    await callEverything(store, (milliseconds) => {
      shift += milliseconds
    })
    await store.close()
    const attempts = postgresAttempts(night)
    const counter = attempts.counter({ name: 'tries', tries: 2, window: 60 })
    const spent = await counter.spend('ada')
    if ('refund' in spent) await spent.refund()
    expect(await counter.taken('ada')).toBe(0)
    await attempts.close()
    await query(url, 'drop owned by "Night Shift"; drop role "Night Shift"')
  })

  test('refuses tables of a newer version, and leaves them alone', async () => {
    await (await open(url)).close()
    await query(url, "insert into authx_migration values ('999-later', '2030-01-01T00:00:00Z')")
    await expect(open(url)).rejects.toThrow(
      /was written by a newer version of graphql-authx \(it has "999-later"\)/,
    )
    expect(await names()).toHaveLength(MIGRATIONS.length + 1)
  })

  test('refuses a database that does not have every character', async () => {
    await query(url, "create database latin encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0")
    const latin = new URL(url)
    latin.pathname = '/latin'
    await expect(open(latin.href)).rejects.toThrow(
      /keeps texts as LATIN1.*encoding 'UTF8' template template0$/,
    )
  })

  test('names neither a value nor a statement when the database refuses one', async () => {
    const store = await open(url)
    await createSession(store, { sid: 'not-for-messages' })
    const error: unknown = await createSession(store, { sid: 'not-for-messages' }).catch(
      (one: unknown) => one,
    )
    expect(String(error)).toMatch(
      /duplicate key value violates unique constraint "authx_sessions_key" \(23505\)$/,
    )
    expect(error).toMatchObject({ code: '23505' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/not-for-messages/)
    await store.close()
  })

  test('says of a database that takes no writes where that is set, at its start and when it becomes so', async () => {
    const store = await open(url)
    await createSession(store)
    const name = new URL(url).pathname.slice(1)
    const refused =
      /^postgres 127\.0\.0\.1:\d+\/\w+: takes no writes, so nothing can be revoked in it; name the primary, or turn default_transaction_read_only off where it is set \((.*)\)$/
    // Of a server, so that sessions which are there hear of it.
    await query(url, 'alter system set default_transaction_read_only = on')
    await query(url, 'select pg_reload_conf()')
    await expect
      .poll(() => createSession(store, { sid: 'session-2' }).then(String, ({ message }: Error) => message))
      .toMatch(refused)
    const error: unknown = await rotate(store, 0).catch((one: unknown) => one)
    expect(refused.exec((error as Error).message)?.[1]).toBe('25006')
    expect(isOutage(error)).toBe(true)
    // What it knows is right all the same.
    expect(await store.listSessions(ISSUER, 'ada')).toHaveLength(1)
    await expect(open(url)).rejects.toThrow(/^postgres .*: takes no writes.*\(set by: configuration file\)$/)
    await query(url, 'alter system reset default_transaction_read_only')
    await query(url, 'select pg_reload_conf()')
    await expect.poll(() => rotate(store, 0).then(({ status }) => status, String)).toBe('rotated')
    await store.close()
    await query(url, `alter database ${name} set default_transaction_read_only = on`)
    await expect(open(url)).rejects.toThrow(/: takes no writes.*\(set by: database\)$/)
    await expect(open(`${url}?options=-c%20default_transaction_read_only%3Don`)).rejects.toThrow(
      /\(set by: client\)$/,
    )
  })

  test("OPS-06: keeps the database's time, whatever this machine's clock says", async () => {
    const store = await open(url)
    const real = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: real + 120_000_000 })
    try {
      const { session, now } = await createSession(store)
      for (const time of [
        now,
        session.createdAt,
        (await store.readEpoch(ISSUER, 'ada')).now,
        (await store.readSince(0, 1)).now,
      ]) {
        expect(time).toBeGreaterThanOrEqual(real - 1000)
        expect(time).toBeLessThan(real + 60_000)
      }
      expect(await store.listSessions(ISSUER, 'ada')).toHaveLength(1)
    } finally {
      vi.useRealTimers()
      await store.close()
    }
  })

  // The last one: the server is not what it was.
  test('refuses a standby, at its start and when a failover leaves it with one', async () => {
    const store = await open(url)
    await server.kill()
    writeFileSync(join(server.data, 'standby.signal'), '')
    await server.restart()
    const error: unknown = await store.ping().catch((one: unknown) => one)
    expect(String(error)).toMatch(
      /is a standby, which does not know yet what was just revoked; name the primary$/,
    )
    await store.close()
    await expect(open(url)).rejects.toThrow(/^postgres 127\.0\.0\.1:\d+\/\w+: is a standby/)
  })
})
