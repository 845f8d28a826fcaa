import { ConfigurationError } from '../../core/configuration-error.ts'
import { aclRules, userOf } from './permissions.ts'
import type { RedisSettings } from './settings.ts'

type Said = Pick<RedisSettings, 'url' | 'prefix' | 'name'>

/**
 * What opening fails with: one line with the server, what is wrong and the mend. It has no password.
 *
 * @param error as `answerOf` throws it
 */
export function openingError(error: unknown, settings: Said): ConfigurationError {
  const { message, cause } = error as Error
  if (cause instanceof ConfigurationError) return new ConfigurationError(message)
  const problem = cause instanceof Error ? cause.message : message
  return new ConfigurationError(`${settings.name}: ${explain(problem, settings)}`, { cause: error })
}

function explain(problem: string, { url, prefix }: Said): string {
  const { protocol, pathname } = new URL(url)
  if (/^WRONGPASS/.test(problem)) {
    return `refuses the user ${userOf(url)} with this password, or has disabled that user (WRONGPASS); set both in the URL right (signs in the password as %XX)`
  }
  if (/^NOAUTH/.test(problem)) {
    return `wants a password (NOAUTH); add it to the URL: ${protocol}//user:password@host (without a user: //:password@host)`
  }
  if (/^NOPERM/.test(problem)) {
    return `${problem}; run: ACL SETUSER ${userOf(url)} ${aclRules(prefix)}`
  }
  if (/DB index/.test(problem)) {
    return `has no database ${pathname.slice(1)} (${problem}); name a lower one in the URL, or raise databases in redis.conf`
  }
  if (/certificate|altname|self.signed/i.test(problem)) {
    const [short] = problem.split(';')
    return `its certificate is not trusted (${short}); name the host that it is for, and start with NODE_EXTRA_CA_CERTS=<file of its authority>`
  }
  const isHungUp = /ECONNRESET|socket closed|EPROTO|wrong version|EPIPE/i.test(problem)
  if (protocol === 'rediss:' && (isHungUp || /timeout|no answer/i.test(problem))) {
    return `${problem}; is the server there, and does it speak TLS at this port? If not, the URL begins with redis:`
  }
  if (isHungUp) return `${problem}; does it speak TLS at this port? Then the URL begins with rediss:`
  return `${problem}; is the server there, and the URL right?`
}
