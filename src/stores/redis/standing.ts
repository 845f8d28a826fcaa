import { ConfigurationError } from '../../core/configuration-error.ts'
import type { Client } from './connection.ts'
import type { RedisSettings } from './settings.ts'

/**
 * Looks at a server before anything is kept there (OPS-02, OPS-03). By `INFO`, which managed services allow where `CONFIG` is forbidden.
 *
 * @throws ConfigurationError naming the setting and the mend
 */
export async function assertStanding(
  client: Client,
  { name, accept, replicas }: RedisSettings,
): Promise<void> {
  const info = readInfo(await client.info())
  const refuse = (problem: string): never => {
    throw new ConfigurationError(`${name}: ${problem}`)
  }
  const version = info.get('redis_version') ?? ''
  if (Number.parseInt(version, 10) < 7) refuse(`is version ${version}; Redis 7 or newer is needed`)
  if (info.get('role') !== 'master') {
    refuse('is a replica, which does not know yet what was just revoked; name the primary')
  }
  const policy = info.get('maxmemory_policy')
  if (policy !== 'noeviction' && !accept.includes('eviction')) {
    refuse(
      `maxmemory-policy is ${policy}, so revocations are thrown away when memory is short; run CONFIG SET maxmemory-policy noeviction, or accept 'eviction'`,
    )
  }
  if (info.get('aof_enabled') !== '1' && !accept.includes('no-persistence')) {
    refuse(
      "there is no append-only file, so a crash brings revoked tokens back; run CONFIG SET appendonly yes (appendfsync always, if nothing may be lost when the power fails), or accept 'no-persistence'",
    )
  }
  const connected = Number(info.get('connected_slaves'))
  if (connected < replicas) refuse(`has ${connected} replicas, and ${replicas} have to have every write`)
}

function readInfo(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\r\n').flatMap((line): [string, string][] => {
      const [key = '', ...value] = line.split(':')
      return value.length === 0 ? [] : [[key, value.join(':')]]
    }),
  )
}
