import type {
  BlocklistStore,
  EpochReading,
  LogEntry,
  LogPage,
  Revocation,
  TokenIdentity,
} from '../core/blocklist.ts'

export interface MemoryOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly clock?: () => number
}

/**
 * A blocklist in this process's memory: for one process, and for tests. It is empty again after a restart, so every token that was revoked and
 * has not expired works again.
 */
export function memory(options: MemoryOptions = {}): BlocklistStore {
  return new MemoryBlocklist(options.clock ?? Date.now)
}

class MemoryBlocklist implements BlocklistStore {
  readonly #clock: () => number
  readonly #entries = new Map<string, LogEntry>()
  readonly #epochs = new Map<string, number>()
  #head = 0

  constructor(clock: () => number) {
    this.#clock = clock
  }

  async revoke(revocation: Revocation): Promise<void> {
    const { kind, issuer } = revocation
    if (kind === 'token') {
      this.#append(kind, issuer, revocation.jti, 0, revocation.expiresAt * 1000)
      return
    }
    const expiresAt = this.#clock() + revocation.retention * 1000
    if (kind === 'session') this.#append(kind, issuer, revocation.sid, 0, expiresAt)
    else this.#append(kind, issuer, revocation.sub, this.#raise(issuer, revocation.sub), expiresAt)
  }

  isRevoked({ issuer, jti, sid, sub, ue }: TokenIdentity): boolean {
    return (
      this.#isListed('token', issuer, jti) ||
      this.#isListed('session', issuer, sid) ||
      ue < this.#epoch(issuer, sub)
    )
  }

  async readEpoch(issuer: string, sub: string): Promise<EpochReading> {
    return { epoch: this.#epoch(issuer, sub), now: this.#clock() }
  }

  async readSince(position: number, limit: number): Promise<LogPage> {
    const now = this.#clock()
    // A Map keeps the order of insertion, and an entry that moves is deleted first: the order of the map is the order of the log.
    const after = [...this.#entries.values()].filter(
      (entry) => entry.position > position && entry.expiresAt > now,
    )
    return { entries: after.slice(0, limit), head: this.#head, now }
  }

  async purge(limit: number): Promise<number> {
    const now = this.#clock()
    const expired = [...this.#entries].filter(([, entry]) => entry.expiresAt <= now)
    const oldest = expired.sort(([, one], [, other]) => one.expiresAt - other.expiresAt).slice(0, limit)
    for (const [key] of oldest) this.#entries.delete(key)
    return oldest.length
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}

  #append(kind: Revocation['kind'], issuer: string, key: string, epoch: number, expiresAt: number): void {
    const name = nameOf(kind, issuer, key)
    const known = this.#entries.get(name)
    if (known !== undefined && known.expiresAt >= expiresAt && known.epoch >= epoch) return
    this.#entries.delete(name)
    this.#head += 1
    const until = Math.max(expiresAt, known?.expiresAt ?? 0)
    this.#entries.set(name, { position: this.#head, kind, issuer, key, epoch, expiresAt: until })
  }

  #isListed(kind: Revocation['kind'], issuer: string, key: string): boolean {
    const entry = this.#entries.get(nameOf(kind, issuer, key))
    return entry !== undefined && entry.expiresAt > this.#clock()
  }

  #epoch(issuer: string, sub: string): number {
    return this.#epochs.get(nameOf('subject', issuer, sub)) ?? 0
  }

  #raise(issuer: string, sub: string): number {
    const epoch = this.#epoch(issuer, sub) + 1
    this.#epochs.set(nameOf('subject', issuer, sub), epoch)
    return epoch
  }
}

/** One text for three parts, such that no two triples share it. */
function nameOf(kind: Revocation['kind'], issuer: string, key: string): string {
  return `${kind} ${JSON.stringify(issuer)} ${key}`
}
