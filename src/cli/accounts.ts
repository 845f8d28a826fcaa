import type { Account } from '../core/account-store.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'
import { databaseExists } from '../server/database.ts'
import { readEnvironment } from '../server/environment.ts'
import { accountNamed, withStore } from './instance.ts'

/**
 * Works on the account of a user, in the database of the settings.
 *
 * @throws ConfigurationError where there is no such user
 */
export async function onAccount(
  username: string,
  work: (account: Account, store: Store) => Promise<void>,
): Promise<void> {
  await onStore('keep', async (store) => work(await accountNamed(store, username), store))
}

/**
 * Opens the store of the settings, and closes it afterwards. It needs no key.
 *
 * @param tables whether a database and tables are made where there are none
 */
export async function onStore(tables: 'make' | 'keep', work: (store: Store) => Promise<void>): Promise<void> {
  const { databaseUrl } = readEnvironment()
  if (databaseUrl === 'memory:') {
    throw new ConfigurationError(
      'AUTHX_DATABASE_URL: memory: forgets the user at once; name a database that stays',
    )
  }
  if (tables === 'keep' && !databaseExists(databaseUrl)) {
    throw new ConfigurationError(`no database at ${databaseUrl}; run this where the server runs`)
  }
  await withStore(databaseUrl, tables, work)
}
