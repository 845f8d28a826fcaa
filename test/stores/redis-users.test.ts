import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { redisAttempts } from '../../src/stores/redis/attempts.ts'
import { redis } from '../../src/stores/redis.ts'
import { isSkipped } from '../harness/debian.ts'
import { command, OWN_REDIS, startOwnRedis } from '../harness/redis.ts'
import { freePort, type Service } from '../harness/service.ts'
import { callEverything } from './every-call.ts'
import { temporaryFolder } from './processes.ts'

/** What docs/stores.md tells an administrator to run, as words; the dots are the password. */
const RECIPE = /^ACL SETUSER authx (.+)$/m.exec(readFileSync('docs/stores.md', 'utf8'))?.[1]?.split(' ') ?? []

/** What opening says after the server's name. */
async function refusal(open: (url: string) => Promise<unknown>, url: string): Promise<string> {
  const error = await open(url).then(
    () => expect.fail('it opened'),
    (thrown: Error) => thrown,
  )
  expect(error.name).toBe('ConfigurationError')
  expect(error.message).not.toMatch(/hunter2/)
  return error.message.replace(/^redis [\w.]+:\d+: /, '')
}

describe.skipIf(isSkipped(OWN_REDIS))('a user of Redis', { timeout: 60_000 }, () => {
  let server: Service
  let url: string
  const asRoot = (...words: string[]) => command(url, ...words)
  const as = (user: string) => url.replace('//', `//${user}:hunter2@`)

  beforeAll(async () => {
    server = await startOwnRedis({ appendfsync: 'no' })
  })
  afterAll(() => server?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    url = (await server.database()).replace(/\?.*$/, '')
    await asRoot('FLUSHALL')
    await asRoot('ACL', 'SETUSER', 'authx', 'reset', ...RECIPE.map((rule) => rule.replace('>…', '>hunter2')))
  })

  test('who may do what the recipe in the docs says can do all that the store and the counters of tries do', async () => {
    let shift = 0
    const store = await redis(as('authx'), { clockShift: () => shift })
    let hints = 0
    const stop = store.onAppend?.(() => {
      hints += 1
    })
    await expect.poll(() => hints).toBeGreaterThan(0)
    await callEverything(store, (milliseconds) => {
      shift += milliseconds
    })
    expect(hints).toBeGreaterThan(1)
    stop?.()
    // A log that was cut by hand, which is mended.
    await store.revoke({ kind: 'session', issuer: 'a', sid: 'b', retention: 1000 })
    await asRoot('DEL', '{authx}:log')
    await store.ping()
    await store.close()
    const attempts = await redisAttempts(as('authx'))
    const counter = attempts.counter({ name: 'tries', tries: 2, window: 60 })
    const spent = await counter.spend('ada')
    if ('refund' in spent) await spent.refund()
    expect(await counter.taken('ada')).toBe(0)
    await counter.restart('ada')
    expect(await counter.taken('ada')).toBe(1)
    await attempts.close()
    const log = (await asRoot('ACL', 'LOG')) as unknown[]
    expect(log).toEqual([])
  })

  test('who may do nothing else: no other key, no configuration', async () => {
    for (const words of [['GET', 'other'], ['CONFIG', 'GET', '*'], ['FLUSHALL'], ['KEYS', '*']]) {
      await expect(command(as('authx'), ...words)).rejects.toThrow(/NOPERM/)
    }
  })

  test.each([
    [
      '-hset -xadd',
      'may not run hset, xadd on keys {authx}:*; run: ACL SETUSER authx ~{authx}:* &{authx}:appended +hset +xadd',
    ],
    [
      'resetchannels',
      'may not run subscribe, publish on keys {authx}:*; run: ACL SETUSER authx ~{authx}:* &{authx}:appended +subscribe +publish',
    ],
  ])('who lacks something is refused at the start, with what allows it: %s', async (rules, message) => {
    await asRoot('ACL', 'SETUSER', 'authx', ...rules.split(' '))
    const said = await refusal(redis, as('authx'))
    expect(said).toBe(`the user authx ${message}`)
    const [, mend = ''] = said.split('; run: ')
    await asRoot(...mend.split(' '))
    await (await redis(as('authx'))).close()
  })

  test('who may not even ask is told the whole', async () => {
    await asRoot('ACL', 'SETUSER', 'authx', '-@all', '+@connection')
    const said = await refusal(redis, as('authx'))
    expect(said).toMatch(
      /^NOPERM this user has no permissions to run the 'eval' command; run: ACL SETUSER authx ~/,
    )
    const [, mend = ''] = said.split('; run: ')
    expect(mend.split(' ').slice(3).toSorted()).toEqual(
      RECIPE.filter((rule) => !/^(on|>…)$/.test(rule)).toSorted(),
    )
    await asRoot(...mend.split(' '))
    await (await redis(as('authx'))).close()
  })

  describe.each(Object.entries({ 'a store': redis, 'counters of tries': redisAttempts }))('%s', (_, open) => {
    test('says what is wrong with user, password and database', async () => {
      expect(await refusal(open, as('nobody'))).toBe(
        'refuses the user nobody with this password, or has disabled that user (WRONGPASS); set both in the URL right (signs in the password as %XX)',
      )
      expect(await refusal(open, `${url}/99`)).toBe(
        'has no database 99 (ERR DB index is out of range); name a lower one in the URL, or raise databases in redis.conf',
      )
      await asRoot('CONFIG', 'SET', 'requirepass', 'secret')
      try {
        expect(await refusal(open, url)).toBe(
          'wants a password (NOAUTH); add it to the URL: redis://user:password@host (without a user: //:password@host)',
        )
      } finally {
        await command(url.replace('//', '//:secret@'), 'CONFIG', 'SET', 'requirepass', '')
      }
    })
  })

  test('TLS where there is none, none where there is, and a certificate that nobody trusts, are told apart', async () => {
    expect(await refusal(redis, url.replace('redis:', 'rediss:'))).toBe(
      'Connection timeout; is the server there, and does it speak TLS at this port? If not, the URL begins with redis:',
    )
    using folder = temporaryFolder()
    chmodSync(folder.path, 0o755)
    const [key, certificate] = [folder.file('key.pem'), folder.file('certificate.pem')]
    const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${key} -out ${certificate} -days 2 -subj /CN=localhost`
    expect(spawnSync('openssl', request.split(' ')).status).toBe(0)
    chmodSync(key, 0o644)
    const port = await freePort()
    await using secure = await startOwnRedis({
      'tls-port': port,
      'tls-cert-file': certificate,
      'tls-key-file': key,
      'tls-ca-cert-file': certificate,
      'tls-auth-clients': 'no',
    })
    expect(secure.data).not.toBe('')
    expect(await refusal(redis, `redis://127.0.0.1:${port}`)).toMatch(
      /(ECONNRESET|Socket closed).*; does it speak TLS at this port\? Then the URL begins with rediss:$/,
    )
    expect(await refusal(redis, `rediss://localhost:${port}`)).toBe(
      'its certificate is not trusted (self-signed certificate); name the host that it is for, and start with NODE_EXTRA_CA_CERTS=<file of its authority>',
    )
  })
})
