import { setTimeout } from 'node:timers/promises'
import { inTime } from '../availability.ts'
import type { BlocklistStore, LogEntry, LogPage } from '../blocklist.ts'
import type { Settings } from '../settings.ts'
import { Entries } from './entries.ts'
import { inSlices } from './slices.ts'
import { Standstill } from './standstill.ts'

/** How many lines are asked for at once: as many as a driver makes objects of in a millisecond or two. */
const PAGE = 500
/** Lines that are learnt between two looks at the clock. */
const STEP = 64
/** Milliseconds that a read at the end of the log gets, where staleness allows less. */
const LEAST_PATIENCE = 500
/** Milliseconds between two reads of which the first failed at once. */
const PAUSE = 25

/** What following needs of the settings. */
export type FollowerSettings = Pick<
  Settings,
  'maxStaleness' | 'callbackTimeout' | 'logger' | 'clock' | 'monotonic' | 'random'
>

/** A poll that read the log to its end. */
export interface Reading {
  /** Polls are counted from 1 in the order in which they begin. */
  readonly poll: number
  /** When the last of its reads was sent, by the monotonic clock. All that was acknowledged before is known. */
  readonly at: number
  /** The same by the wall clock. */
  readonly wall: number
  /** The store's clock, milliseconds since the epoch. */
  readonly now: number
}

/** A page, and when it was asked for. */
interface Answered {
  readonly page: LogPage
  readonly sent: Pick<Reading, 'at' | 'wall'>
}

/** What becomes of what is read. */
export interface FollowerEvents {
  learn(entry: LogEntry): void
  /** The store lost lines that it had given out; from here on the log is read again from its start. */
  lost(how: string): void
}

/**
 * Reads a store's log from where it read last, to its end.
 *
 * Each poll begins with the very line that the last one ended with. Where another stands in its place, or none though it has not expired, or where the log is
 * shorter than it was, the store went back in time or was cut by hand: then everything is read again.
 */
export class Follower {
  readonly #store: Pick<BlocklistStore, 'readSince'>
  readonly #settings: FollowerSettings
  readonly #events: FollowerEvents
  /** The last line that was read. */
  #anchor: LogEntry | undefined
  #head = 0
  /** Where the log ended when it was last read to its end. */
  #end = -1
  /** What the store has, as far as it was read again since it lost something. */
  #found: Entries | undefined
  /** Whether the log is being read from its start: its pages may take longer. */
  #isBehind = true
  /** The poll that last found something lost. */
  #lostIn = 0
  #isStopped = false

  constructor(store: Pick<BlocklistStore, 'readSince'>, settings: FollowerSettings, events: FollowerEvents) {
    this.#store = store
    this.#settings = settings
    this.#events = events
  }

  /** After a loss: what the store has again. Undefined where nothing is to be restored. */
  get found(): Entries | undefined {
    return this.#found
  }

  /** The poll under way fails, and so does every other. */
  stop(): void {
    this.#isStopped = true
  }

  /** What was lost is back. */
  restored(found: Entries): void {
    if (this.#found === found) this.#found = undefined
  }

  /**
   * Reads to the end of the log.
   *
   * @throws Error where the store fails, stays silent or breaks its contract
   */
  async poll(poll: number): Promise<Reading> {
    let anchor: LogEntry | undefined = this.#anchor
    let cursor = anchor === undefined ? 0 : anchor.position - 1
    for (;;) {
      const { page, sent } = await this.#read(cursor)
      if (this.#isStopped) throw new Error('the log is not followed any more')
      const loss = this.#lossIn(page, anchor)
      if (loss !== undefined) return this.#startOver(loss, poll)
      await inSlices(this.#learn(page.entries), this.#settings.monotonic)
      // It is enough to meet its line once, wherever that has moved.
      if (anchor !== undefined && hasKeyOf(page, anchor)) anchor = undefined
      this.#head = page.head
      const last = page.entries.at(-1)
      if (last !== undefined) {
        if (last.position <= cursor) throw new Error('the log of the store does not ascend')
        this.#anchor = last
        cursor = last.position
      }
      // The last lines may have expired; where the log ends as it did before there is nothing else to read.
      if (last !== undefined && last.position < page.head && page.head !== this.#end) continue
      if (anchor !== undefined && anchor.expiresAt > page.now) {
        return this.#startOver('a line is gone that has not expired', poll)
      }
      this.#end = page.head
      this.#isBehind = false
      return { poll, ...sent, now: page.now }
    }
  }

  #lossIn({ head, entries }: LogPage, anchor: LogEntry | undefined): string | undefined {
    if (head < this.#head) return `its log ends at ${head}, and ended at ${this.#head} before`
    const inPlace = entries.find(({ position }) => position === anchor?.position)
    return inPlace === undefined || anchor === undefined || isSameKey(inPlace, anchor)
      ? undefined
      : `another line stands at ${anchor.position}`
  }

  async #startOver(how: string, poll: number): Promise<Reading> {
    if (this.#lostIn === poll) throw new Error(`the log of the store goes back and forth: ${how}`)
    this.#lostIn = poll
    this.#anchor = undefined
    this.#head = 0
    this.#end = -1
    this.#isBehind = true
    this.#found = new Entries(this.#settings.random)
    this.#events.lost(how)
    return this.poll(poll)
  }

  *#learn(entries: readonly LogEntry[]): Generator<void> {
    for (const [index, entry] of entries.entries()) {
      this.#found?.add(entry)
      this.#events.learn(entry)
      if (index % STEP === STEP - 1) yield
    }
  }

  /**
   * Reads a page, and again where that fails while this process stood still: then the time of the first was up, here and in the driver, before anybody could look
   * whether its answer was there. A driver that gave its connection up needs a moment for the next one.
   */
  async #read(cursor: number): Promise<Answered> {
    const standstill = new Standstill(this.#settings.monotonic)
    try {
      return await this.#ask(cursor)
    } catch (error) {
      if (!standstill.happened) throw error
      return await this.#insist(cursor)
    } finally {
      standstill.stop()
    }
  }

  /** Reads until that succeeds, or has failed for a while. */
  async #insist(cursor: number): Promise<Answered> {
    const { monotonic } = this.#settings
    const began = monotonic()
    for (;;) {
      try {
        return await this.#ask(cursor)
      } catch (error) {
        if (this.#isStopped || monotonic() - began >= LEAST_PATIENCE) throw error
        await setTimeout(PAUSE)
      }
    }
  }

  /** A read that stays silent is given up, so that the next one can be sent. */
  async #ask(cursor: number): Promise<Answered> {
    const { maxStaleness, callbackTimeout, monotonic, clock } = this.#settings
    const sent = { at: monotonic(), wall: clock() }
    const soon = Math.min(callbackTimeout, Math.max(maxStaleness, LEAST_PATIENCE))
    const milliseconds = this.#isBehind ? callbackTimeout : soon
    const silence = `the log of the store was not to be read within ${milliseconds} ms`
    return { page: await inTime(this.#store.readSince(cursor, PAGE), milliseconds, silence), sent }
  }
}

function hasKeyOf({ entries }: LogPage, line: LogEntry): boolean {
  return entries.some((entry) => isSameKey(entry, line))
}

function isSameKey(one: LogEntry, other: LogEntry): boolean {
  return one.key === other.key && one.issuer === other.issuer && one.kind === other.kind
}
