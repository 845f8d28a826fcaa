import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { redisAttempts } from '../../src/stores/redis/attempts.ts'
import { type RedisOptions, redis } from '../../src/stores/redis.ts'
import { isSkipped } from '../harness/debian.ts'
import { command, OWN_REDIS, startOwnRedis } from '../harness/redis.ts'
import type { Service } from '../harness/service.ts'
import { reaches } from './postgres-steps.ts'

const LIMITS: RedisOptions = { connectTimeout: 200, commandTimeout: 200 }

/** How many sockets this process has open. */
function sockets(): number {
  return process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length
}

async function failure(open: () => Promise<unknown>): Promise<Error> {
  return open().then(
    () => expect.fail('it opened'),
    (thrown: Error) => thrown,
  )
}

describe.skipIf(isSkipped(OWN_REDIS))('opening redis', () => {
  let server: Service
  let url: string
  beforeAll(async () => {
    server = await startOwnRedis({ appendfsync: 'no' })
    url = await server.database()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const openers = { 'a store': redis, 'counters of tries': redisAttempts }

  describe.each(Object.entries(openers))('%s', (_what, open) => {
    test('OPS-01: leaves nothing open where nobody is there', async () => {
      await reaches(sockets, 0)
      await failure(() => open('redis://127.0.0.1:1', LIMITS))
      await reaches(sockets, 0)
    })

    test('OPS-01: leaves nothing open where the server says nothing', async () => {
      await reaches(sockets, 0)
      server.freeze()
      const error = await failure(() => open(url, LIMITS))
      expect(error.message).toMatch(/^redis 127\.0\.0\.1:\d+: /)
      await sleep(50)
      await reaches(sockets, 0)
      server.thaw()
      const clients = async () => String(await command(url.replace(/\?.*$/, ''), 'CLIENT', 'LIST'))
      await reaches(async () => (await clients()).split('name=graphql-authx').length - 1, 0)
    })

    test('OPS-01: leaves nothing open where an answer has no end', async () => {
      const taken: Socket[] = []
      await using slow = createServer((socket) => {
        taken.push(socket)
        socket.write('+')
        const more = setInterval(() => socket.write('a'), 50)
        socket.on('error', () => undefined).on('close', () => clearInterval(more))
      }).listen(0, '127.0.0.1')
      await once(slow, 'listening')
      const { port } = slow.address() as AddressInfo
      const error = await failure(() => open(`redis://127.0.0.1:${port}`, LIMITS))
      expect(error.message).toMatch(/no answer within 400 ms/)
      await expect.poll(() => taken.map(({ destroyed }) => destroyed)).toEqual([true])
    })

    test('OPS-01: leaves nothing open where the password is wrong', async () => {
      await reaches(sockets, 0)
      const error = await failure(() => open(url.replace('//', '//nobody:hunter2@'), LIMITS))
      expect(error.message).not.toContain('hunter2')
      await reaches(sockets, 0)
    })
  })

  test('OPS-01: leaves nothing open where the server is refused, nor after a close', async () => {
    await reaches(sockets, 0)
    await failure(() => redis(url, { ...LIMITS, replicas: 1 }))
    await reaches(sockets, 0)
    const store = await redis(url)
    store.onAppend(() => undefined)
    await store.close()
    await reaches(sockets, 0)
  })
})

describe('the URL of redis', () => {
  test.each([
    ['replica=1', 'replicas'],
    ['acept=eviction', 'accept'],
    ['Prefix=shop', 'prefix'],
  ])('has no option %s, and the nearest is named', async (option, meant) => {
    const error = await failure(() => redis(`redis://localhost?${option}`))
    expect(error.message).toBe(
      `redis: the URL has an option that there is not; there are prefix, connectTimeout, commandTimeout, replicas, accept; did you mean ${meant}?`,
    )
  })

  test.each([
    // A sign in the password that ends it: what follows looks like options, a database or a fragment.
    'redis://u:123?rest@host',
    'redis://u:123?hunter2@host/0?replicas=1',
    'redis://u:123?hunter2=a@host',
    'redis://u:123?prefix=hunter2@host',
    'redis://u:123?commandTimeout=hunter2@host',
    'redis://u:123#hunter2@host',
    'redis://u:123/hunter2@host',
    'redis://u:123/rest?hunter2@host',
    'redis://:hunter2?rest@host',
    'redis://u:hunter2%zz@host',
    'redis://host/hunter2',
    'redis://host/0#hunter2',
    'redis:hunter2@host',
    'redis://host:99999999/hunter2',
  ])('says no part of %s that could be a password', async (url) => {
    for (const open of [redis, redisAttempts]) {
      const error = await failure(() => open(url, LIMITS))
      expect(error.name).toBe('ConfigurationError')
      expect(error.message).toMatch(/^redis: must be a URL such as redis:\/\/user:password@host:6379\/0.*%XX/)
      const said = `${error.message} ${String(error.stack)} ${String(error.cause)}`
      for (const part of ['hunter2', 'rest@', '"rest', '123']) expect(said).not.toContain(part)
    }
  })

  test.each(['redis://localhost?hunter2=1', 'redis://localhost?prefix=a&hunter2'])(
    'names no option that could be a password: %s',
    async (url) => {
      const error = await failure(() => redis(url))
      expect(error.message).toMatch(
        /^redis: the URL has an option that there is not; there are prefix, connectTimeout/,
      )
      expect(error.message).not.toContain('hunter2')
    },
  )
})
