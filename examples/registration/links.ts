// Links that are mailed. Each works once and not for long, and nobody who reads the table can use one.

import { createHash, randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'

/** Milliseconds that a link works. */
const LIFE = 30 * 60_000

/** What a link was mailed for: an account to give a new password, or an address to make an account for. */
export interface Purpose {
  /** Null where there is no account yet. */
  readonly account: string | null
  readonly email: string
}

export class Links {
  readonly #db: Database.Database

  constructor(path: string) {
    this.#db = new Database(path)
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS links (hash TEXT PRIMARY KEY, account TEXT, email TEXT NOT NULL, expires_at INTEGER NOT NULL)',
    )
  }

  /** Makes a link, and returns the secret that is in it: 256 random bits, of which only the hash is kept. */
  create({ account, email }: Purpose): string {
    const secret = randomBytes(32).toString('base64url')
    this.#db.prepare('DELETE FROM links WHERE expires_at <= ?').run(Date.now())
    this.#db
      .prepare('INSERT INTO links (hash, account, email, expires_at) VALUES (?, ?, ?, ?)')
      .run(hashed(secret), account, email, Date.now() + LIFE)
    return secret
  }

  /** Spends a link, and every other one for the same. Reading and deleting are one statement, so of two who race one gets nothing. */
  spend(secret: string): Purpose | undefined {
    const spent = this.#db
      .prepare('DELETE FROM links WHERE hash = ? AND expires_at > ? RETURNING account, email')
      .get(hashed(secret), Date.now()) as Purpose | undefined
    if (spent !== undefined) {
      this.#db.prepare('DELETE FROM links WHERE account IS ? AND email = ?').run(spent.account, spent.email)
    }
    return spent
  }
}

// No slow hash: nobody guesses 256 bits.
function hashed(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
