import { ConfigurationError } from '../core/configuration-error.ts'
import type { Store } from '../core/store.ts'
import { answerOf, newClient } from './redis/connection.ts'
import { type RedisOptions, readSettings } from './redis/settings.ts'
import { assertStanding } from './redis/standing.ts'
import { RedisStore } from './redis/store.ts'

export type { RedisLoss, RedisOptions } from './redis/settings.ts'

/**
 * Opens a store in Redis 7 or newer, for any number of processes on any number of machines. What it acknowledged is as durable as the server's append-only
 * file: with `appendfsync always` it survives a power failure, with `everysec` a crash of the server.
 *
 * The time is the server's. A call that is not answered in time rejects, and its write may have happened.
 *
 * @example
 * const authx = createAuthX({ secret, sessions: await redis('redis://:secret@redis.internal:6379') })
 *
 * @param url the primary's; options can follow after `?`
 * @throws ConfigurationError naming the option or the server's setting, and the mend
 */
export async function redis(url: string, options?: RedisOptions): Promise<Store> {
  const settings = readSettings(url, options)
  const client = newClient(settings)
  try {
    await answerOf({ ...settings, commandTimeout: settings.connectTimeout + settings.commandTimeout }, () =>
      client.connect(),
    )
    await answerOf(settings, () => assertStanding(client, settings))
    return new RedisStore(client, settings)
  } catch (error) {
    if (client.isOpen) client.destroy()
    const { cause } = error as { cause?: unknown }
    if (cause instanceof ConfigurationError) throw cause
    const { message } = error as Error
    throw new ConfigurationError(`${message}; is the server there, and the URL right?`, { cause: error })
  }
}
