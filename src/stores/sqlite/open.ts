import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely } from 'kysely'
import { ConfigurationError } from '../../core/configuration-error.ts'
import type { SqlAccess } from '../sql/access.ts'
import { migrate } from '../sql/migrations.ts'
import type { Database } from '../sql/tables.ts'
import { SqliteAccess } from './access.ts'
import { codeOf, isBusy, untilFree } from './busy.ts'
import { ImmediateDialect } from './dialect.ts'

const COLUMNS = { whole: 'integer', name: 'varchar(255)', text: 'text' }
/** Milliseconds that a start waits: longer than a query, since nobody waits for its answer yet and neighbours may be migrating. */
const START_PATIENCE = 5000

/** @throws ConfigurationError */
export async function openSqlite(path: string, clock: () => number): Promise<SqlAccess> {
  if (typeof path !== 'string' || path === '') {
    throw new ConfigurationError('sqlite: must be the path of a file, or ":memory:"')
  }
  if (path.startsWith('sqlite:')) {
    throw new ConfigurationError('sqlite: takes a path, without "sqlite:" before it')
  }
  // An absolute path: SQLite would take one that begins with "file:" for a URI.
  const file = path === ':memory:' ? path : resolve(path)
  try {
    if (file !== ':memory:') createFile(file)
    const db = await untilFree(() => connect(file), performance.now() + START_PATIENCE)
    return new SqliteAccess(db, file, clock)
  } catch (cause) {
    throw new ConfigurationError(`${file}: ${explain(cause)}`, { cause })
  }
}

async function connect(file: string): Promise<Kysely<Database>> {
  const connection = new BetterSqlite3(file, { timeout: 0 })
  try {
    connection.pragma('journal_mode = WAL')
    // NORMAL, the usual company of WAL, may lose the last commits when the power fails; an acknowledged logout must not be among them.
    connection.pragma('synchronous = FULL')
    connection.pragma('foreign_keys = ON')
    const db = new Kysely<Database>({ dialect: new ImmediateDialect(connection) })
    await db.transaction().execute((trx) => migrate(trx, COLUMNS))
    return db
  } catch (error) {
    connection.close()
    throw error
  }
}

/** SQLite would make the file readable for everyone whom the umask lets in; its journals take over the file's mode. */
function createFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    // Only ever a file that did not exist: closing a handle of one that is in use drops the locks that this process holds on it.
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    // SQLite opens what it may only read, and says so at the first write: at somebody's logout.
    accessSync(file, constants.W_OK)
  }
}

function explain(cause: unknown): string {
  if (cause instanceof ConfigurationError) return cause.message
  const code = codeOf(cause)
  if (isBusy(cause)) {
    return `is locked by another process for ${START_PATIENCE} ms; end that process, or name another file`
  }
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) {
    return `is damaged or no SQLite database (${code}); restore it from a backup, or name another file`
  }
  if (/^(SQLITE_READONLY|SQLITE_PERM|EACCES|EPERM|EROFS)/.test(code)) {
    return `cannot be written (${code}); let this process write to the file and its folder, or name another file`
  }
  if (/^(SQLITE_CANTOPEN|ENOTDIR|EISDIR|EEXIST|ENAMETOOLONG)/.test(code)) {
    return `cannot be opened (${code}); name a file in a folder that this process may write to`
  }
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) {
    return `cannot be written (${code}): the disk is full; free some space, or name a file on another disk`
  }
  const problem = cause instanceof Error ? cause.message : String(cause)
  return `cannot be used (${problem}); name another file`
}
