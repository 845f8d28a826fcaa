/**
 * How soon streams end: after a logout at their own process and at another one over the same store, and ten thousand of one session; and what they leave behind.
 *
 *     node --expose-gc bench/streams.ts [logouts]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { parse, subscribe } from 'graphql'
import { type AuthX, createAuthX } from '../src/authx.ts'
import type { Store } from '../src/core/store.ts'
import { TokenWatch } from '../src/core/token-watch.ts'
import { memory } from '../src/stores/memory.ts'
import { postgres } from '../src/stores/postgres.ts'
import { redis } from '../src/stores/redis.ts'
import { startPostgres } from '../test/harness/postgres.ts'
import { startRedis } from '../test/harness/redis.ts'

const LOGOUTS = Number(process.argv[2] ?? 1000)
const STREAMS = 10_000
const ROUNDS = 10
const SECRET = 'k7Qm2Zs9Xv4Bn8Lp1Rt6Yw3Hd5Gf0Jc2'

/** What the other process is asked to log out, and what it answers when that is acknowledged. */
interface Order {
  readonly sid: string
}

function open(sessions: Store): AuthX {
  return createAuthX({ secret: SECRET, sessions, logger: { warn: () => undefined, error: console.error } })
}

function connect(url: string): Store | Promise<Store> {
  return url.startsWith('redis') ? redis(url) : postgres(url)
}

/** The other process. */
async function logOutOnDemand(url: string): Promise<void> {
  const authx = open(await connect(url))
  await authx.ready()
  process.on('message', async ({ sid }: Order) => {
    await authx.revoke({ sid })
    process.send?.({ at: process.hrtime.bigint().toString() })
  })
  process.send?.({ at: '0' })
  await once(process, 'disconnect')
  await authx.close()
}

/** An operation that waits for an event that never comes. */
async function start(authx: AuthX, token: string): Promise<AsyncIterator<unknown>> {
  const headerValues = (name: string) => (name === 'authorization' ? [`Bearer ${token}`] : [])
  const contextValue = authx.serving.open({ headerValues }).contextMembers({})
  const answer = await subscribe({ schema: schemaOf(authx), document: DOCUMENT, contextValue })
  if (!(Symbol.asyncIterator in answer)) throw new Error(JSON.stringify(answer))
  return authx.serving.bindAnswer(answer, contextValue)
}

const DOCUMENT = parse('subscription { ticks }')
const schemas = new WeakMap<AuthX, ReturnType<AuthX['protect']>>()

function schemaOf(authx: AuthX): ReturnType<AuthX['protect']> {
  const typeDefs = [authx.typeDefs, 'type Query { a: Int } type Subscription { ticks: Int @auth }']
  const idle = () => ({
    next: () => new Promise(() => undefined),
    return: async () => ({ value: undefined, done: true }),
    [Symbol.asyncIterator]() {
      return this
    },
  })
  const resolvers = { Subscription: { ticks: { subscribe: idle } } }
  const schema = schemas.get(authx) ?? authx.protect(makeExecutableSchema({ typeDefs, resolvers }))
  schemas.set(authx, schema)
  return schema
}

/** Milliseconds from the acknowledgement of each logout to the last words of its stream; negative where those came first. */
async function measure(url: string, where: 'here' | 'there'): Promise<readonly number[]> {
  const authx = open(await connect(url))
  await authx.ready()
  const other = fork(import.meta.filename, ['--other', url], { execArgv: [] })
  const heard = async (): Promise<bigint> => BigInt((await once(other, 'message'))[0].at)
  await heard()
  const times: number[] = []
  for (let index = 0; index < LOGOUTS; index++) {
    const { accessToken, sid } = await login(authx)
    const last = (await start(authx, accessToken)).next().then(() => process.hrtime.bigint())
    // Anywhere between two reads of the log.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 50))
    const acknowledged = where === 'here' ? logOut(authx, sid) : heard()
    if (where === 'there') other.send({ sid } satisfies Order)
    const [at, ended] = await Promise.all([acknowledged, last])
    times.push(Number(ended - at) / 1e6)
  }
  other.disconnect()
  await once(other, 'exit')
  await authx.close()
  return times.sort((a, b) => a - b)
}

async function login(authx: AuthX): Promise<{ accessToken: string; sid: string }> {
  const { accessToken } = await authx.sessions.login({ sub: 'ada' })
  const { sid } = await authx.verify(accessToken)
  return { accessToken, sid: sid as string }
}

async function logOut(authx: AuthX, sid: string): Promise<bigint> {
  await authx.revoke({ sid })
  return process.hrtime.bigint()
}

function report(what: string, times: readonly number[]): void {
  const at = (share: number): string => (times[Math.ceil(times.length * share) - 1] ?? 0).toFixed(1)
  console.log(`${what}: ${times.length} logouts; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`)
}

async function many(): Promise<void> {
  const seen = new Set<TokenWatch>()
  const { onEnd } = TokenWatch.prototype
  TokenWatch.prototype.onEnd = function (...given) {
    seen.add(this)
    return onEnd.apply(this, given)
  }
  const authx = open(memory())
  for (let round = 1; round <= ROUNDS; round++) {
    const { accessToken, sid } = await login(authx)
    const streams = await Promise.all(Array.from({ length: STREAMS }, () => start(authx, accessToken)))
    const ends = streams.map((stream) => stream.next())
    const began = performance.now()
    await authx.revoke({ sid })
    await Promise.all(ends)
    const took = performance.now() - began
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 100))
    globalThis.gc?.()
    const heap = process.memoryUsage().heapUsed / 1e6
    const waiting = [...seen].reduce((sum, { size }) => sum + size, 0)
    const handles = process.getActiveResourcesInfo().length
    console.log(
      `round ${round}: ${STREAMS} streams ended in ${took.toFixed(0)} ms; heap ${heap.toFixed(1)} MB, ${waiting} waiting, ${handles} handles`,
    )
  }
  await authx.close()
}

async function main(): Promise<void> {
  if (process.argv[2] === '--other') return logOutOnDemand(process.argv[3] ?? '')
  // Nothing that follows a token keeps a process alive.
  const alive = setInterval(() => undefined, 60_000)
  await many()
  for (const [name, begin] of [
    ['Redis', startRedis],
    ['PostgreSQL', startPostgres],
  ] as const) {
    await using service = await begin()
    for (const where of ['here', 'there'] as const) {
      const url = await service.database()
      report(`${name}, at ${where === 'here' ? 'its own' : 'another'} process`, await measure(url, where))
    }
  }
  clearInterval(alive)
}

await main()
