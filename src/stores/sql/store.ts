import type { RawBuilder } from 'kysely'
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
import { compiledIsRevoked, readEpochAndTime, revoke } from './blocklist.ts'
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
  readonly #isRevoked: ReturnType<typeof compiledIsRevoked>

  constructor(access: SqlAccess) {
    this.#access = access
    this.#isRevoked = compiledIsRevoked(access.clock)
    this.remote = access.remote
  }

  onAppend(wake: () => void): () => void {
    return this.#access.onWrite(wake)
  }

  async revoke(revocation: Revocation): Promise<void> {
    await this.#access.write((turn) => revoke(turn, revocation))
  }

  isRevoked(identity: TokenIdentity): Promise<boolean> {
    return this.#access.read((db) => this.#isRevoked(db, identity))
  }

  readEpoch(issuer: string, sub: string): Promise<EpochReading> {
    return this.#access.read((db) => readEpochAndTime(db, issuer, sub, this.#now()))
  }

  readSince(position: number, limit: number): Promise<LogPage> {
    return this.#access.read((db) => readLog(db, position, limit, this.#now()))
  }

  purge(limit: number): Promise<number> {
    return this.#access.write(async (turn) => {
      const entries = await purgeLog(turn, limit)
      return entries + (await purgeSessions(turn, limit - entries))
    })
  }

  async ping(): Promise<void> {
    await this.readSince(0, 1)
  }

  close(): Promise<void> {
    return this.#access.close()
  }

  createSession(session: NewSession): Promise<CreatedSession> {
    return this.#access.write((turn) => createSession(turn, session))
  }

  rotateSession(request: RotationRequest): Promise<Rotation> {
    return this.#access.write((turn) => rotateSession(turn, request))
  }

  listSessions(issuer: string, sub: string): Promise<readonly SessionRecord[]> {
    return this.#access.read((db) => listSessions(db, issuer, sub, this.#now()))
  }

  listIssuers(sub: string): Promise<readonly string[]> {
    return this.#access.read((db) => listIssuers(db, sub))
  }

  endSession(ending: SessionEnding): Promise<boolean> {
    return this.#access.write((turn) => endSession(turn, ending))
  }

  endSessions(ending: SessionsEnding): Promise<readonly string[]> {
    return this.#access.write((turn) => endSessions(turn, ending))
  }

  findByUsername(username: string): Promise<Account | undefined> {
    return this.#access.read((db) => findByUsername(db, username))
  }

  findById(id: string): Promise<Account | undefined> {
    return this.#access.read((db) => findById(db, id))
  }

  createAccount(account: Account): Promise<boolean> {
    return this.#access.write(({ trx }) => createAccount(trx, account))
  }

  changeAccount(id: string, change: AccountChange): Promise<boolean> {
    return this.#access.write(({ trx }) => changeAccount(trx, id, change))
  }

  replacePassword(id: string, replacement: PasswordReplacement): Promise<boolean> {
    return this.#access.write(({ trx }) => replacePassword(trx, id, replacement))
  }

  deleteAccount(id: string): Promise<boolean> {
    return this.#access.write(({ trx }) => deleteAccount(trx, id))
  }

  #now(): RawBuilder<number> {
    const { clock } = this.#access
    return clock.time(clock.number())
  }
}
