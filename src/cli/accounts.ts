import { randomBytes } from 'node:crypto'
import type { Account } from '../core/account-store.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'
import { openStore } from '../server/database.ts'
import { readEnvironment } from '../server/environment.ts'
import { createServerAuthX } from '../server/instance.ts'
import { accountNamed } from './instance.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {} }

/**
 * Works on the account of a user, in the database of the settings.
 *
 * @throws ConfigurationError where there is no such user
 */
export async function onAccount(
  username: string,
  work: (account: Account, store: Store, endSessions: () => Promise<void>) => Promise<void>,
): Promise<void> {
  await onStore(async (store) => {
    const account = await accountNamed(store, username)
    await work(account, store, () => endSessions(account.id, store))
  })
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

/** Ends them as the server of the same environment would: by its issuer and its lifetimes. Nothing is signed or verified, so any key does. */
async function endSessions(sub: string, store: Store): Promise<void> {
  const key = { alg: 'HS256', key: randomBytes(32) } as const
  await createServerAuthX(readEnvironment(), [key], store, silent).revoke({ sub })
}
