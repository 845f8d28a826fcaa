import { RateLimiterRedis } from 'rate-limiter-flexible'
import type { Attempts } from '../../core/attempts.ts'
import { counterOver, optionsOf } from '../attempts.ts'
import { answerOf, connect, newClient } from './connection.ts'
import { openingError } from './opening-error.ts'
import { type RedisOptions, readSettings } from './settings.ts'

/** The next window of a key ends no sooner than one whole window after this one. */
const GIVE_BACK = `
local left, points = redis.call('PTTL', KEYS[1]), tonumber(redis.call('GET', KEYS[1]) or '0')
if points > 0 and left > 0 and left < tonumber(ARGV[1]) then redis.call('DECR', KEYS[1]) end
return 0
`

/**
 * Counts tries in a Redis that a store has been opened in, for any number of processes, by the server's clock. Redis itself forgets what has expired.
 *
 * @throws ConfigurationError naming the option or the server, and the mend
 */
export async function redisAttempts(url: string, options?: RedisOptions): Promise<Attempts> {
  const settings = readSettings(url, options)
  const client = newClient(settings)
  await connect(client, settings).catch((error: unknown) => {
    throw openingError(error, settings)
  })
  return {
    counter(allowance) {
      const { keyPrefix, ...limits } = optionsOf(allowance)
      const limiter = new RateLimiterRedis({
        ...limits,
        keyPrefix: `${settings.prefix}tries:${keyPrefix}`,
        storeClient: client,
        useRedisPackage: true,
      })
      return counterOver(
        limiter,
        allowance.window,
        (query) => answerOf(settings, query),
        (key, ends) => {
          const longest = ends + allowance.window * 1000 - Date.now()
          return client.eval(GIVE_BACK, { keys: [limiter.getKey(key)], arguments: [String(longest)] })
        },
      )
    },
    async close() {
      if (client.isOpen) client.destroy()
    },
  }
}
