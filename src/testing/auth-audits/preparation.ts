import { ConfigurationError } from '../../core/configuration-error.ts'
import { isFinding } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import { proofs } from './proofs.ts'
import { socketSteps } from './socket-steps.ts'
import { streamSteps } from './stream-audits.ts'

/**
 * Asks once for all that was given, so that a mistake in it is told at once and not by every audit in turn.
 *
 * @throws ConfigurationError naming the option, and what the server said
 */
export async function prepare(server: AuditedServer): Promise<void> {
  // Whatever an open query seems to prove it does not; the audits say so.
  if (!(await server.isQueryGuarded())) return
  const { settings } = server
  const proven = proofs(server)
  const steps: readonly (readonly [keyof typeof settings, () => Promise<unknown>])[] = [
    ['query', server.goodHeaders],
    ['mutation', async () => proven.mutation(await server.goodHeaders())],
    ['forbidden', proven.forbidden],
    ['partial', proven.partial],
    ['expired', proven.expired],
    ['wrongType', proven.wrongType],
    ['logout', async () => settings.logout?.(await server.newToken())],
    ['cookieLogin', async () => proven.mutation(await server.cookieHeaders(), 'cookieLogin')],
    ['wsUrl', async () => (await socketSteps(server).running(await server.goodToken())).close()],
    ['sse', async () => (await streamSteps(server).running(await server.goodToken())).close()],
  ]
  for (const [option, prove] of steps) {
    if (settings[option] !== undefined) await unlessFound(prove, option === 'query')
  }
}

/** Proves something; where it can be asked and something else is wrong, the audits say what. */
async function unlessFound(prove: () => Promise<unknown>, isNeeded: boolean): Promise<void> {
  try {
    await prove()
  } catch (error) {
    if (error instanceof ConfigurationError || (isNeeded && !isFinding(error))) throw error
  }
}
