import type { Fault } from './faults.ts'

const CONTRACT = 'test/stores/postgres.test.ts'
const FAULTS = 'test/stores/postgres-faults.test.ts'
const WRITERS = 'test/stores/postgres-writers.test.ts'
const LISTENING = 'test/stores/postgres-listening.test.ts'
const OPENING = 'test/stores/postgres-opening.test.ts'
const TOGETHER = 'test/stores/postgres-gathered.test.ts'
const GATHERED = 'src/stores/sql/gathered-writes.ts'
const POOLED = 'test/stores/postgres-pooled.test.ts'
const SHARED = 'src/stores/sql/shared-access.ts'
const CONFIG = 'src/stores/postgres/client-config.ts'
const POOL = 'src/stores/postgres/pool.ts'

/** Ways in which the store in PostgreSQL could forget, mistake or wait. */
export const POSTGRES_FAULTS: readonly Fault[] = [
  {
    name: 'a misspelt wish for TLS is passed over',
    file: 'src/stores/postgres/url-parameters.ts',
    find: 'if (!Object.hasOwn(PARAMETERS, parameter)) {',
    replace: "if (parameter === 'never') {",
    test: OPENING,
    title: /refuses in a URL .*\?slmode=require/,
  },
  {
    name: 'a wish for TLS that means nothing is passed over',
    file: 'src/stores/postgres/url-parameters.ts',
    find: "if (value === '' || values?.includes(value) === false) {",
    replace: "if (value === 'never') {",
    test: OPENING,
    title: /refuses in a URL .*\?sslmode=requir$/,
  },
  {
    name: 'a missing grant is left for the first logout to find',
    file: 'src/stores/postgres/grants.ts',
    find: "authx_log: ['select', 'insert', 'delete'],",
    replace: "authx_log: ['select', 'insert'],",
    test: OPENING,
    title: /names all that a role may not do to the tables/,
  },
  {
    name: 'a database that takes no writes is opened',
    file: 'src/stores/postgres/language.ts',
    find: 'if (readOnly !== null) throw',
    replace: "if (readOnly === 'never') throw",
    test: OPENING,
    title: /says of a database that takes no writes where that is set/,
  },
  {
    name: 'a writer does not wait before it looks at the time and the tables',
    file: SHARED,
    find: 'selectEnd(trx).forUpdate()',
    replace: 'selectEnd(trx)',
    test: WRITERS,
    title: /both of two transactions that were open at once/,
  },
  {
    name: 'a write is acknowledged before the commit',
    file: GATHERED,
    find: 'outcomes.push(await attempt(write, turn))',
    replace: 'const outcome = await attempt(write, turn); settle(write, outcome); outcomes.push(outcome)',
    test: TOGETHER,
    title: /a commit that the server refuses is a failure of all/,
  },
  {
    name: 'a commit of unknown outcome is tried again',
    file: GATHERED,
    find: '      if (!hasFailed) throw error\n',
    replace: '',
    test: TOGETHER,
    title: /nothing is tried again/,
  },
  {
    name: 'a write has no savepoint',
    file: GATHERED,
    find: '    await sql`savepoint authx_write`.execute(trx)\n',
    replace: '',
    test: TOGETHER,
    title: /one that fails takes no other with it/,
  },
  {
    name: 'a write that failed keeps its position',
    file: GATHERED,
    find: '      log.position = position\n',
    replace: '',
    test: TOGETHER,
    title: /with it, and leaves no trace/,
  },
  {
    name: 'an undone commit is a success',
    file: POOL,
    find: "if (text === 'commit' && command !== 'COMMIT')",
    replace: "if (text === 'commit' && command === 'never')",
    test: TOGETHER,
    title: /the server turned into a rollback/,
  },
  {
    name: 'the time of a standby is taken',
    file: 'src/stores/postgres/language.ts',
    find: ' + (select 0 / (not pg_is_in_recovery())::int)',
    replace: '',
    test: POOLED,
    title: /notices a standby over a connection that was there before/,
  },
  {
    name: "a pooled transaction has the session's limits",
    file: 'src/stores/postgres/open.ts',
    find: 'String(limit)',
    replace: "'0'",
    test: POOLED,
    title: /each transaction waits for the disk and has limits/,
  },
  {
    name: 'a pooled session is set for whoever has it next',
    file: 'src/stores/postgres/open.ts',
    find: "set_config('synchronous_commit', 'on', true)",
    replace: "set_config('synchronous_commit', 'on', false)",
    test: POOLED,
    title: /and leaves a session as it was/,
  },
  {
    name: 'limits that a pooler swallowed are not missed',
    file: POOL,
    find: '  if (swallowed) throw new ConfigurationError(SWALLOWED)\n',
    replace: '  void swallowed\n',
    test: POOLED,
    title: /whether it refuses our limits or swallows them/,
  },
  {
    name: 'a standby is asked',
    file: POOL,
    find: '  if (standby) throw new ConfigurationError(STANDBY)\n',
    replace: '  void standby\n',
    test: OPENING,
    title: /refuses a standby/,
  },
  {
    name: 'a statement is waited for without end',
    file: CONFIG,
    find: '    query_timeout: commandTimeout,\n',
    replace: '',
    test: FAULTS,
    title: /gives up connections over which nothing comes/,
  },
  {
    name: 'a stopped process keeps the lock',
    file: CONFIG,
    find: '    idle_in_transaction_session_timeout: commandTimeout,\n',
    replace: '',
    test: WRITERS,
    title: /a process that writes was stopped for good/,
  },
  {
    name: 'numbers are texts',
    file: CONFIG,
    find: "if (oid === INT8 && format !== 'binary') return wholeNumber",
    replace: "if (oid === INT8 && format === 'binary') return wholeNumber",
    test: CONTRACT,
    title: /log-lines/,
  },
  {
    name: 'texts are given to the database as they are',
    file: POOL,
    find: 'parameters.map(toParameter)',
    replace:
      'parameters.map((one) => (typeof one === "string" ? one.replaceAll("\\0", "") : (toParameter(one))))',
    test: CONTRACT,
    title: /tricky-keys/,
  },
  {
    name: 'what was written while nobody listened is not told of',
    file: 'src/stores/postgres/log-listener.ts',
    find: '    this.#pulse(client)\n    this.#listeners.call()\n',
    replace: '    this.#pulse(client)\n',
    test: LISTENING,
    title: /survives the end of every connection/,
  },
]

/** Ways in which a database that means well could mistake one text for another. */
export const MARIADB_FAULTS: readonly Fault[] = [
  {
    name: 'spaces at the end of a key do not count',
    file: 'src/stores/sql/mariadb.ts',
    find: "const EXACT = 'character set utf8mb4 collate utf8mb4_nopad_bin'",
    replace: "const EXACT = 'character set utf8mb4 collate utf8mb4_bin'",
    test: 'test/stores/mariadb.test.ts',
    title: /tricky-keys/,
  },
]
