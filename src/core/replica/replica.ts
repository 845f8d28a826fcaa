import { inTime } from '../availability.ts'
import type { BlocklistStore, LogEntry, TokenIdentity } from '../blocklist.ts'
import { loggable } from '../logger.ts'
import { Entries } from './entries.ts'
import { Follower, type FollowerSettings, type Reading } from './follower.ts'
import type { NamedLine } from './line.ts'
import { type Ending, OwnEndings } from './own-endings.ts'
import { type Need, Polls } from './polls.ts'
import { Pulse } from './pulse.ts'
import { writeAgain } from './restoration.ts'
import { inSlices } from './slices.ts'
import type { ReplicaStatus } from './status.ts'

/** Milliseconds from one poll to the next where every check makes one of its own. */
const IDLE_INTERVAL = 1000
/** Milliseconds between two polls that nobody waits for, at least. */
const LEAST_INTERVAL = 20
/** Milliseconds between two sweeps. */
const SWEEP_INTERVAL = 10_000

/** What a copy is told to know: by the log, or by what this process ended itself. */
export type Revoked = Pick<LogEntry, 'kind' | 'issuer' | 'key' | 'epoch'>

/**
 * This process's own copy of all revocations in force, and the lease under which it is believed.
 *
 * A token is revoked as soon as the copy says so. It is not revoked only where the log was read to its end by a read that was sent no longer than `maxStaleness` before
 * the check began; else the check waits for such a read, and fails with it. With 0 every check waits for the next poll, and those that wait share it.
 */
export class Replica {
  readonly #store: BlocklistStore
  readonly #settings: FollowerSettings
  readonly #entries: Entries
  readonly #own: OwnEndings
  readonly #follower: Follower
  readonly #polls: Polls
  readonly #pulse: Pulse
  readonly #listeners = new Set<(revoked: Revoked) => void>()
  #endHints: (() => void) | undefined
  #isFollowing = false
  #isStopped = false
  /** Only a poll after this many counts: what was ended before is not known by what it is. */
  #fence = 0
  #lost: readonly NamedLine[] = []
  #isRestoring = false
  #swept = Number.NEGATIVE_INFINITY
  #waits = 0
  #refusals = 0
  #losses = 0

