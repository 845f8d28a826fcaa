import { existsSync, globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Program } from './debian.ts'
import {
  folderFor,
  freePort,
  runAs,
  type Service,
  type SharedService,
  sharedService,
  startService,
} from './service.ts'

/** Where PostgreSQL is: at POSTGRES_URL, as a user who may create databases, else where Debian puts it. */
export const POSTGRES: Program = {
  name: 'PostgreSQL',
  debianPackage: 'postgresql',
  tests: 'the tests of the PostgreSQL store',
  variable: 'POSTGRES_URL',
  find: () => process.env.POSTGRES_URL ?? programs().at(-1),
}

/** One that tests may stop and kill. */
export const OWN_POSTGRES: Program = { ...POSTGRES, find: () => programs().at(-1) }

const USER = 'postgres'
const PASSWORD = 'not-for-messages'

/** Folders with the server's programs, the newest version last. */
function programs(): readonly string[] {
  return globSync('/usr/lib/postgresql/*/bin')
    .filter((folder) => existsSync(join(folder, 'initdb')))
    .toSorted((one, other) => versionIn(one) - versionIn(other))
}

function versionIn(path: string): number {
  return Number(/postgresql\/(\d+)/.exec(path)?.[1])
}

export interface PostgresServerOptions {
  /** Whether what is acknowledged has to be on disk. Off, the contract takes seconds; no test that ends the server may do without. @default true */
  readonly fsync?: boolean
}

/** The server at POSTGRES_URL; without one, a server of our own. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<SharedService> {
  const url = process.env.POSTGRES_URL
  return url === undefined ? startOwnPostgres(options) : sharedService(() => createDatabase(url))
}

/** A server that can be stopped and killed. */
export async function startOwnPostgres({ fsync = true }: PostgresServerOptions = {}): Promise<Service> {
  const bin = programs().at(-1)
  if (bin === undefined) throw new Error('there is no PostgreSQL here')
  const folder = folderFor(USER)
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, PASSWORD, { mode: 0o644 })
  const port = await freePort()
  const url = `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`
  const initdb = [
    '-D',
    data,
    '-U',
    USER,
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--no-sync',
  ]
  runAs({ program: join(bin, 'initdb'), args: initdb, user: USER })
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: 300,
    fsync: fsync ? 'on' : 'off',
  }
  const args = [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  return startService({
    command: { program: join(bin, 'postgres'), args, user: USER },
    folder,
    data,
    database: () => createDatabase(url),
    ask: () => query(url, 'select 1'),
  })
}

let count = 0

async function createDatabase(url: string): Promise<string> {
  count += 1
  const name = `authx_test_${process.pid}_${count}`
  await query(url, `create database ${name}`)
  const own = new URL(url)
  own.pathname = `/${name}`
  return own.href
}

/** Runs statements over a connection of their own, and answers with the rows of the last. */
export async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const result = await client.query(text)
    return Array.isArray(result) ? result.at(-1).rows : result.rows
  } finally {
    await client.end()
  }
}

/** Leaves the tables as they are when they were just made. */
export async function emptyTables(url: string): Promise<void> {
  const tables = ['log', 'epochs', 'sessions', 'accounts', 'attempts'].map((name) => `authx_${name}`)
  const deletions = tables.map((table) => `delete from ${table};`)
  await query(url, `${deletions.join('')} update authx_log_head set position = 0`)
}
