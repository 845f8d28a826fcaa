import { ConfigurationError } from '../../core/configuration-error.ts'
import type { Client } from './connection.ts'
import type { RedisSettings } from './settings.ts'

/**
 * What a server has to be to keep anything (OPS-02, OPS-03): looked at at the start, over each new connection of the writer's, and whenever somebody asks
 * whether the store is ready. While it is wrong no write is sent, since none would be durable; it is looked at again for each.
 *
 * By `INFO`, which managed services allow where `CONFIG` is forbidden.
 */
export class Standing {
  readonly #writer: Client
  readonly #settings: RedisSettings
  #isGood = false
  #looking: Promise<void> | undefined
  #doubts = 0

  constructor(writer: Client, settings: RedisSettings) {
    this.#writer = writer
    this.#settings = settings
    // Behind the same name there may be another server now.
    writer.on('ready', () => this.#doubt())
  }

  /** @throws ConfigurationError naming the setting and the mend, without the server's name */
  async assertAtStart(): Promise<void> {
    const info = await infoOf(this.#writer)
    assertLasting(info, this.#settings)
    const { replicas } = this.#settings
    const connected = Number(info.get('connected_slaves'))
    if (connected < replicas) {
      throw new ConfigurationError(`has ${connected} replicas, and ${replicas} have to have every write`)
    }
    this.#isGood = true
  }

  /** Resolves at once where this connection's server was found good. Throws as {@link assertAtStart} does. */
  async assertForWrite(): Promise<void> {
    // Once more where there was a doubt meanwhile.
    while (!this.#isGood) {
      this.#looking ??= this.#look()
      await this.#looking
    }
  }

  /** Looks in any case: somebody may have said `CONFIG SET`. Throws as {@link assertAtStart} does. */
  async assertNow(reader: Client): Promise<void> {
    try {
      assertLasting(await infoOf(reader), this.#settings)
    } catch (error) {
      this.#doubt()
      throw error
    }
  }

  #doubt(): void {
    this.#doubts += 1
    this.#isGood = false
    this.#looking = undefined
  }

  /** What was asked before a doubt says nothing of what is there after it. */
  async #look(): Promise<void> {
    const doubts = this.#doubts
    try {
      assertLasting(await infoOf(this.#writer), this.#settings)
      this.#isGood = doubts === this.#doubts
    } finally {
      if (doubts === this.#doubts) this.#looking = undefined
    }
  }
}

function assertLasting(info: ReadonlyMap<string, string>, { accept }: RedisSettings): void {
  const refuse = (problem: string): never => {
    throw new ConfigurationError(problem)
  }
  const version = info.get('redis_version') ?? ''
  if (Number.parseInt(version, 10) < 7) refuse(`is version ${version}; Redis 7 or newer is needed`)
  if (info.get('role') !== 'master') {
    refuse('is a replica, which does not know yet what was just revoked; name the primary')
  }
  const policy = info.get('maxmemory_policy')
  if (policy !== 'noeviction' && !accept.includes('eviction')) {
    refuse(
      `maxmemory-policy is ${policy}, so revocations are thrown away when memory is short; run CONFIG SET maxmemory-policy noeviction${LASTING}, or accept 'eviction'`,
    )
  }
  if (info.get('aof_enabled') !== '1' && !accept.includes('no-persistence')) {
    refuse(
      `there is no append-only file, so a crash brings revoked tokens back; run CONFIG SET appendonly yes (appendfsync always, if nothing may be lost when the power fails)${LASTING}, or accept 'no-persistence'`,
    )
  }
}

/** `CONFIG SET` alone is forgotten when the server starts again. */
const LASTING =
  ' and then CONFIG REWRITE, so that it holds after a restart (or write it into redis.conf, of each server that can become the primary)'

async function infoOf(client: Client): Promise<ReadonlyMap<string, string>> {
  return readInfo(await client.info())
}

function readInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line): [string, string][] => {
      const [key = '', ...value] = line.split(':')
      return value.length === 0 ? [] : [[key, value.join(':')]]
    }),
  )
}
