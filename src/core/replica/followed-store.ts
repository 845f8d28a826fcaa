import type { BlocklistStore, EpochReading, LogPage, Revocation, TokenIdentity } from '../blocklist.ts'
import type {
  CreatedSession,
  NewSession,
  Rotation,
  RotationRequest,
  SessionEnding,
  SessionRecord,
  SessionStore,
  SessionsEnding,
} from '../session-store.ts'
import type { Settings } from '../settings.ts'
import type { Replica } from './replica.ts'

/** What of a copy is told about endings. */
type Copy = Pick<Replica, 'note' | 'outdate'>

/** The settings with a store that tells the copy what is ended through it. */
export function followedBy(replica: Replica, settings: Settings): Settings {
  if (settings.sessions === undefined) {
    return Object.freeze({ ...settings, blocklist: new FollowedBlocklist(settings.blocklist, replica) })
  }
  const sessions = new FollowedSessions(settings.sessions, replica)
  return Object.freeze({ ...settings, blocklist: sessions, sessions })
}

/** A blocklist whose revocations the copy knows before they are acknowledged, so that this process refuses at once what it revoked. */
export class FollowedBlocklist implements BlocklistStore {
  readonly remote = true
  readonly #store: BlocklistStore
  readonly #copy: Copy

  constructor(store: BlocklistStore, copy: Copy) {
    this.#store = store
    this.#copy = copy
  }

  async revoke(revocation: Revocation): Promise<void> {
    await this.#store.revoke(revocation)
    const { kind, issuer } = revocation
    if (kind === 'token') {
      this.#copy.note({ kind, issuer, key: revocation.jti, kept: { until: revocation.expiresAt * 1000 } })
    } else if (kind === 'session') {
      this.noteSession(issuer, revocation.sid, revocation.retention)
    } else {
      this.outdate()
    }
  }

  isRevoked(identity: TokenIdentity): boolean | Promise<boolean> {
    return this.#store.isRevoked(identity)
  }

  readEpoch(issuer: string, sub: string): Promise<EpochReading> {
    return this.#store.readEpoch(issuer, sub)
  }

  readSince(position: number, limit: number): Promise<LogPage> {
    return this.#store.readSince(position, limit)
  }

  onAppend(wake: () => void): () => void {
    return this.#store.onAppend(wake)
  }

  purge(limit: number): Promise<number> {
    return this.#store.purge(limit)
  }

  ping(): Promise<void> {
    return this.#store.ping()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  protected noteSession(issuer: string, sid: string, retention: number): void {
    this.#copy.note({ kind: 'session', issuer, key: sid, kept: { atMost: retention * 1000 } })
  }

  /** The epoch that was raised is read with the log. Until then nothing that was read before counts, and so no token of before. */
  protected outdate(): void {
    this.#copy.outdate()
  }
}

/** The same for a store that keeps sessions: every way in which one ends. */
export class FollowedSessions extends FollowedBlocklist implements SessionStore {
  readonly #store: SessionStore

  constructor(store: SessionStore, copy: Copy) {
    super(store, copy)
    this.#store = store
  }

  async createSession(session: NewSession): Promise<CreatedSession> {
    const created = await this.#store.createSession(session)
    for (const sid of created.ended) this.noteSession(session.issuer, sid, session.limit?.retention ?? 0)
    return created
  }

  async rotateSession(request: RotationRequest): Promise<Rotation> {
    const rotation = await this.#store.rotateSession(request)
    const { issuer, sid } = request.identity
    if (rotation.status === 'reused') this.noteSession(issuer, sid, request.retention)
    return rotation
  }

  listSessions(issuer: string, sub: string): Promise<readonly SessionRecord[]> {
    return this.#store.listSessions(issuer, sub)
  }

  listIssuers(sub: string): Promise<readonly string[]> {
    return this.#store.listIssuers(sub)
  }

  async endSession(ending: SessionEnding): Promise<boolean> {
    const ended = await this.#store.endSession(ending)
    if (ended) this.noteSession(ending.issuer, ending.sid, ending.retention)
    return ended
  }

  async endSessions(ending: SessionsEnding): Promise<readonly string[]> {
    const ended = await this.#store.endSessions(ending)
    if (ending.except === undefined) this.outdate()
    else for (const sid of ended) this.noteSession(ending.issuer, sid, ending.retention)
    return ended
  }
}
