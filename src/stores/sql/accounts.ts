import type { Kysely } from 'kysely'
import { type Account, usernameKey } from '../../core/account-store.ts'
import type { Database } from './tables.ts'

export async function createAccount(trx: Kysely<Database>, account: Account): Promise<boolean> {
  const { id, username, passwordHash } = account
  if ((await findByUsername(trx, username)) !== undefined) return false
  await trx
    .insertInto('authx_accounts')
    .values({ id, username, username_key: usernameKey(username), password_hash: passwordHash })
    .execute()
  return true
}

export async function findByUsername(db: Kysely<Database>, username: string): Promise<Account | undefined> {
  return await accounts(db).where('username_key', '=', usernameKey(username)).executeTakeFirst()
}

export async function findById(db: Kysely<Database>, id: string): Promise<Account | undefined> {
  return await accounts(db).where('id', '=', id).executeTakeFirst()
}

export async function setPasswordHash(
  trx: Kysely<Database>,
  id: string,
  passwordHash: string,
): Promise<boolean> {
  // Not by the count of changed rows: MariaDB does not count one that is the same afterwards.
  if ((await findById(trx, id)) === undefined) return false
  await trx.updateTable('authx_accounts').set({ password_hash: passwordHash }).where('id', '=', id).execute()
  return true
}

function accounts(db: Kysely<Database>) {
  return db.selectFrom('authx_accounts').select(['id', 'username', 'password_hash as passwordHash'])
}
