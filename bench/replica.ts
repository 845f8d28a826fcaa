/**
 * One million revocations in force in a process's own copy: memory, start, checks, and the longest time that the event loop stood still.
 *
 *     node bench/replica.ts
 */
import { execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { LogEntry, LogPage, TokenIdentity } from '../src/core/blocklist.ts'
import { Entries } from '../src/core/replica/entries.ts'
import { Replica } from '../src/core/replica/replica.ts'
import { inSlices } from '../src/core/replica/slices.ts'
import { memory } from '../src/stores/memory.ts'

const COUNT = 1_000_000
const CHECKS = 1_000_000
const ISSUER = 'https://issuer.example'
const NOW = 1_750_000_000_000
/** Bytes from which the keys are made again and again: a million texts would be what is measured. */
const POOL = randomBytes(1 << 16)

type Keys = (index: number) => string

const ownId: Keys = (index) => bytesAt(index).toString('base64url')

const uuid: Keys = (index) =>
  bytesAt(index)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')

const KEYS: Readonly<Record<string, Keys>> = {
  'ids of this library': ownId,
  UUIDs: uuid,
  'other texts': (index) => `session of ${bytesAt(index).toString('base64url')}`,
}

function bytesAt(index: number): Buffer {
  const bytes = Buffer.from(POOL.subarray(index % 60_000, (index % 60_000) + 16))
  bytes.writeUInt32BE(index, 12)
  return bytes
}

/** A log that is made as it is read, the last half of it expiring after the first. */
function storeOf(keys: Keys) {
  return Object.assign(Object.create(memory()), {
    remote: true,
    onAppend: () => () => undefined,
    async readSince(position: number, limit: number): Promise<LogPage> {
      await setImmediate()
      const length = Math.max(0, Math.min(limit, COUNT - position))
      const entries = Array.from({ length }, (_, index) => entryAt(position + index + 1, keys))
      return { entries, head: COUNT, now: NOW }
    },
  })
}

/** Nearly all are sessions. Of a thousand one is a token and one a subject, so that a check has to look for all three. */
function entryAt(position: number, keys: Keys): LogEntry {
  const expiresAt = NOW + (position > COUNT / 2 ? 2_000_000 : 1_000_000)
  const entry = { position, issuer: ISSUER, expiresAt, epoch: 0 }
  if (position % 1000 === 0) return { ...entry, kind: 'token', key: ownId(position) }
  if (position % 1000 === 1) return { ...entry, kind: 'subject', key: uuid(position), epoch: NOW }
  return { ...entry, kind: 'session', key: keys(position) }
}

const settings = {
  maxStaleness: 60_000,
  callbackTimeout: 2000,
  logger: console,
  clock: Date.now,
  monotonic: () => performance.now(),
  random: randomBytes,
}

async function measure(name: string, keys: Keys): Promise<object> {
  const idle = await timed(() => setTimeout(2000))
  const busy = await timed(() => inSlices(counting(), settings.monotonic))
  globalThis.gc?.()
  const before = memoryInUse()
  const replica = new Replica(storeOf(keys), settings)
  const start = await timed(() => replica.ready())
  globalThis.gc?.()
  const megabytes = (memoryInUse() - before) / 1e6
  const hit = check(replica, (index) => keys(1 + (index % COUNT)))
  const miss = check(replica, () => name)
  const idMiss = check(replica, (index) => keys(COUNT + 1 + index))
  const status = replica.status()
  replica.stop()
  const entries = new Entries(randomBytes)
  const load = await timed(() => inSlices(fill(entries, keys), settings.monotonic))
  const sweep = await timed(() => inSlices(entries.sweep(NOW + 1_500_000), settings.monotonic))
  return {
    keys: name,
    entries: status.entries,
    MB: round(megabytes),
    'B/entry': round((megabytes * 1e6) / COUNT),
    'an idle loop: pause ms': round(idle.pause),
    'a loop that counts: pause ms': round(busy.pause),
    'of it work ms': round(busy.work),
    'start ms': round(start.took),
    'start: pause ms': round(start.pause),
    'start: work ms': round(start.work),
    'apply ms': round(load.took),
    'apply: pause ms': round(load.pause),
    'apply: work ms': round(load.work),
    'revoked ns': hit,
    'not revoked ns': idMiss,
    'other form ns': miss,
    'sweep of half ms': round(sweep.took),
    'sweep: pause ms': round(sweep.pause),
    'sweep: work ms': round(sweep.work),
    left: entries.size,
  }
}

function* fill(entries: Entries, keys: Keys): Generator<void> {
  for (let position = 1; position <= COUNT; position += 1) {
    entries.add(entryAt(position, keys))
    if (position % 64 === 0) yield
  }
}

/** Nanoseconds of this thread that a check takes, of keys that were made before, as those of tokens that were just read. */
function check(replica: Replica, keyOf: Keys): number {
  const tokens: TokenIdentity[] = Array.from({ length: 10_000 }, (_, index) => ({
    issuer: ISSUER,
    jti: randomBytes(16).toString('base64url'),
    sid: keyOf(index * 97),
    sub: randomUUID(),
    ue: 0,
  }))
  const began = threadTime()
  for (let index = 0; index < CHECKS; index += 1)
    void replica.isRevoked(tokens[index % 10_000] as TokenIdentity)
  return Math.round(((threadTime() - began) * 1e6) / CHECKS)
}

/** Milliseconds. */
interface Timing {
  readonly took: number
  /** The longest that the event loop stood still. */
  readonly pause: number
  /**
   * The longest that its thread computed without a turn for others: what a pause is where nobody else takes the processor away. Linux counts in steps of up to 4 ms, so this
   * may be that much too long.
   */
  readonly work: number
}

async function timed(work: () => Promise<unknown>): Promise<Timing> {
  const longest = { pause: 0, work: 0 }
  let [wall, cpu] = [performance.now(), threadTime()]
  const look = () => {
    const [wallNow, cpuNow] = [performance.now(), threadTime()]
    longest.pause = Math.max(longest.pause, wallNow - wall - 1)
    longest.work = Math.max(longest.work, cpuNow - cpu)
    wall = wallNow
    cpu = cpuNow
  }
  const ticks = setInterval(look, 1)
  const began = performance.now()
  await work()
  const took = performance.now() - began
  await setTimeout(5)
  clearInterval(ticks)
  return { took, ...longest }
}

function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** What a loop suffers that counts in the same slices, and touches no memory. */
function* counting(): Generator<void> {
  const end = performance.now() + 2000
  while (performance.now() < end) yield
}

function memoryInUse(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const round = (value: number): number => Math.round(value * 10) / 10

// Each kind of key in a process of its own: what one leaves behind is not counted with the next.
const [, file = '', chosen] = process.argv
const keys = KEYS[chosen ?? '']
if (chosen !== undefined && keys !== undefined) console.log(JSON.stringify(await measure(chosen, keys)))
else {
  const run = (name: string): object =>
    JSON.parse(execFileSync(process.execPath, ['--expose-gc', file, name], { encoding: 'utf8' })) as object
  const rows = Object.keys(KEYS).map(run)
  const [first = {}] = rows
  for (const column of Object.keys(first)) {
    console.log([column, ...rows.map((row) => (row as Record<string, unknown>)[column])].join('\t'))
  }
}
