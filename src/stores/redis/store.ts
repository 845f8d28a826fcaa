import {
  type Account,
  type AccountChange,
  type PasswordReplacement,
  usernameKey,
} from '../../core/account-store.ts'
import type { EpochReading, LogEntry, LogPage, Revocation, TokenIdentity } from '../../core/blocklist.ts'
import type {
  CreatedSession,
  NewSession,
  OpenSession,
  Rotation,
  RotationRequest,
  SessionEnding,
  SessionRecord,
  SessionsEnding,
} from '../../core/session-store.ts'
import type { Store } from '../../core/store.ts'
import { lastUsedFirst, recordOf, type SessionRow } from '../rotation.ts'
import type { Clients } from './connection.ts'
import { Hints } from './hints.ts'
import { Scripts } from './scripts.ts'
import type { RedisSettings } from './settings.ts'
import type { Standing } from './standing.ts'

/** An account as it is kept: lists are texts, since Lua cannot tell an empty one from an empty object. */
type KeptAccount = Omit<Account, 'scopes'> & { readonly scopes: string }

/** What Lua says of a session that was opened. */
type Opened = OpenSession & { readonly session: SessionRow }

/** What was looked at of the log, and where the rest begins: behind many lines that have expired. */
type LogStretch = LogPage & { readonly rest?: number }

/** The store over one Redis, or the one node of a cluster that has all its keys. */
export class RedisStore implements Store {
  readonly remote = true
  readonly #scripts: Scripts
  readonly #hints: Hints

  constructor(clients: Clients, standing: Standing, settings: RedisSettings) {
    this.#scripts = new Scripts(clients, standing, settings)
    this.#hints = new Hints(settings)
  }

  async revoke(revocation: Revocation): Promise<void> {
    await this.#scripts.write('revoke', revocation)
  }

  isRevoked(identity: TokenIdentity): Promise<boolean> {
    return this.#scripts.read('isRevoked', identity)
  }

  readEpoch(issuer: string, sub: string): Promise<EpochReading> {
    return this.#scripts.read('readEpoch', { issuer, sub })
  }

  async readSince(position: number, limit: number): Promise<LogPage> {
    const entries: LogEntry[] = []
    for (let from = position; ; ) {
      const given = { position: from, limit: limit - entries.length }
      const { rest, head, now, ...page } = await this.#scripts.read<LogStretch>('readSince', given)
      entries.push(...listOf<LogEntry>(page.entries))
      if (rest === undefined) return { entries, head, now }
      from = rest
    }
  }

  onAppend(wake: () => void): () => void {
    return this.#hints.add(wake)
  }

  purge(limit: number): Promise<number> {
    return this.#scripts.read('purge', { limit })
  }

  async ping(): Promise<void> {
    await this.#scripts.ping()
  }

  async close(): Promise<void> {
    this.#hints.close()
    this.#scripts.close()
  }

  async createSession(session: NewSession): Promise<CreatedSession> {
    const made = await this.#scripts.write<Opened & { readonly ended: unknown }>('createSession', session)
    return { ...opened(made), ended: listOf<string>(made.ended) }
  }

  async rotateSession(request: RotationRequest): Promise<Rotation> {
    const made = await this.#scripts.write<Opened & { readonly status: Rotation['status'] }>(
      'rotateSession',
      request,
    )
    const { status } = made
    return status === 'rotated' || status === 'repeated' ? { status, ...opened(made) } : { status }
  }

  async listSessions(issuer: string, sub: string): Promise<readonly SessionRecord[]> {
    const rows = listOf<SessionRow>(await this.#scripts.read('listSessions', { issuer, sub }))
    return rows.map(recordOf).sort(lastUsedFirst)
  }

  async listIssuers(sub: string): Promise<readonly string[]> {
    return listOf(await this.#scripts.read('listIssuers', { sub }))
  }

  endSession(ending: SessionEnding): Promise<boolean> {
    return this.#scripts.write('endSession', ending)
  }

  async endSessions(ending: SessionsEnding): Promise<readonly string[]> {
    return listOf(await this.#scripts.write('endSessions', ending))
  }

  async findByUsername(username: string): Promise<Account | undefined> {
    return accountOf(await this.#scripts.read('findByUsername', { key: usernameKey(username) }))
  }

  async findById(id: string): Promise<Account | undefined> {
    return accountOf(await this.#scripts.read('findById', { id }))
  }

  createAccount({ id, username, passwordHash, disabled, scopes }: Account): Promise<boolean> {
    const key = usernameKey(username)
    const account = { id, username, key, passwordHash, disabled, scopes: JSON.stringify(scopes) }
    return this.#scripts.write('createAccount', { key, account })
  }

  changeAccount(id: string, { scopes, ...change }: AccountChange): Promise<boolean> {
    const kept = scopes === undefined ? change : { ...change, scopes: JSON.stringify(scopes) }
    return this.#scripts.write('changeAccount', { id, change: kept })
  }

  replacePassword(id: string, replacement: PasswordReplacement): Promise<boolean> {
    return this.#scripts.write('replacePassword', { id, ...replacement })
  }

  deleteAccount(id: string): Promise<boolean> {
    return this.#scripts.write('deleteAccount', { id })
  }
}

function opened({ session, epoch, now }: Opened): OpenSession {
  return { session: recordOf(session), epoch, now }
}

/** Lua writes an empty list as an empty object. */
function listOf<Item>(list: unknown): readonly Item[] {
  return Array.isArray(list) ? list : []
}

function accountOf(kept: KeptAccount | null): Account | undefined {
  if (kept === null) return undefined
  const { id, username, passwordHash, disabled, scopes } = kept
  return { id, username, passwordHash, disabled, scopes: JSON.parse(scopes) as string[] }
}
