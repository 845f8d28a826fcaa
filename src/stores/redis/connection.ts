import { createClient } from 'redis'
import type { RedisSettings } from './settings.ts'

export type Client = ReturnType<typeof createClient>

/** Milliseconds before another try to connect: twice as long each time, up to this. */
const LONGEST_PAUSE = 1000

/** A client that never waits for ever: the driver's own settings would, for a server that is there and says nothing. */
export function newClient({ url, connectTimeout, commandTimeout }: RedisSettings): Client {
  let wasReady = false
  const client = createClient({
    url,
    name: 'graphql-authx',
    // A command that cannot be sent is refused at once, not kept for later.
    disableOfflineQueue: true,
    // The socket's timeout is about silence, so something has to be said before it is over.
    pingInterval: Math.max(50, Math.floor(commandTimeout / 3)),
    socket: {
      connectTimeout,
      socketTimeout: commandTimeout,
      reconnectStrategy: (retries, cause) => (wasReady ? Math.min(50 * 2 ** retries, LONGEST_PAUSE) : cause),
    },
  })
  client.on('ready', () => {
    wasReady = true
  })
  // Whoever asks is told; an error event without a listener would end the process.
  client.on('error', () => undefined)
  return client as Client
}

/** The connections of a store: one for both, unless writes have to be waited for. */
export interface Clients {
  readonly reader: Client
  readonly writer: Client
}

export function closeAll(clients: Clients): void {
  for (const client of new Set([clients.reader, clients.writer])) if (client.isOpen) client.destroy()
}

/** Connects, and leaves nothing open where that fails. */
export async function connect(client: Client, settings: RedisSettings): Promise<void> {
  const { name, connectTimeout, commandTimeout } = settings
  try {
    await answerOf({ name, commandTimeout: connectTimeout + commandTimeout }, () => client.connect())
  } catch (error) {
    if (client.isOpen) client.destroy()
    throw error
  }
}

/** Rejects when there is no answer in so many milliseconds. The command may have been carried out all the same. */
export async function within<Answer>(milliseconds: number, command: () => Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds)
  })
  try {
    return await Promise.race([command(), silence])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Waits so long and no longer. The command may have been carried out all the same, so whoever wrote must not say that it was done, nor that it was not.
 *
 * @throws Error with the server's name and what is wrong; it holds no value that was sent
 */
export async function answerOf<Answer>(
  { name, commandTimeout }: Pick<RedisSettings, 'name' | 'commandTimeout'>,
  command: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await within(commandTimeout, command)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${name}: ${problem}`, { cause })
  }
}
