import type { Kysely } from 'kysely'
import { type Account, type AccountChange, usernameKey } from '../../core/account-store.ts'
import type { Database } from './tables.ts'

export async function createAccount(trx: Kysely<Database>, account: Account): Promise<boolean> {
  const { id, username, passwordHash, disabled } = account
  if ((await findByUsername(trx, username)) !== undefined) return false
  await trx
    .insertInto('authx_accounts')
    .values({
      id,
      username,
      username_key: usernameKey(username),
      password_hash: passwordHash,
      disabled: disabled ? 1 : 0,
    })
    .execute()
  return true
}

export async function changeAccount(
  trx: Kysely<Database>,
  id: string,
  change: AccountChange,
): Promise<boolean> {
  const account = await findById(trx, id)
  if (account === undefined) return false
  const { passwordHash = account.passwordHash, disabled = account.disabled } = change
  await trx
    .updateTable('authx_accounts')
    .set({ password_hash: passwordHash, disabled: disabled ? 1 : 0 })
    .where('id', '=', id)
    .execute()
  return true
}

export async function deleteAccount(trx: Kysely<Database>, id: string): Promise<boolean> {
  if ((await findById(trx, id)) === undefined) return false
  await trx.deleteFrom('authx_accounts').where('id', '=', id).execute()
  return true
}

export async function findByUsername(db: Kysely<Database>, username: string): Promise<Account | undefined> {
  return accountOf(await accounts(db).where('username_key', '=', usernameKey(username)).executeTakeFirst())
}

export async function findById(db: Kysely<Database>, id: string): Promise<Account | undefined> {
  return accountOf(await accounts(db).where('id', '=', id).executeTakeFirst())
}

function accounts(db: Kysely<Database>) {
  return db
    .selectFrom('authx_accounts')
    .select(['id', 'username', 'password_hash as passwordHash', 'disabled'])
}

function accountOf(row: (Omit<Account, 'disabled'> & { disabled: number }) | undefined): Account | undefined {
  return row === undefined ? undefined : { ...row, disabled: row.disabled !== 0 }
}
