import type { Fault } from './faults.ts'

const CONTRACT = 'test/stores/redis.test.ts'
const FAULTS = 'test/stores/redis-faults.test.ts'
const HEALING = 'test/stores/redis-healing.test.ts'
const OPENING = 'test/stores/redis-opening.test.ts'
const REPLICAS = 'test/stores/redis-replicas.test.ts'
const LOG = 'src/stores/redis/lua/log.ts'
const MENDING = 'src/stores/redis/lua/mending.ts'
const SESSIONS = 'src/stores/redis/lua/sessions.ts'
const SCRIPTS = 'src/stores/redis/scripts.ts'
const STANDING = 'src/stores/redis/standing.ts'

/** Ways in which the store in Redis could forget, mistake or wait. */
export const REDIS_FAULTS: readonly Fault[] = [
  {
    name: 'a key that is revoked for longer keeps its line',
    file: LOG,
    find: 'if is_there and known.expires_at >= expires_at and known.epoch >= epoch then return end',
    replace: 'if is_there and known.epoch >= epoch then return end',
    test: CONTRACT,
    title: /redis\(\) with several handles .*log-longer:/,
  },
  {
    name: 'an expired line is given out',
    file: LOG,
    find: "if tonumber(fields['until']) > now and #entries < limit then",
    replace: 'if #entries < limit then',
    test: HEALING,
    title: /looks past many lines that have expired/,
  },
  {
    name: 'the session ends, and the log does not say so',
    file: LOG,
    find: 'return append(kind, issuer, given.sid, 0, now + seconds * 1000)',
    replace: 'return seconds',
    test: CONTRACT,
    title: /redis\(\) with several handles .*concurrent-revokes:/,
  },
  {
    name: 'the grace window is as long again',
    file: SESSIONS,
    find: 'given.generation == row.generation - 1 and now - row.rotatedAt <= given.grace',
    replace: 'given.generation == row.generation - 1 and now - row.rotatedAt <= given.grace * 2',
    test: CONTRACT,
    title: /redis\(\) with several handles .*reuse-ends:/,
  },
  {
    name: 'a spent refresh token of long ago is taken for the last one',
    file: SESSIONS,
    find: 'given.generation == row.generation - 1 and',
    replace: 'given.generation < row.generation and',
    test: CONTRACT,
    title: /redis\(\) with several handles .*reuse-two-back:/,
  },
  {
    name: 'a write is acknowledged before replicas have it',
    file: 'src/stores/redis/rounds.ts',
    find: 'if (count >= replicas) return answer',
    replace: 'if (count >= 0) return answer',
    test: REPLICAS,
    title: /goes on reading while the replica is stopped/,
  },
  {
    name: 'reads wait where writes do',
    file: SCRIPTS,
    find: 'this.#run<Answer>(this.#clients.reader, operation, given)',
    replace: 'this.#run<Answer>(this.#clients.writer, operation, given)',
    test: REPLICAS,
    title: /goes on reading while the replica is stopped/,
  },
  {
    name: 'what was written over another connection is waited for',
    file: SCRIPTS,
    find: 'clients.writer.wait(replicas, patience)',
    replace: 'clients.reader.wait(replicas, patience)',
    test: REPLICAS,
    title: /goes on reading while the replica is stopped/,
  },
  {
    name: 'a primary that was cut off from its replicas is believed',
    file: 'src/stores/redis/lua/script.ts',
    find: '  if heard < REPLICAS then\n',
    replace: '  if heard < 0 then\n',
    test: REPLICAS,
    title: /answers nothing when its replicas are gone/,
  },
  {
    name: 'a server that evicts is not refused',
    file: STANDING,
    find: "if (policy !== 'noeviction' && !accept.includes('eviction'))",
    replace: "if (policy === '' && !accept.includes('eviction'))",
    test: FAULTS,
    title: /refuses a server with maxmemory-policy allkeys-lru/,
  },
  {
    name: 'the server of a new connection is not looked at',
    file: STANDING,
    find: "writer.on('ready', () => this.#doubt())",
    replace: "writer.on('ready', () => undefined)",
    test: 'test/stores/redis-standing.test.ts',
    title: /one that forgets since is sent no write, and is not ready/,
  },
  {
    name: 'a server without an append-only file is not refused',
    file: STANDING,
    find: "if (info.get('aof_enabled') !== '1' && ",
    replace: "if (info.get('aof_enabled') === '' && ",
    test: FAULTS,
    title: /refuses a server with appendonly no/,
  },
  {
    name: 'a cut log is answered from',
    file: MENDING,
    find: "  return lines == redis.call('HLEN', ENTRIES)\n",
    replace: "  return lines >= 0 or lines == redis.call('HLEN', ENTRIES)\n",
    test: HEALING,
    title: /has everything after the entries were deleted,/,
  },
  {
    name: 'an ending does not look whether the log still has its line',
    file: LOG,
    find: 'local is_there = entry_at(known.position) == entry',
    replace: 'local is_there = known.position >= 0',
    test: HEALING,
    title: /puts a line again into a log that lost one/,
  },
  {
    name: 'positions are given out twice',
    file: MENDING,
    find: "highest = math.max(highest, tonumber(kept:match('^%d+') or '0'))",
    replace: 'highest = math.max(highest, 0)',
    test: HEALING,
    title: /has everything after the log and the head were deleted/,
  },
  {
    name: 'a password that ends the URL is taken for an option',
    file: 'src/stores/redis/settings.ts',
    find: "search.includes('@') || ",
    replace: "search === '@' || ",
    test: OPENING,
    title: /says no part of .*prefix=hunter2/,
  },
]
