import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Replica } from '../../src/core/replica/replica.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { redis } from '../../src/stores/redis.ts'
import { ISSUER, sidOf } from './load.ts'

/** What a process does. */
export interface Task {
  /** Logouts a second, of the sessions `first`, `first + stride`, … */
  readonly rate: number
  readonly seconds: number
  readonly first: number
  readonly stride: number
}

/** What it saw; times are of the machine's monotonic clock, in milliseconds. */
export interface Told {
  readonly milliseconds: number
  readonly latencies: readonly number[]
  readonly refused: number
  readonly why: readonly string[]
  readonly checks: number
  readonly waits: number
  readonly refusals: number
  readonly entries: number
  readonly rss: number
  /** CPU seconds a second. */
  readonly cpu: number
  readonly acknowledged: Readonly<Record<string, number>>
  readonly learnt: Readonly<Record<string, number>>
  readonly end: number
}

export interface Follower {
  run(task: Task): Promise<Told>
  stop(): Promise<void>
}

/** Resolves when the process has its copy. */
export async function startFollower(url: string): Promise<Follower> {
  const child = fork(fileURLToPath(import.meta.url), [url])
  await answerOf(child)
  return {
    async run(task) {
      child.send(task)
      return (await answerOf(child)) as Told
    },
    async stop() {
      const end = once(child, 'exit')
      child.disconnect()
      await end
    },
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const end = once(child, 'exit').then(() => {
    throw new Error('a process has ended')
  })
  end.catch(() => undefined)
  const [answer] = (await Promise.race([once(child, 'message'), end])) as unknown[]
  return answer
}

const CHECKS = 2000
const TICK = 10
/** Of which logouts it is looked at when they are known elsewhere. */
const isWatched = (sid: string) => sid.startsWith('a')
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000

async function follow(url: string): Promise<void> {
  const store = await (url.startsWith('postgres') ? postgres(url) : redis(url))
  const replica = new Replica(store, {
    maxStaleness: 500,
    callbackTimeout: 2000,
    logger: console,
    clock: Date.now,
    monotonic: () => performance.now(),
    random: randomBytes,
  })
  const learnt: Record<string, number> = {}
  await replica.ready()
  replica.onEntries((revoked) => {
    if ('key' in revoked && isWatched(revoked.key)) learnt[revoked.key] ??= now()
  })
  process.on('message', async (task: Task) => {
    process.send?.(await perform(task))
  })
  process.on('disconnect', async () => {
    replica.stop()
    await store.close()
  })
  process.send?.('ready')

  async function perform({ rate, seconds, first, stride }: Task): Promise<Told> {
    const began = now()
    const cpu = process.cpuUsage()
    const latencies: number[] = []
    const why: string[] = []
    const acknowledged: Record<string, number> = {}
    const underWay: Promise<unknown>[] = []
    let checks = 0
    let refused = 0
    const logout = async (index: number) => {
      const sid = sidOf(`live-${index}`)
      const asked = now()
      try {
        await store.revoke({ kind: 'session', issuer: ISSUER, sid, retention: 1025 })
        const answered = now()
        latencies.push(answered - asked)
        if (isWatched(sid)) acknowledged[sid] = answered
      } catch (error) {
        refused += 1
        if (why.length < 3) why.push(String(error))
      }
    }
    const check = async (index: number) => {
      const token = { issuer: ISSUER, jti: `${index}`, sid: sidOf(`${index}`), sub: 'nobody', ue: 0 }
      // Counted by the copy where it has no answer.
      await Promise.resolve(replica.isRevoked(token)).catch(() => undefined)
    }
    const purging = setInterval(() => void store.purge(1000).catch(() => undefined), 3000)
    for (let sent = 0; now() - began < seconds * 1000; ) {
      const elapsed = (now() - began) / 1000
      for (; sent < elapsed * rate; sent += 1) underWay.push(logout(first + sent * stride))
      for (; checks < elapsed * CHECKS; checks += 1) underWay.push(check(checks))
      await sleep(TICK)
    }
    clearInterval(purging)
    await Promise.all(underWay)
    const end = now()
    const { user, system } = process.cpuUsage(cpu)
    // The others' last ones are on their way.
    await sleep(1500)
    const { waits, refusals, entries } = replica.status()
    return {
      ...{ milliseconds: end - began, latencies, refused, why, checks, waits, refusals, entries },
      ...{ rss: process.memoryUsage().rss, cpu: (user + system) / 1000 / (end - began) },
      ...{ acknowledged, learnt, end: now() },
    }
  }
}

const [, script, url] = process.argv
if (script === fileURLToPath(import.meta.url) && url !== undefined) await follow(url)
