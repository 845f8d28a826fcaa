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

interface Row extends Purpose {
  readonly hash: string
  readonly expires_at: number
}

/** Of a link that is for nobody. An address it is not. */
const NOBODY: Purpose = { account: null, email: '' }

export class Links {
  readonly #db: Database.Database

  constructor(path: string) {
    this.#db = new Database(path)
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS links (hash TEXT PRIMARY KEY, account TEXT, email TEXT NOT NULL, expires_at INTEGER NOT NULL)',
    )
  }

  /**
   * Makes a link, and returns the secret that is in it: 256 random bits, of which only the hash is kept. One without a purpose is good for nothing: it is
   * made so that as much is written where there is nobody to get one.
   */
  create(purpose: Purpose | undefined): string {
    const secret = randomBytes(32).toString('base64url')
    const row = { hash: hashed(secret), ...(purpose ?? NOBODY), expires_at: Date.now() + LIFE }
    this.#together(() => {
      this.#db.prepare('DELETE FROM links WHERE expires_at <= ?').run(Date.now())
      this.#keep(row)
    })
    return secret
  }

  /** Whether a link could be spent now. */
  isGood(secret: string): boolean {
    return this.#db.prepare(`SELECT 1 FROM links WHERE ${GOOD}`).get(hashed(secret), Date.now()) !== undefined
  }

  /**
   * Spends a link, and every other one for the same, for some work; undefined where it is not good. Reading and deleting are one statement, so of two who
   * race one gets nothing. Where the work fails the link is as it was before.
   */
  async spend<Answer>(
    secret: string,
    work: (purpose: Purpose) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const spent = this.#together(() => {
      const row = this.#db
        .prepare(`DELETE FROM links WHERE ${GOOD} RETURNING *`)
        .get(hashed(secret), Date.now()) as Row | undefined
      if (row !== undefined) {
        this.#db.prepare('DELETE FROM links WHERE account IS ? AND email = ?').run(row.account, row.email)
      }
      return row
    })
    if (spent === undefined) return undefined
    try {
      return await work({ account: spent.account, email: spent.email })
    } catch (error) {
      this.#keep(spent)
      throw error
    }
  }

  #keep(row: Row): void {
    this.#db
      .prepare(
        'INSERT INTO links (hash, account, email, expires_at) VALUES (@hash, @account, @email, @expires_at)',
      )
      .run(row)
  }

  /** One transaction, and so one write to the disk. */
  #together<Answer>(work: () => Answer): Answer {
    return this.#db.transaction(work).immediate()
  }
}

const GOOD = "hash = ? AND expires_at > ? AND email <> ''"

// No slow hash: nobody guesses 256 bits.
function hashed(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