  constructor(store: BlocklistStore, settings: FollowerSettings) {
    this.#store = store
    this.#settings = settings
    this.#entries = new Entries(settings.random)
    this.#own = new OwnEndings(this.#entries)
    this.#follower = new Follower(store, settings, {
      learn: (entry) => this.#learn(entry),
      lost: (how) => this.#noticeLoss(how),
    })
    const { maxStaleness, monotonic, clock, logger } = settings
    const poll = (number: number): Promise<Reading> => this.#follower.poll(number)
    const done = (reading: Reading): void => this.#conclude(reading)
    this.#polls = new Polls({ poll, done, monotonic, clock, logger })
    this.#pulse = new Pulse({
      beat: () => this.#polls.next().catch(() => undefined),
      interval: maxStaleness === 0 ? IDLE_INTERVAL : Math.max(maxStaleness / 4, LEAST_INTERVAL),
      least: LEAST_INTERVAL,
      monotonic,
    })
  }

  /** Begins to follow. The first check does so too; an instance which only makes and ends tokens never does. */
  start(): void {
    if (this.#isFollowing || this.#isStopped) return
    this.#isFollowing = true
    this.#endHints = this.#store.onAppend(() => this.#pulse.hurry())
    this.#pulse.hurry()
  }

  /**
   * Whether a token is revoked. The answer is there at once while the lease holds.
   *
   * @throws Error, by its promise, where the store could not be asked
   */
  isRevoked(identity: TokenIdentity): boolean | Promise<boolean> {
    if (this.#entries.blocks(identity)) return true
    const need = this.#need()
    if (this.#settings.maxStaleness > 0 && this.#polls.meet(need)) return false
    return this.#wait(identity, need)
  }

  /**
   * Resolves when checks are answered without waiting: at first with the whole log read.
   *
   * @throws Error that says why they are not
   */
  async ready(): Promise<void> {
    const need = this.#need()
    if (this.#settings.maxStaleness > 0 && this.#polls.meet(need)) return
    try {
      await this.#join(need)
    } catch (cause) {
      throw new Error('the log of revocations cannot be read, so that no token can be accepted', { cause })
    }
  }

  /** Whether a token is known to be revoked; that it is not says nothing. */
  knows(identity: TokenIdentity): boolean {
    return this.#entries.blocks(identity)
  }

  /** Tells of everything that is learnt from here on, as soon as it is. Answers with what ends it. */
  onEntries(listener: (revoked: Revoked) => void): () => void {
    this.start()
    // The same function may be given twice.
    const own = (revoked: Revoked): void => listener(revoked)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  /** For whoever ends something through this process, before that is acknowledged: it is refused here from now on. */
  note(ending: Ending): void {
    // The first poll begins later than this, so it brings what is not noted.
    if (!this.#isFollowing) return
    if (this.#own.note(ending, this.#polls.begun)) this.#tell({ ...ending, epoch: 0 })
  }

  /** The same for what cannot be named yet, such as an epoch that was raised: from now on only what is read later counts. */
  outdate(): void {
    if (!this.#isFollowing) return
    this.#fence = this.#polls.begun
    this.#polls.next().catch(() => undefined)
  }

  status(): ReplicaStatus {
    const { reading, duration, begun, failed } = this.#polls
    return Object.freeze({
      entries: this.#entries.size,
      age: reading === undefined ? null : this.#settings.monotonic() - reading.at,
      lastPoll: duration,
      polls: begun,
      failedPolls: failed,
      waits: this.#waits,
      refusals: this.#refusals,
      losses: this.#losses,
    })
  }

  /** Follows no longer; what is known stays refused, and nothing else is answered. */
  stop(): void {
    this.#isStopped = true
    this.#isFollowing = false
    this.#pulse.stop()
    this.#polls.stop()
    this.#follower.stop()
    this.#endHints?.()
  }

  #need(): Need {
    const { maxStaleness, monotonic, clock } = this.#settings
    const after = maxStaleness === 0 ? this.#polls.begun : this.#fence
    return { after, since: monotonic() - maxStaleness, wallSince: clock() - maxStaleness }
  }

  async #wait(identity: TokenIdentity, need: Need): Promise<boolean> {
    this.#waits += 1
    const { callbackTimeout } = this.#settings
    try {
      // Whoever asks waits no longer, and would not say that it gave up.
      await inTime(this.#join(need), callbackTimeout, `no answer within ${callbackTimeout} ms`)
    } catch (error) {
      this.#refusals += 1
      throw error
    }
    return this.#entries.blocks(identity)
  }

  #join(need: Need): Promise<void> {
    if (this.#isStopped) return Promise.reject(new Error('the log of revocations is not followed any more'))
    this.start()
    return this.#polls.join(need)
  }

  #learn(entry: LogEntry): void {
    this.#own.hear(entry)
    if (this.#entries.add(entry)) this.#tell(entry)
  }

  #tell({ kind, issuer, key, epoch }: Revoked): void {
    for (const listener of this.#listeners) {
      try {
        listener({ kind, issuer, key, epoch })
      } catch (error) {
        this.#settings.logger.error({ err: loggable(error) }, 'a listener for revocations failed')
      }
    }
  }

  #noticeLoss(how: string): void {
    this.#losses += 1
    this.#settings.logger.error(
      { how },
      'the store lost revocations that it had acknowledged; those known here stay in force and are written again',
    )
  }

  #conclude({ poll, now }: Reading): void {
    const { monotonic } = this.#settings
    this.#lost = [...this.#lost, ...this.#own.confirm(poll, now)]
    if (this.#follower.found !== undefined || this.#lost.length > 0) void this.#restore(now)
    if (monotonic() - this.#swept < SWEEP_INTERVAL) return
    this.#swept = monotonic()
    void inSlices(this.#entries.sweep(now), monotonic)
  }

  /** A failure is logged, and the next poll tries again. */
  async #restore(now: number): Promise<void> {
    if (this.#isRestoring) return
    this.#isRestoring = true
    const { found } = this.#follower
    const lost = this.#lost
    try {
      const written =
        (await writeAgain(this.#store, lost, now)) +
        (found === undefined ? 0 : await writeAgain(this.#store, this.#missingIn(found), now))
      this.#lost = this.#lost.slice(lost.length)
      if (found !== undefined) this.#follower.restored(found)
      this.#settings.logger.warn({ written }, 'revocations that the store had lost are written again')
    } catch (error) {
      this.#settings.logger.error(
        { err: loggable(error) },
        'revocations that the store lost could not be written again; it is tried again',
      )
    } finally {
      this.#isRestoring = false
    }
  }

  *#missingIn(found: Entries): Generator<NamedLine> {
    for (const line of this.#entries.lines()) if (!found.covers(line)) yield line
  }
}
