import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiProcess } from './api-process.ts'
import { BACKENDS, type Backend, between, type StoreFault, type StoreName } from './backends.ts'
import { emptyHistory, type History, type Judgement, judge } from './history.ts'
import { Traffic } from './traffic.ts'

export interface OutageOptions {
  readonly store: StoreName
  readonly seconds: number
  /** Runs the negative control, which follows hints alone: violations have to be found. @default false */
  readonly hintsOnly?: boolean
  /** Goes on beyond the time, a minute at most, until so many ends of sessions were acknowledged. @default 0 */
  readonly leastEnds?: number
  /** Whether it goes on until each fault has happened once. @default true */
  readonly everyFault?: boolean
  /** Is told each second how it goes. */
  readonly onProgress?: (line: string) => void
}

/** What a run showed. */
export interface Outage extends Judgement {
  readonly maxStaleness: number
  /** Acknowledged ends of sessions. */
  readonly revocations: number
  readonly checks: number
  readonly refreshes: number
  /** How often each fault happened. */
  readonly faults: Readonly<Record<string, number>>
  /** Requests that were refused because nobody could say, and the milliseconds that the slowest of those took. */
  readonly unavailable: number
  readonly slowestUnavailable: number
}

/** Runs three processes on one store, with clients at work, and lets one thing after the other go wrong; then judges all that was seen. */
export async function runOutage(options: OutageOptions): Promise<Outage> {
  const {
    store,
    seconds,
    hintsOnly = false,
    leastEnds = 0,
    everyFault = true,
    onProgress = () => undefined,
  } = options
  await using backend = await BACKENDS[store]()
  const secret = randomBytes(32).toString('base64url')
  const processes = backend.urls.map(
    (storeUrl, index) =>
      new ApiProcess({
        name: `p${index + 1}`,
        storeUrl,
        secret,
        hintsOnly,
        skewed: backend.keepsTime && index === 1,
      }),
  )
  const history = emptyHistory()
  const happened: Record<string, number> = {}
  try {
    await Promise.all(processes.map((one) => one.start()))
    const traffic = new Traffic(processes, history, backend.writers)
    const until = Date.now() + seconds * 1000
    const began = Date.now()
    const reporting = setInterval(() => {
      const passed = Math.round((Date.now() - began) / 1000)
      const count = Object.values(happened).reduce((sum, one) => sum + one, 0)
      onProgress(
        `${passed} of ${seconds} s: ${history.ended.size} ends, ${history.checks.length} checks, ${count} faults`,
      )
    }, 1000)
    const running = traffic.run()
    await disturb(processes, backend, { until, everyFault }, happened)
    const latest = Date.now() + 60_000
    while (history.ended.size < leastEnds && Date.now() < latest) await sleep(100)
    // What was held up arrives, and everybody is asked once more.
    await sleep(1500)
    traffic.stop()
    await running
    clearInterval(reporting)
    return {
      ...judge(history, backend.maxStaleness),
      maxStaleness: backend.maxStaleness,
      ...countsOf(history),
      faults: happened,
      unavailable: traffic.unavailable,
      slowestUnavailable: Math.round(traffic.slowestUnavailable),
    }
  } finally {
    await Promise.all(processes.map((one) => one.kill()))
  }
}

function countsOf({ ended, checks, refreshed }: History) {
  return { revocations: ended.size, checks: checks.length, refreshes: refreshed.length }
}

async function disturb(
  processes: readonly ApiProcess[],
  backend: Backend,
  { until, everyFault }: { readonly until: number; readonly everyFault: boolean },
  happened: Record<string, number>,
): Promise<void> {
  const faults = [...faultsOf(processes), ...backend.faults]
  // Every one of them, in another order each time.
  const isOver = () => Date.now() >= until && (!everyFault || Object.keys(happened).length === faults.length)
  for (let round: StoreFault[] = []; !isOver(); ) {
    if (round.length === 0) round = shuffled(faults)
    const fault = round.pop() as StoreFault
    await fault.happen()
    happened[fault.name] = (happened[fault.name] ?? 0) + 1
    await sleep(between(100, 800))
  }
}

function faultsOf(processes: readonly ApiProcess[]): readonly StoreFault[] {
  const one = () => processes[Math.floor(Math.random() * processes.length)] as ApiProcess
  return [
    {
      name: 'a process is stopped',
      async happen() {
        const stopped = one()
        stopped.pause()
        await sleep(between(200, 3000))
        stopped.resume()
      },
    },
    {
      name: 'a process is killed',
      async happen() {
        const killed = one()
        await killed.kill()
        await killed.start()
      },
    },
  ]
}

function shuffled<Value>(list: readonly Value[]): Value[] {
  return list
    .map((value) => ({ value, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ value }) => value)
}
