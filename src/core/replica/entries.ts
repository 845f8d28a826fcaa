import type { LogEntry, TokenIdentity } from '../blocklist.ts'
import { formOf, lastWordOf, readId } from './id.ts'
import { IdTable } from './id-table.ts'
import { FOREVER, type Line, type NamedLine, untilOf } from './line.ts'
import { TextTable } from './text-table.ts'

type Kind = LogEntry['kind']

/** Names one thing that is revoked. */
export type Name = Pick<LogEntry, 'kind' | 'issuer' | 'key'>

/**
 * What is revoked, as far as this process knows: by kind, issuer and key, exactly.
 *
 * It only ever learns. What it knows goes when a sweep is told that the store's time is past its expiry, and not before, so an entry may be known for a while
 * longer than the store keeps it; no token is left by then that it could meet.
 */
export class Entries {
  readonly #random: (size: number) => Uint8Array
  readonly #issuers = new Map<string, Readonly<Record<Kind, Keys>>>()

  /** @param random makes the seeds of the tables */
  constructor(random: (size: number) => Uint8Array) {
    this.#random = random
  }

  get size(): number {
    let size = 0
    for (const kinds of this.#issuers.values()) {
      size += kinds.token.size + kinds.session.size + kinds.subject.size
    }
    return size
  }

  blocks({ issuer, jti, sid, sub, ue }: TokenIdentity): boolean {
    const kinds = this.#issuers.get(issuer)
    if (kinds === undefined) return false
    return kinds.token.has(jti) || kinds.session.has(sid) || ue < (kinds.subject.find(sub)?.epoch ?? 0)
  }

  /** Learns a line of the log, and says whether it refuses more than was refused before. */
  add(entry: Omit<LogEntry, 'position'>): boolean {
    const keys = this.#keysOf(entry)
    const known = keys.find(entry.key)
    const until = Math.max(untilOf(entry.expiresAt), known?.until ?? 0)
    const epoch = Math.max(entry.epoch, known?.epoch ?? 0)
    if (known === undefined || known.until !== until || known.epoch !== epoch) {
      keys.put(entry.key, { until, epoch })
    }
    return known === undefined || epoch > known.epoch
  }

  find({ kind, issuer, key }: Name): Line | undefined {
    return this.#issuers.get(issuer)?.[kind].find(key)
  }

  /** Keeps a line, known or new, until it is released. */
  hold(name: Name): void {
    this.#keysOf(name).put(name.key, { epoch: this.find(name)?.epoch ?? 0, until: FOREVER })
  }

  /** Says when a line that was held expires. */
  release(name: Name, until: number): void {
    const line = this.find(name)
    if (line !== undefined) this.#keysOf(name).put(name.key, { ...line, until })
  }

  /** Whether another's line says nothing that is not known here. */
  covers(line: NamedLine): boolean {
    const known = this.find(line)
    return known !== undefined && known.until >= line.until && known.epoch >= line.epoch
  }

  /** Removes what has expired by the store's time, milliseconds since the epoch, a small part at each step. */
  *sweep(now: number): Generator<void> {
    for (const [issuer, kinds] of this.#issuers) {
      for (const keys of Object.values(kinds)) yield* keys.sweep(Math.floor(now / 1000))
      // Between two steps somebody else may have written; between these two lines nobody.
      if (Object.values(kinds).every(({ size }) => size === 0)) this.#issuers.delete(issuer)
    }
  }

  /** Every line. What is learnt meanwhile may be left out. */
  *lines(): Generator<NamedLine> {
    for (const [issuer, kinds] of this.#issuers) {
      for (const [kind, keys] of Object.entries(kinds) as [Kind, Keys][]) {
        for (const line of keys.lines()) yield { kind, issuer, ...line }
      }
    }
  }

  #keysOf({ issuer, kind }: Pick<Name, 'issuer' | 'kind'>): Keys {
    let kinds = this.#issuers.get(issuer)
    if (kinds === undefined) {
      const bytes = Buffer.from(this.#random(8))
      const seed = [bytes.readInt32BE(0), bytes.readInt32BE(4)] as const
      kinds = { token: new Keys(seed, false), session: new Keys(seed, false), subject: new Keys(seed, true) }
      this.#issuers.set(issuer, kinds)
    }
    return kinds[kind]
  }
}

/** The keys of one kind and issuer: ids in the table of their form, anything else as text. */
class Keys {
  readonly #ids: readonly [IdTable, IdTable]
  readonly #texts: TextTable

  constructor(seed: readonly [number, number], hasEpochs: boolean) {
    this.#ids = [new IdTable(0, seed[0], hasEpochs), new IdTable(1, seed[0], hasEpochs)]
    this.#texts = new TextTable(seed, hasEpochs)
  }

  get size(): number {
    return this.#ids[0].size + this.#ids[1].size + this.#texts.size
  }

  has(key: string): boolean {
    if (this.#lacks(key)) return false
    const id = readId(key)
    return id === undefined ? this.#texts.has(key) : this.#ids[id.form].has(id)
  }

  find(key: string): Line | undefined {
    if (this.#lacks(key)) return undefined
    const id = readId(key)
    return id === undefined ? this.#texts.find(key) : this.#ids[id.form].find(id)
  }

  put(key: string, line: Line): void {
    const id = readId(key)
    if (id === undefined) this.#texts.put(key, line)
    else this.#ids[id.form].put(id, line)
  }

  *sweep(time: number): Generator<void> {
    for (const table of [...this.#ids, this.#texts]) yield* table.sweep(time)
  }

  *lines(): Generator<Line & { readonly key: string }> {
    for (const table of [...this.#ids, this.#texts]) yield* table.lines()
  }

  /** Whether a key is surely not there, by as little of it as can be: that is so of nearly all that are asked for. */
  #lacks(key: string): boolean {
    if (this.#texts.size > 0) return false
    const form = formOf(key)
    if (form === undefined) return true
    const ids = this.#ids[form]
    return ids.size === 0 || ids.excludes(lastWordOf(key, form))
  }
}
