/**
 * The steady state of many users: a store that holds a million revocations in force, logouts that arrive whether or not the ones before were answered,
 * checks, purges, and three processes that follow. Servers of their own are started for it.
 *
 *     node bench/simulation.ts [logouts a second] [seconds] [redis or postgres]
 */
import { cpus } from 'node:os'
import { postgres } from '../src/stores/postgres.ts'
import { redis } from '../src/stores/redis.ts'
import { query, startOwnPostgres } from '../test/harness/postgres.ts'
import { command, startOwnRedis } from '../test/harness/redis.ts'
import { type Follower, startFollower, type Told } from './simulation/follower.ts'
import { ISSUER, sidOf } from './simulation/load.ts'

const [rate = 1000, seconds = 30] = process.argv.slice(2, 4).map(Number)
const only = process.argv[4]
const PROCESSES = 3
/** What is in force at the start: an entry lives for 1,025 seconds. */
const ENTRIES = 1_000_000
const SESSIONS = Math.round(rate * (seconds + 5))

/** A server with what is in it before the first logout. */
interface Loaded {
  readonly url: string
  /** Bytes that the server keeps in all. */
  size(): Promise<number>
  readonly perEntry: number
  readonly perSession: number
}

async function loadPostgres(url: string): Promise<Loaded> {
  await (await postgres(url)).close()
  const id = (prefix: string) =>
    `rtrim(translate(encode(decode(md5('${prefix}' || i), 'hex'), 'base64'), '+/', '-_'), '=')`
  const now = '(extract(epoch from now()) * 1000)::bigint'
  await query(
    url,
    `insert into authx_log select i, 'session', '${ISSUER}', ${id('old-')}, 0, ${now} + i * 1025000::bigint / ${ENTRIES}
       from generate_series(1, ${ENTRIES}) i;
     update authx_log_head set position = ${ENTRIES};
     insert into authx_sessions (issuer, sid, sub, generation, created_at, rotated_at, expires_at, closes_at)
       select '${ISSUER}', ${id('live-')}, 'user-' || i, 0, ${now}, ${now}, ${now} + 1209600000, ${now} + 2592000000
       from generate_series(0, ${SESSIONS - 1}) i`,
  )
  await query(url, 'vacuum analyze')
  const [row] = await query(
    url,
    "select pg_total_relation_size('authx_log') as log, pg_total_relation_size('authx_sessions') as sessions",
  )
  return {
    url,
    perEntry: Number(row?.log) / ENTRIES,
    perSession: Number(row?.sessions) / SESSIONS,
    size: async () =>
      Number((await query(url, 'select pg_database_size(current_database()) as size'))[0]?.size),
  }
}

async function loadRedis(url: string): Promise<Loaded> {
  const at = url.replace(/\?.*/, '')
  const size = async () => Number(/used_memory:(\d+)/.exec(String(await command(at, 'INFO', 'memory')))?.[1])
  // Loading is not what is measured.
  await command(at, 'CONFIG', 'SET', 'appendfsync', 'no')
  const store = await redis(url, { commandTimeout: 60_000, accept: ['no-persistence'] })
  const each = async (count: number, work: (index: number) => Promise<unknown>) => {
    let next = 0
    const worker = async () => {
      while (next < count) await work(next++)
    }
    await Promise.all(Array.from({ length: 500 }, worker))
  }
  const empty = await size()
  await each(SESSIONS, (index) =>
    store.createSession({
      issuer: ISSUER,
      sid: sidOf(`live-${index}`),
      sub: `user-${index}`,
      idleTtl: 1_209_600,
      absoluteTtl: 2_592_000,
      device: null,
      address: null,
    }),
  )
  const withSessions = await size()
  await each(ENTRIES, (index) =>
    store.revoke({
      kind: 'session',
      issuer: ISSUER,
      sid: sidOf(`old-${index}`),
      retention: 60 + Math.ceil((index * 1025) / ENTRIES),
    }),
  )
  const full = await size()
  await store.close()
  await command(at, 'CONFIG', 'SET', 'appendfsync', 'always')
  return {
    url,
    perEntry: (full - withSessions) / ENTRIES,
    perSession: (withSessions - empty) / SESSIONS,
    size,
  }
}

