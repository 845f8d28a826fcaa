import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
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

/** Where MariaDB is: at MARIADB_URL, as a user who may create databases, else where Debian puts it. */
export const MARIADB: Program = {
  name: 'MariaDB',
  debianPackage: 'mariadb-server',
  tests: 'the tests of the store over MariaDB',
  variable: 'MARIADB_URL',
  find: () => process.env.MARIADB_URL ?? [SERVER].find((path) => existsSync(path)),
}

/** One that tests may stop and kill. */
export const OWN_MARIADB: Program = { ...MARIADB, find: () => [SERVER].find((path) => existsSync(path)) }

const SERVER = '/usr/sbin/mariadbd'
const INSTALLER = '/usr/bin/mariadb-install-db'
const USER = 'mysql'

/** The server at MARIADB_URL; without one, a server of our own. */
export async function startMariadb(): Promise<SharedService> {
  const url = process.env.MARIADB_URL
  return url === undefined ? startOwnMariadb() : sharedService(() => createDatabase(url))
}

/** A server that can be stopped and killed. */
export async function startOwnMariadb(): Promise<Service> {
  const folder = folderFor(USER)
  const data = join(folder, 'data')
  const port = await freePort()
  const socket = join(folder, 'socket')
  const init = [
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]
  runAs({ program: INSTALLER, args: init, user: USER })
  const args = [
    '--no-defaults',
    `--datadir=${data}`,
    `--port=${port}`,
    `--socket=${socket}`,
    '--bind-address=127.0.0.1',
    '--innodb-buffer-pool-size=64M',
  ]
  const url = `mysql://root@127.0.0.1:${port}`
  return startService({
    command: { program: SERVER, args, user: USER },
    folder,
    data,
    database: () => createDatabase(url),
    ask: () => query(url, 'select 1'),
  })
}

let count = 0

/** In the collation that is the worst for us, as an operator may have it. */
async function createDatabase(url: string): Promise<string> {
  count += 1
  const name = `authx_test_${process.pid}_${count}`
  await query(url, `create database ${name} character set latin1 collate latin1_swedish_ci`)
  return `${url.replace(/\/$/, '')}/${name}`
}

/** Leaves the tables as they are when they were just made. */
export async function emptyTables(url: string): Promise<void> {
  for (const name of ['log', 'epochs', 'sessions', 'accounts', 'attempts']) {
    await query(url, `delete from authx_${name}`)
  }
  await query(url, 'update authx_log_head set position = 0')
}

/** Runs one statement over a connection of its own, and answers with its rows. */
export async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const connection = await createConnection({ uri: url, connectTimeout: 2000 })
  connection.on('error', () => undefined)
  try {
    const [rows] = await connection.query(text)
    return rows as Record<string, unknown>[]
  } finally {
    await connection.end()
  }
}
