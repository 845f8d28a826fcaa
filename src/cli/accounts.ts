import type { Account } from '../core/account-store.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'
import { openStore } from '../server/database.ts'
import { readEnvironment } from '../server/environment.ts'
import { accountNamed } from './instance.ts'

/**
 * Works on the account of a user, in the database of the settings.
 *
 * @throws ConfigurationError where there is no such user
 */
export async function onAccount(
  username: string,
  work: (account: Account, store: Store) => Promise<void>,
): Promise<void> {
  await onStore(async (store) => work(await accountNamed(store, username), store))
}

/** Opens the store of the settings, and closes it afterwards. It needs no key, and makes a database where there is none. */
export async function onStore(work: (store: Store) => Promise<void>): Promise<void> {
  const { databaseUrl } = readEnvironment()
  if (databaseUrl === 'memory:') {
    throw new ConfigurationError(
      'AUTHX_DATABASE_URL: memory: forgets the user at once; name a database that stays',
    )
  }
  const store = await openStore(databaseUrl)
  try {
    await work(store)
  } finally {
    await store.close()
  }
}
