import { ConfigurationError } from '../../core/configuration-error.ts'
import type { Client } from './connection.ts'
import type { RedisSettings } from './settings.ts'

/** What the store and the counters of tries ask of a server's ACL: each command as `ACL SETUSER` calls it, with arguments that it takes. */
function neededOf(prefix: string): Readonly<Record<string, readonly string[]>> {
  const key = `${prefix}log`
  return {
    eval: ['return 1', '0'],
    evalsha: ['e0e1f9fabfc9d4800c877a703b823ac0578ff8db', '0'],
    info: [],
    ping: [],
    wait: ['0', '1'],
    multi: [],
    exec: [],
    subscribe: [`${prefix}appended`],
    unsubscribe: [],
    publish: [`${prefix}appended`, ''],
    time: [],
    exists: [key],
    get: [key],
    set: [key, ''],
    incr: [key],
    incrby: [key, '1'],
    decr: [key],
    del: [key],
    unlink: [key],
    expire: [key, '1'],
    pttl: [key],
    hget: [key, ''],
    hset: [key, '', ''],
    hdel: [key, ''],
    hexists: [key, ''],
    hlen: [key],
    hscan: [key, '0'],
    sadd: [key, ''],
    srem: [key, ''],
    smembers: [key],
    zadd: [key, '1', ''],
    zrem: [key, ''],
    zcard: [key],
    zrangebyscore: [key, '0', '1'],
    xadd: [key, '*', '', ''],
    xdel: [key, '1-0'],
    xlen: [key],
    xrange: [key, '-', '+'],
    'xinfo|stream': [key],
  }
}

/** Whom a URL names to the server. */
export function userOf(url: string): string {
  return decodeURIComponent(new URL(url).username) || 'default'
}

/** Without keys, so that it runs for a user who may touch none. Servers like Redis may not know how to check. */
const SCRIPT = `
local denied = {}
if not redis.acl_check_cmd then return denied end
for _, words in ipairs(cjson.decode(ARGV[1])) do
  if not redis.acl_check_cmd(unpack(words)) then denied[#denied + 1] = words[1] end
end
return denied
`

/** The rules of a user who may do what the store does and nothing else; what there is is added to. */
export function aclRules(prefix: string): string {
  const commands = Object.keys(neededOf(prefix)).map((name) => `+${name}`)
  return [`~${prefix}*`, `&${prefix}appended`, ...commands].join(' ')
}

/**
 * Looks at whether this user may do what the store will, by a script that does none of it: else somebody's logout would be the first to find out.
 *
 * @throws ConfigurationError naming the commands that are refused, or refused on these keys, and what allows them; without the server's name
 */
export async function checkPermissions(client: Client, { url, prefix }: RedisSettings): Promise<void> {
  const needed = Object.entries(neededOf(prefix))
  const words = needed.map(([name, values]) => [...name.split('|'), ...values])
  const denied = (await client.eval(SCRIPT, { arguments: [JSON.stringify(words)] })) as string[]
  if (denied.length === 0) return
  const names = denied.map((name) => needed.find(([one]) => one.split('|')[0] === name)?.[0] ?? name)
  const user = userOf(url)
  throw new ConfigurationError(
    `the user ${user} may not run ${names.join(', ')} on keys ${prefix}*; run: ACL SETUSER ${user} ~${prefix}* &${prefix}appended ${names.map((name) => `+${name}`).join(' ')}`,
  )
}
