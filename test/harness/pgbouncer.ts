import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from './debian.ts'
import { query } from './postgres.ts'
import { folderFor, freePort, startService } from './service.ts'

const SERVER = '/usr/sbin/pgbouncer'
const USER = 'postgres'

/** A pooler before PostgreSQL. */
export const PGBOUNCER: Program = {
  name: 'PgBouncer',
  debianPackage: 'pgbouncer',
  tests: 'the tests of the PostgreSQL store behind it',
  find: () => [SERVER].find((path) => existsSync(path)),
}

/** A pooler that lends connections for a transaction. */
export interface Pooler extends AsyncDisposable {
  /** The URL of the same database through the pooler. */
  through(url: string): string
}

/**
 * Starts a pooler of our own.
 *
 * @param url of the server
 * @param ignored what it swallows of what a client asks for at the start; it refuses the rest
 */
export async function startPgbouncer(url: string, ignored = ''): Promise<Pooler> {
  const { hostname, port, username, password } = new URL(url)
  const folder = folderFor(USER)
  const listening = await freePort()
  const through = (one: string): string => {
    const own = new URL(one)
    own.port = String(listening)
    return own.href
  }
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(
    file,
    `[databases]
* = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listening}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 1000
ignore_startup_parameters = ${ignored}
`,
    { mode: 0o644 },
  )
  const service = await startService({
    command: { program: SERVER, args: [file], user: USER },
    folder,
    data: folder,
    database: async () => through(url),
    ask: () => query(through(url), 'select 1'),
  })
  return { through, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}
