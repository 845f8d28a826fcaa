import { randomBytes } from 'node:crypto'
import type { EndAllOptions } from '../core/sessions.ts'
import type { Store } from '../core/store.ts'
import { readEnvironment } from '../server/environment.ts'
import { createServerAuthX } from '../server/instance.ts'
import { auditToStderr, quiet } from './log.ts'

/**
 * Ends all that a user holds, under every issuer that the database knows the user by: one that is missing in the environment of a command would
 * otherwise leave the sessions that the server made.
 *
 * @returns how many sessions there were
 */
export async function endAll(
  store: Store,
  sub: string,
  reason: EndAllOptions['reason'] = 'EVERYWHERE',
): Promise<number> {
  const { issuer: configured = '', ...settings } = readEnvironment()
  const hooks = auditToStderr()
  // Nothing is signed or verified, so any key does.
  const keys = [{ alg: 'HS256', key: randomBytes(32) }] as const
  let ended = 0
  for (const issuer of new Set([configured, ...(await store.listIssuers(sub))])) {
    const own = { ...settings, issuer: issuer === '' ? undefined : issuer }
    const { sessions } = createServerAuthX(own, keys, store, quiet, { hooks })
    ended += await sessions.revokeAll(sub, { reason })
  }
  return ended
}

/**
 * Changes an account such that no session made before lives on: they end before it, so that a crash right after leaves none, and once more when it is
 * changed, since a login may have slipped in.
 *
 * @returns how many sessions there were
 */
export async function endAllAround(
  store: Store,
  sub: string,
  change: () => Promise<unknown>,
  reason?: EndAllOptions['reason'],
): Promise<number> {
  const before = await endAll(store, sub)
  await change()
  return before + (await endAll(store, sub, reason))
}