async function simulate(name: string, load: () => Promise<Loaded>): Promise<void> {
  const { url, perEntry, perSession, size } = await load()
  const followers = await Promise.all(Array.from({ length: PROCESSES }, () => startFollower(url)))
  const before = machine()
  const share = { rate: rate / PROCESSES, seconds, stride: PROCESSES }
  const told = await Promise.all(followers.map((one, first) => one.run({ ...share, first })))
  const busy = machine() - before
  const latencies = told.flatMap((one) => one.latencies).sort((one, other) => one - other)
  const staleness = stalenessIn(told).sort((one, other) => one - other)
  const sum = (pick: (one: Told) => number) => told.reduce((all, one) => all + pick(one), 0)
  const wall = Math.max(...told.map((one) => one.milliseconds)) / 1000
  console.table({
    [name]: {
      'logouts a second, asked for': rate,
      'logouts a second, acknowledged': Math.round(latencies.length / wall),
      'refused logouts': sum((one) => one.refused),
      why: told.flatMap((one) => one.why)[0] ?? '',
      'a logout, ms: p50, p99, longest': `${at(latencies, 0.5)}, ${at(latencies, 0.99)}, ${at(latencies, 1)}`,
      'staleness seen, ms: p50, p99, worst': `${at(staleness, 0.5)}, ${at(staleness, 0.99)}, ${at(staleness, 1)}`,
      'checks a second': Math.round(sum((one) => one.checks) / wall),
      'checks that waited; refused': `${sum((one) => one.waits)}; ${sum((one) => one.refusals)}`,
      'entries in a copy at the end': told.map((one) => one.entries).join(', '),
      'memory of a process, MB': told.map((one) => Math.round(one.rss / 1e6)).join(', '),
      "a process's CPU": told.map((one) => one.cpu.toFixed(2)).join(', '),
      "the machine's CPU, of its cores": `${busy.toFixed(2)} s in ${wall.toFixed(0)} s of ${cpus().length}`,
      'store at the end, MB': Math.round((await size()) / 1e6),
      'bytes an entry; a session': `${Math.round(perEntry)}; ${Math.round(perSession)}`,
      'computed: 10 million sessions, GB': ((perSession * 1e7) / 1e9).toFixed(1),
    },
  })
  await Promise.all(followers.map((one: Follower) => one.stop()))
}

/** How long after its acknowledgement each watched logout was first known elsewhere. */
function stalenessIn(told: readonly Told[]): number[] {
  return told.flatMap(({ acknowledged }, writer) =>
    Object.entries(acknowledged).flatMap(([sid, when]) =>
      told.flatMap(({ learnt }, reader) =>
        // What was not learnt by the end is as stale as the run shows.
        reader === writer ? [] : [Math.max(0, (learnt[sid] ?? told[reader]?.end ?? when) - when)],
      ),
    ),
  )
}

/** Milliseconds, or '-' where nothing was measured. */
function at(sorted: readonly number[], share: number): string {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(0) ?? '-'
}

/** Seconds of CPU that all of the machine has spent, whoever for. */
function machine(): number {
  const spent = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq)
  return spent.reduce((one, other) => one + other, 0) / 1000
}

// A process that is told to end leaves no server behind.
process.once('SIGINT', () => process.exit(1))

if (only !== 'postgres') {
  await using server = await startOwnRedis()
  await simulate('redis', async () => loadRedis(await server.database()))
}
if (only !== 'redis') {
  await using server = await startOwnPostgres()
  await simulate('postgres', async () => loadPostgres(await server.database()))
}
