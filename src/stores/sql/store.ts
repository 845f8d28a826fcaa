import type { Account, AccountChange, PasswordReplacement } from '../../core/account-store.ts'
import type { EpochReading, LogPage, Revocation, TokenIdentity } from '../../core/blocklist.ts'
import type {
  CreatedSession,
  NewSession,
  Rotation,
  RotationRequest,
  SessionEnding,
  SessionRecord,
  SessionsEnding,
} from '../../core/session-store.ts'
import type { Store } from '../../core/store.ts'
import type { SqlAccess } from './access.ts'
import {
  changeAccount,
  createAccount,
  deleteAccount,
  findById,
  findByUsername,
  replacePassword,
} from './accounts.ts'
import { compiledIsRevoked, readEpoch, revoke } from './blocklist.ts'
import { purgeLog, readLog } from './log.ts'
import {
  createSession,
  endSession,
  endSessions,
  listIssuers,
  listSessions,
  purgeSessions,
  rotateSession,
} from './sessions.ts'

/** The store over any SQL database that Kysely speaks to. */
export class SqlStore implements Store {
  readonly remote: boolean
  readonly #access: SqlAccess
  readonly #clock: () => number
  readonly #isRevoked = compiledIsRevoked()

  /** @param clock read only once the transaction has begun: a time from before a wait for the lock could undercut a revocation */
  constructor(access: SqlAccess, clock: () => number) {
    this.#access = access
    this.#clock = clock
    this.remote = access.remote
  }

  onAppend(wake: () => void): () => void {
    return this.#access.onWrite(wake)
  }

  async revoke(revocation: Revocation): Promise<void> {
    await this.#access.write((trx) => revoke(trx, revocation, this.#clock()))
  }

  isRevoked(identity: TokenIdentity): Promise<boolean> {
    return this.#access.read((db) => this.#isRevoked(db, identity, this.#clock()))
  }

  readEpoch(issuer: string, sub: string): Promise<EpochReading> {
    return this.#access.read(async (db) => {
      // Before the epoch: a revocation in between may refuse the new token, and never misses it.
      const now = this.#clock()
      return { epoch: await readEpoch(db, issuer, sub), now }
    })
  }

  readSince(position: number, limit: number): Promise<LogPage> {
    return this.#access.read((db) => readLog(db, position, limit, this.#clock()))
  }

  purge(limit: number): Promise<number> {
    return this.#access.write(async (trx) => {
      const now = this.#clock()
      const entries = await purgeLog(trx, limit, now)
      return entries + (await purgeSessions(trx, limit - entries, now))
    })
  }

  async ping(): Promise<void> {
    await this.readSince(0, 1)
  }

  close(): Promise<void> {
    return this.#access.close()
  }

  createSession(session: NewSession): Promise<CreatedSession> {
    return this.#access.write((trx) => createSession(trx, session, this.#clock()))
  }

  rotateSession(request: RotationRequest): Promise<Rotation> {
    return this.#access.write((trx) => rotateSession(trx, request, this.#clock()))
  }

  listSessions(issuer: string, sub: string): Promise<readonly SessionRecord[]> {
    return this.#access.read((db) => listSessions(db, issuer, sub, this.#clock()))
  }

  listIssuers(sub: string): Promise<readonly string[]> {
    return this.#access.read((db) => listIssuers(db, sub))
  }

  endSession(ending: SessionEnding): Promise<boolean> {
    return this.#access.write((trx) => endSession(trx, ending, this.#clock()))
  }

  endSessions(ending: SessionsEnding): Promise<readonly string[]> {
    return this.#access.write((trx) => endSessions(trx, ending, this.#clock()))
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return this.#access.read((db) => findByUsername(db, username))
  }

  findById(id: string): Promise<Account | undefined> {
    return this.#access.read((db) => findById(db, id))
  }

  createAccount(account: Account): Promise<boolean> {
    return this.#access.write((trx) => createAccount(trx, account))
  }

  changeAccount(id: string, change: AccountChange): Promise<boolean> {
    return this.#access.write((trx) => changeAccount(trx, id, change))
  }

  replacePassword(id: string, replacement: PasswordReplacement): Promise<boolean> {
    return this.#access.write((trx) => replacePassword(trx, id, replacement))
  }

  deleteAccount(id: string): Promise<boolean> {
    return this.#access.write((trx) => deleteAccount(trx, id))
  }
}
