// A user table as an application has it, with columns of its own, and what the server asks of it.

import Database from 'better-sqlite3'
import { type Account, type AccountDirectory, type PasswordReplacement, usernameKey } from 'graphql-authx'

/** A user as the application writes one down. */
export interface NewUser {
  readonly email: string
  /** An Argon2 hash; the column is called so all the same. */
  readonly password: string
  readonly banned?: boolean
  readonly roles: readonly string[]
}

interface Row {
  readonly id: number
  readonly email: string
  readonly password: string
  readonly banned: 0 | 1
  readonly roles: string
}

/** The three questions of the server, and what only the application does. */
export class Users implements AccountDirectory {
  readonly #db: Database.Database

  constructor(path: string) {
    this.#db = new Database(path)
    this.#db.exec(`
      CREATE TABLE IF NOT EXISTS users (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        email TEXT NOT NULL,
        email_key TEXT NOT NULL UNIQUE,
        password TEXT NOT NULL,
        banned INTEGER NOT NULL DEFAULT 0,
        roles TEXT NOT NULL DEFAULT ''
      )`)
  }

  async findByUsername(email: string): Promise<Account | undefined> {
    // Not by the email as it is written: Grace@Example.com is grace@example.com.
    return accountOf(this.#db.prepare('SELECT * FROM users WHERE email_key = ?').get(usernameKey(email)))
  }

  async findById(id: string): Promise<Account | undefined> {
    return accountOf(this.#db.prepare('SELECT * FROM users WHERE id = ?').get(id))
  }

  /** One statement, so that of two who change it at once one is too late, and nobody who was banned meanwhile. */
  async replacePassword(id: string, { current, next }: PasswordReplacement): Promise<boolean> {
    return (
      this.#db
        .prepare('UPDATE users SET password = ? WHERE id = ? AND password = ? AND banned = 0')
        .run(next, id, current).changes === 1
    )
  }

  add({ email, password, banned = false, roles }: NewUser): string {
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO users (email, email_key, password, banned, roles) VALUES (?, ?, ?, ?, ?)')
      .run(email, usernameKey(email), password, banned ? 1 : 0, roles.join(' '))
    return String(lastInsertRowid)
  }

  ban(id: string): void {
    this.#db.prepare('UPDATE users SET banned = 1 WHERE id = ?').run(id)
  }

  setRoles(id: string, roles: readonly string[]): void {
    this.#db.prepare('UPDATE users SET roles = ? WHERE id = ?').run(roles.join(' '), id)
  }
}

/** Roles stand where the server's own accounts have scopes; `grantScopes` makes scopes of them. */
function accountOf(found: unknown): Account | undefined {
  if (found === undefined) return undefined
  const { id, email, password, banned, roles } = found as Row
  return {
    id: String(id),
    username: email,
    passwordHash: password,
    disabled: banned !== 0,
    scopes: roles.split(' ').filter(Boolean),
  }
}
