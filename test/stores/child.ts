import { createInterface } from 'node:readline'
import BetterSqlite3 from 'better-sqlite3'
import type { Store } from '../../src/core/store.ts'
import { postgres } from '../../src/stores/postgres.ts'
import { sqlite } from '../../src/stores/sqlite.ts'
import { createSession, rotate } from '../../src/testing/session-steps.ts'

/** What a process beside the test does with a store: one verb, one file or URL, answers line by line. */
const [verb = '', path = ''] = process.argv.slice(2)
/** Long, but for a process that is stopped in a transaction, which others wait for. */
const LIMITS = { connectTimeout: 15_000, commandTimeout: 3000 }
const openStore = (): Promise<Store> => (path.startsWith('postgres:') ? postgres(path, LIMITS) : sqlite(path))
const print = (line: string) => process.stdout.write(`${line}\n`)

const verbs: Readonly<Record<string, () => Promise<void>>> = {
  /** Opens, answers with what came of it, and ends. */
  async open() {
    try {
      const store = await openStore()
      await createSession(store, { sid: `session-of-${process.pid}` })
      await store.close()
      print('opened')
    } catch (error) {
      print(String(error))
    }
  },
  /** Revokes without end; each line is an acknowledgement. */
  async revoke() {
    const store = await openStore()
    for (let index = 0; ; index += 1) {
      const sid = `${process.pid}-${index}`
      await store.revoke({ kind: 'session', issuer: 'test', sid, retention: 1000 })
      print(sid)
    }
  },
  /** Revokes as many at once as each line says, by the limits that hold without options, and answers with the refusals. */
  async crowd() {
    const store = await postgres(path)
    print('ready')
    for await (const line of createInterface(process.stdin)) {
      const sids = Array.from({ length: Number(line) }, (_, index) => `${process.pid}-${index}`)
      const outcomes = await Promise.allSettled(
        sids.map((sid) => store.revoke({ kind: 'session', issuer: 'test', sid, retention: 1000 })),
      )
      print(
        JSON.stringify(outcomes.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))),
      )
    }
    await store.close()
  },
  /** Presents each generation it is told, four times at once, and answers with the outcomes. */
  async rotate() {
    const store = await openStore()
    print('ready')
    for await (const line of createInterface(process.stdin)) {
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => rotate(store, Number(line))))
      print(JSON.stringify(outcomes))
    }
    await store.close()
  },
  /** Is told a process, and kills it the moment that the password of any account is another. */
  async killOnNewPassword() {
    const connection = new BetterSqlite3(path, { readonly: true })
    const passwords = connection.prepare('select group_concat(password_hash) from authx_accounts').pluck()
    for await (const pid of createInterface(process.stdin)) {
      const before = passwords.get()
      print('watching')
      const until = Date.now() + 30_000
      while (passwords.get() === before && Date.now() < until);
      if (Date.now() < until) process.kill(Number(pid), 'SIGKILL')
      break
    }
    connection.close()
    process.stdin.destroy()
  },
  /** Holds the write lock until it is killed or its input ends. */
  async lock() {
    const connection = new BetterSqlite3(path)
    connection.exec('begin immediate')
    print('locked')
    for await (const line of createInterface(process.stdin)) print(line)
    connection.close()
  },
}

await verbs[verb]?.()
