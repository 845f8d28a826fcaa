/**
 * Guarded requests through Yoga over a store across a network, as a ratio to the same over a store in memory. Servers of their own are started for it.
 *
 *     node bench/stores.ts
 */
import { setImmediate } from 'node:timers/promises'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { createYoga } from 'graphql-yoga'
import { createAuthX } from '../src/authx.ts'
import type { Store } from '../src/core/store.ts'
import { useAuthX } from '../src/graphql/adapters/yoga.ts'
import { memory } from '../src/stores/memory.ts'
import { postgres } from '../src/stores/postgres.ts'
import { redis } from '../src/stores/redis.ts'
import { startOwnPostgres } from '../test/harness/postgres.ts'
import { startOwnRedis } from '../test/harness/redis.ts'
import { compare } from './compare.ts'

const secret = 'no secret at all, but long enough to be one'
/** In one round: they are sent one after the other, so that a round trip would show. */
const REQUESTS = 200

async function api(store: Store) {
  const authx = createAuthX({ secret, sessions: store })
  const schema = authx.protect(
    makeExecutableSchema({
      typeDefs: [authx.typeDefs, 'type Query { secret: String @auth }'],
      resolvers: { Query: { secret: () => 'secret' } },
    }),
  )
  const yoga = createYoga({ schema, plugins: [useAuthX(authx)], logging: false })
  await authx.ready()
  const { accessToken } = await authx.sessions.login({ sub: 'ada' })
  const run = async (): Promise<void> => {
    for (let count = 0; count < REQUESTS; count += 1) {
      // As over a socket: requests come in turns of the event loop.
      await setImmediate()
      const response = await yoga.fetch('http://localhost/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: '{"query":"{ secret }"}',
      })
      if ((await response.text()) !== '{"data":{"secret":"secret"}}') throw new Error('refused')
    }
  }
  return { authx, run }
}

await using redisServer = await startOwnRedis()
await using postgresServer = await startOwnPostgres()
const inMemory = await api(memory())
const overRedis = await api(await redis(await redisServer.database()))
const overPostgres = await api(await postgres(await postgresServer.database()))

await compare({
  baseline: [`memory, ${REQUESTS} requests`, inMemory.run],
  others: [
    ['redis, by the copy of its log', overRedis.run],
    ['postgres, by the copy of its log', overPostgres.run],
  ],
  rounds: 40,
})
for (const { authx } of [inMemory, overRedis, overPostgres]) await authx.close()
