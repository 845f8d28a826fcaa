import cluster from 'node:cluster'
import {
  type Account,
  type AccountChange,
  type PasswordReplacement,
  usernameKey,
} from '../core/account-store.ts'
import type { EpochReading, LogPage, Revocation, TokenIdentity } from '../core/blocklist.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import { callable, checkNames } from '../core/option-checks.ts'
import type {
  CreatedSession,
  NewSession,
  Rotation,
  RotationRequest,
  SessionEnding,
  SessionRecord,
  SessionsEnding,
} from '../core/session-store.ts'
import type { Store } from '../core/store.ts'
import { Listeners } from './listeners.ts'
import { changeAccount, createAccount, deleteAccount, replacePassword } from './memory/accounts.ts'
import { isRevoked, readEpoch, revoke } from './memory/blocklist.ts'
import { purgeLog, readLog } from './memory/log.ts'
import {
  createSession,
  endSession,
  endSessions,
  listIssuers,
  listSessions,
  purgeSessions,
  rotateSession,
} from './memory/sessions.ts'
import { emptyState, type State } from './memory/state.ts'

export interface MemoryOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number
  /** Whether this may be one of several processes of a cluster, each with a memory of its own: a logout at one is then unknown to all others. @default false */
  readonly perProcess?: boolean
}

const NAMES: Readonly<Record<keyof MemoryOptions, true>> = { clock: true, perProcess: true }

/**
 * A store in this process's memory: for one process, and for tests.
 *
 * It is empty again after a restart: sessions and accounts are gone, and every access token that was revoked and has not expired works again.
 *
 * @throws ConfigurationError naming an option that is wrong; and in a worker of `node:cluster`, unless `perProcess` says that this is meant
 */
export function memory(options: MemoryOptions = {}): Store {
  checkNames('memory', options, NAMES)
  const { clock = Date.now, perProcess = false } = options
  callable('memory.clock', clock)
  if (typeof perProcess !== 'boolean')
    throw new ConfigurationError('memory.perProcess: must be true or false')
  if (cluster.isWorker && !perProcess) {
    throw new ConfigurationError(
      'memory: this process is one of a cluster, and the others would not know of its logouts; give a store that they share, such as sqlite(…), or say memory({ perProcess: true })',
    )
  }
  return new MemoryStore(clock)
}

/** Every method does its work before it first awaits, so nothing can come between two steps of one. */
class MemoryStore implements Store {
  readonly remote = false
  readonly #listeners = new Listeners()
  readonly #clock: () => number
  #state: State | undefined = emptyState()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  async revoke(revocation: Revocation): Promise<void> {
    this.#write((state, now) => revoke(state, revocation, now))
  }

  /** Answers at once while the store is open. */
  isRevoked(identity: TokenIdentity): boolean | Promise<boolean> {
    return this.#state === undefined
      ? Promise.reject(closed())
      : isRevoked(this.#state, identity, this.#clock())
  }

  async readEpoch(issuer: string, sub: string): Promise<EpochReading> {
    return { epoch: readEpoch(this.#open(), issuer, sub), now: this.#clock() }
  }

  async readSince(position: number, limit: number): Promise<LogPage> {
    return readLog(this.#open(), position, limit, this.#clock())
  }

  async purge(limit: number): Promise<number> {
    const state = this.#open()
    const now = this.#clock()
    const entries = purgeLog(state, limit, now)
    return entries + purgeSessions(state, limit - entries, now)
  }

  async ping(): Promise<void> {
    this.#open()
  }

  async close(): Promise<void> {
    this.#state = undefined
  }

  async createSession(session: NewSession): Promise<CreatedSession> {
    return this.#write((state, now) => createSession(state, session, now))
  }

  async rotateSession(request: RotationRequest): Promise<Rotation> {
    return this.#write((state, now) => rotateSession(state, request, now))
  }

  async listSessions(issuer: string, sub: string): Promise<readonly SessionRecord[]> {
    return listSessions(this.#open(), issuer, sub, this.#clock())
  }

  async listIssuers(sub: string): Promise<readonly string[]> {
    return listIssuers(this.#open(), sub)
  }

  async endSession(ending: SessionEnding): Promise<boolean> {
    return this.#write((state, now) => endSession(state, ending, now))
  }

  async endSessions(ending: SessionsEnding): Promise<readonly string[]> {
    return this.#write((state, now) => endSessions(state, ending, now))
  }

  async findByUsername(username: string): Promise<Account | undefined> {
    const { accounts, usernames } = this.#open()
    const id = usernames.get(usernameKey(username))
    return id === undefined ? undefined : accounts.get(id)
  }

  async findById(id: string): Promise<Account | undefined> {
    return this.#open().accounts.get(id)
  }

  async createAccount(account: Account): Promise<boolean> {
    return createAccount(this.#open(), account)
  }

  async changeAccount(id: string, change: AccountChange): Promise<boolean> {
    return changeAccount(this.#open(), id, change)
  }

  async replacePassword(id: string, replacement: PasswordReplacement): Promise<boolean> {
    return replacePassword(this.#open(), id, replacement)
  }

  async deleteAccount(id: string): Promise<boolean> {
    return deleteAccount(this.#open(), id)
  }

  onAppend(wake: () => void): () => void {
    return this.#listeners.add(wake)
  }

  /** Does the work, and tells who listens when it made the log grow. */
  #write<Answer>(work: (state: State, now: number) => Answer): Answer {
    const state = this.#open()
    const before = state.head
    const answer = work(state, this.#clock())
    if (state.head > before) this.#listeners.call()
    return answer
  }

  #open(): State {
    if (this.#state === undefined) throw closed()
    return this.#state
  }
}

function closed(): Error {
  return new Error('the memory store is closed')
}
