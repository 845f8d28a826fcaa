/**
 * One million revocations in force in a process's own copy: memory, start, checks, and the longest time that the event loop stood still.
 *
 *     node bench/replica.ts
 */
import { execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
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

const KEYS: Readonly<Record<string, Keys>> = {
  'ids of this library': (index) => bytesAt(index).toString('base64url'),
  UUIDs: (index) =>
    bytesAt(index)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  'other texts': (index) => `session of ${bytesAt(index).toString('base64url')}`,
}

function bytesAt(index: number): Buffer {
  const bytes = Buffer.from(POOL.subarray(index % 60_000, (index % 60_000) + 16))
  bytes.writeUInt32BE(index, 0)
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

function entryAt(position: number, keys: Keys): LogEntry {
  const expiresAt = NOW + (position > COUNT / 2 ? 2_000_000 : 1_000_000)
  return { position, kind: 'session', issuer: ISSUER, key: keys(position), epoch: 0, expiresAt }
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
  const idle = await paused(() => setTimeout(2000))
  globalThis.gc?.()
  const before = memoryInUse()
  const replica = new Replica(storeOf(keys), settings)
  const start = await paused(() => replica.ready())
  globalThis.gc?.()
  const megabytes = (memoryInUse() - before) / 1e6
  const hit = check(replica, (index) => keys(1 + (index % COUNT)))
  const miss = check(replica, () => name)
  const idMiss = check(replica, (index) => keys(COUNT + 1 + index))
  const status = replica.status()
  replica.stop()
  const entries = new Entries(randomBytes)
  const load = await paused(() => inSlices(fill(entries, keys), settings.monotonic))
  const sweep = await paused(() => inSlices(entries.sweep(NOW + 1_500_000), settings.monotonic))
  return {
    keys: name,
    entries: status.entries,
    MB: round(megabytes),
    'B/entry': round((megabytes * 1e6) / COUNT),
    'pause of an idle loop ms': round(idle.pause),
    'start ms': round(start.milliseconds),
    'pause at start ms': round(start.pause),
    'of the collector ms': round(start.collector),
    'apply ms': round(load.milliseconds),
    'pause ms': round(load.pause),
    'revoked ns': hit,
    'not revoked ns': idMiss,
    'other form ns': miss,
    'sweep of half ms': round(sweep.milliseconds),
    'pause in it ms': round(sweep.pause),
    left: entries.size,
  }
}

function* fill(entries: Entries, keys: Keys): Generator<void> {
  for (let position = 1; position <= COUNT; position += 1) {
    entries.add(entryAt(position, keys))
    if (position % 64 === 0) yield
  }
}

/** Nanoseconds of a check of keys that were made before, as those of tokens that were just read. */
function check(replica: Replica, keyOf: Keys): number {
  const tokens: TokenIdentity[] = Array.from({ length: 10_000 }, (_, index) => ({
    issuer: ISSUER,
    jti: randomBytes(16).toString('base64url'),
    sid: keyOf(index * 97),
    sub: randomUUID(),
    ue: 0,
  }))
  const began = performance.now()
  for (let index = 0; index < CHECKS; index += 1)
    void replica.isRevoked(tokens[index % 10_000] as TokenIdentity)
  return Math.round(((performance.now() - began) * 1e6) / CHECKS)
}

/** How long something takes, the longest that the event loop stood still meanwhile, and the longest that the collector took of it at once. */
async function paused(
  work: () => Promise<unknown>,
): Promise<{ milliseconds: number; pause: number; collector: number }> {
  let collector = 0
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collector = Math.max(collector, duration)
  })
  observer.observe({ entryTypes: ['gc'] })
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  await setTimeout(20)
  histogram.reset()
  const began = performance.now()
  await work()
  const milliseconds = performance.now() - began
  await setTimeout(5)
  histogram.disable()
  observer.disconnect()
  return { milliseconds, pause: histogram.max / 1e6 - 1, collector }
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
