import { existsSync } from 'node:fs'
import type { AuthX } from '../authx.ts'
import type { Account } from '../core/account-store.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'
import { configuredKeys } from '../server/configured-keys.ts'
import { databaseExists, openStore } from '../server/database.ts'
import { GENERATED_KEYS, readEnvironment } from '../server/environment.ts'
import { createServerAuthX } from '../server/instance.ts'
import { auditToStderr, quiet } from './log.ts'
import { storeFailure } from './store-failure.ts'

/** What a command works on: the server's own instance and store, by the same settings. */
export interface Opened {
  readonly authx: AuthX
  readonly store: Store
}

/** Why the server's database cannot be asked, if so. A look must not make a key or a database where there is none. */
export function outOfReach(): string | undefined {
  const { secret, keysFile, databaseUrl } = readEnvironment()
  if (databaseUrl === 'memory:') return 'AUTHX_DATABASE_URL: memory: is inside the server'
  if (secret === undefined && !existsSync(keysFile ?? GENERATED_KEYS)) {
    return `no key in AUTHX_SECRET, AUTHX_KEYS_FILE or ${GENERATED_KEYS}`
  }
  return databaseExists(databaseUrl) ? undefined : `no database at ${databaseUrl}`
}

/**
 * Opens what the server works with, hands it over, and closes it.
 *
 * @throws ConfigurationError where there is nothing to open, or the database does not answer
 */
export async function withInstance<Answer>(work: (opened: Opened) => Promise<Answer>): Promise<Answer> {
  const settings = readEnvironment()
  const reason = outOfReach()
  if (reason !== undefined) {
    throw new ConfigurationError(`${reason}; run this where the server runs, on a database that stays`)
  }
  return withStore(settings.databaseUrl, 'keep', async (store) => {
    const keys = configuredKeys(settings, quiet)
    const authx = createServerAuthX(settings, keys, store, quiet, { hooks: auditToStderr() })
    try {
      return await work({ authx, store })
    } finally {
      await authx.close()
    }
  })
}

/**
 * Opens a store for a command, and closes it afterwards.
 *
 * @param tables whether tables in a shared database may be made and changed; a look, or a command at an old server's side, must not
 * @throws ConfigurationError for whatever the store says, in one line
 */
export async function withStore<Answer>(
  url: string,
  tables: 'make' | 'keep',
  work: (store: Store) => Promise<Answer>,
): Promise<Answer> {
  try {
    const store = await open(url, tables === 'make')
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  } catch (error) {
    throw storeFailure(error, url)
  }
}

async function open(url: string, migrate: boolean): Promise<Store> {
  try {
    return await openStore(url, { migrate })
  } catch (error) {
    if (!(error instanceof ConfigurationError) || !/migrate is false/.test(error.message)) throw error
    const problem = error.message.replace(/, and migrate is false; /, '; start the server on it once, or ')
    throw new ConfigurationError(problem.replace(/ \(in code: .*/s, ''), { cause: error })
  }
}

/** @throws ConfigurationError where there is no such user */
export async function accountNamed(store: Store, username: string): Promise<Account> {
  const account = await store.findByUsername(username)
  if (account === undefined) {
    throw new ConfigurationError(`username: there is no user ${JSON.stringify(username)}`)
  }
  return account
}
