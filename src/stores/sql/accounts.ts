import type { Kysely } from 'kysely'
import {
  type Account,
  type AccountChange,
  type PasswordReplacement,
  usernameKey,
} from '../../core/account-store.ts'
import type { Database } from './tables.ts'

export async function createAccount(trx: Kysely<Database>, account: Account): Promise<boolean> {
  const { id, username, passwordHash, disabled, scopes } = account
  if ((await findByUsername(trx, username)) !== undefined) return false
  await trx
    .insertInto('authx_accounts')
    .values({
      id,
      username,
      username_key: usernameKey(username),
      password_hash: passwordHash,
      disabled: disabled ? 1 : 0,
      scopes: JSON.stringify(scopes),
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
  const { passwordHash = account.passwordHash, disabled = account.disabled, scopes = account.scopes } = change
  await trx
    .updateTable('authx_accounts')
    .set({ password_hash: passwordHash, disabled: disabled ? 1 : 0, scopes: JSON.stringify(scopes) })
    .where('id', '=', id)
    .execute()
  return true
}

export async function replacePassword(
  trx: Kysely<Database>,
  id: string,
  { current, next }: PasswordReplacement,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('authx_accounts')
    .set({ password_hash: next })
    .where('id', '=', id)
    .where('password_hash', '=', current)
    .where('disabled', '=', 0)
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
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
    .select(['id', 'username', 'password_hash as passwordHash', 'disabled', 'scopes'])
}

/** An account as its row has it. */
type Row = Pick<Account, 'id' | 'username' | 'passwordHash'> & { disabled: number; scopes: string }

function accountOf(row: Row | undefined): Account | undefined {
  if (row === undefined) return undefined
  return { ...row, disabled: row.disabled !== 0, scopes: JSON.parse(row.scopes) as string[] }
}
