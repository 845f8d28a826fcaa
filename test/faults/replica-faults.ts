import type { Fault } from './faults.ts'

const REPLICA = 'test/core/replica.test.ts'
const OWN = 'test/core/replica-own-endings.test.ts'
const ENTRIES = 'test/core/replica-entries.test.ts'
const COPY = 'src/core/replica/replica.ts'
const FOLLOWER = 'src/core/replica/follower.ts'
const POLLS = 'src/core/replica/polls.ts'

/** Ways in which a copy of the revocations could believe, forget or miss. */
export const REPLICA_FAULTS: readonly Fault[] = [
  {
    name: 'a read counts from when its answer arrived',
    file: FOLLOWER,
    find: 'return { poll, ...sent, now: page.now }',
    replace: 'return { poll, at: this.#settings.monotonic(), wall: sent.wall, now: page.now }',
    test: REPLICA,
    title: /for maxStaleness after a read was sent/,
  },
  {
    name: 'with no staleness a check joins the read under way',
    file: COPY,
    find: 'maxStaleness === 0 ? this.#polls.begun : this.#fence',
    replace: 'this.#fence',
    test: REPLICA,
    title: /waits for a poll that begins after it, never for one under way/,
  },
  {
    name: 'a copy is complete after a page',
    file: FOLLOWER,
    find: 'if (last !== undefined && last.position < page.head && page.head !== this.#end) continue',
    replace: '',
    test: REPLICA,
    title: /before the whole log is read, however many pages/,
  },
  {
    name: 'a log that ends sooner than before is believed',
    file: FOLLOWER,
    find: 'if (head < this.#head) return',
    replace: 'if (head < 0) return',
    test: REPLICA,
    title: /loses nothing that is known here: it stays refused/,
  },
  {
    name: 'a line in the place of another is believed',
    file: FOLLOWER,
    find: 'return one.key === other.key && one.issuer === other.issuer && one.kind === other.kind',
    replace: 'return one.issuer === other.issuer && one.kind === other.kind',
    test: REPLICA,
    title: /noticed though it has written as much again/,
  },
  {
    name: 'a log that was trimmed is believed',
    file: FOLLOWER,
    find: 'if (anchor !== undefined && anchor.expiresAt > page.now) {',
    replace: 'if (anchor !== undefined && anchor.expiresAt > page.now && poll < 0) {',
    test: REPLICA,
    title: /noticed where lines were deleted by hand/,
  },
  {
    name: 'an entry goes by the clock of this machine',
    file: COPY,
    find: 'this.#entries.sweep(now)',
    replace: 'this.#entries.sweep(this.#settings.clock())',
    test: REPLICA,
    title: /an entry goes by the store’s time/,
  },
  {
    name: 'a read that failed counts as one that succeeded',
    file: POLLS,
    find: 'this.#failed += 1\n',
    replace:
      'this.#failed += 1\n      this.#reading = { poll, at: began, wall: this.#parts.clock(), now: 0 }\n',
    test: REPLICA,
    title: /where it has lapsed and the store fails, checks fail/,
  },
  {
    name: 'a read is believed over a time in which the machine slept',
    file: POLLS,
    find: 'return reading !== undefined && reading.poll > after && reading.at >= since && reading.wall >= wallSince',
    replace: 'return reading !== undefined && reading.poll > after && reading.at >= since && wallSince > 0',
    test: REPLICA,
    title: /after a machine was suspended, what it knew before/,
  },
  {
    name: 'a read that ran out of time while the process stood still is given up',
    file: FOLLOWER,
    find: 'if (!standstill.happened || this.#isStopped) throw error',
    replace: 'if (standstill.happened || this.#isStopped) throw error',
    test: REPLICA,
    title: /while this process stood still is sent once more/,
  },
  {
    name: 'a read that is sent again counts from when it was sent first',
    file: FOLLOWER,
    find: 'return await this.#ask(cursor)\n    } finally',
    replace: 'return { ...(await this.#ask(cursor)), sent: { at: 0, wall: 0 } }\n    } finally',
    test: REPLICA,
    title: /ran out while this process stood still is sent once more/,
  },
  {
    name: 'a check that is cut off is not counted',
    file: COPY,
    find: 'inTime(this.#join(need), callbackTimeout, ',
    replace: 'inTime(this.#join(need), 60_000, ',
    test: REPLICA,
    title: /cut off by callbackTimeout counts as refused/,
  },
  {
    name: 'what this process ended waits for the log',
    file: COPY,
    find: 'if (this.#own.note(ending, this.#polls.begun)) this.#tell({ ...ending, epoch: 0 })',
    replace: '',
    test: OWN,
    title: /a session or a token without waiting for the store/,
  },
  {
    name: 'what this process ended is forgotten where the store lost it',
    file: COPY,
    find: 'this.#lost = [...this.#lost, ...this.#own.confirm(poll, now)]',
    replace: 'this.#own.confirm(poll, now)',
    test: REPLICA,
    title: /writes again what was acknowledged here and never came back/,
  },
  {
    name: 'a read that was sent before an epoch was raised counts after',
    file: COPY,
    find: 'this.#fence = this.#polls.begun\n',
    replace: '\n',
    test: OWN,
    title: /everything of a subject as soon as the log was read once more/,
  },
  {
    name: 'a sweep drops lines that are in force',
    file: 'src/core/replica/segment.ts',
    find: 'if (expired > 0 && expired === segment.count) segments[index] = undefined',
    replace: 'if (expired > 0) segments[index] = undefined',
    test: ENTRIES,
    title: /grow and shrink with many ids/,
  },
  {
    name: 'texts that a sweep leaves lose their place',
    file: 'src/core/replica/text-table.ts',
    find: 'after[slot * width + START] = taken',
    replace: '',
    test: ENTRIES,
    title: /grow and shrink with many texts/,
  },
]
