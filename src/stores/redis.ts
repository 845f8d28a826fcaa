import type { Store } from '../core/store.ts'
import { answerOf, closeAll, connect, newClient } from './redis/connection.ts'
import { openingError } from './redis/opening-error.ts'
import { checkPermissions } from './redis/permissions.ts'
import { type RedisOptions, readSettings } from './redis/settings.ts'
import { Standing } from './redis/standing.ts'
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
  const reader = newClient(settings)
  const clients = { reader, writer: settings.replicas === 0 ? reader : newClient(settings) }
  try {
    for (const client of new Set([clients.reader, clients.writer])) await connect(client, settings)
    const standing = new Standing(clients.writer, settings)
    // First: what it says of a user has all that is missing.
    await answerOf(settings, () => checkPermissions(reader, settings))
    await answerOf(settings, () => standing.assertAtStart())
    return new RedisStore(clients, standing, settings)
  } catch (error) {
    closeAll(clients)
    throw openingError(error, settings)
  }
}
