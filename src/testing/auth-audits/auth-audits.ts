import { answerAudits } from './answer-audits.ts'
import type { AuthAudit } from './audit.ts'
import { auditedServer } from './audited-server.ts'
import { cookieAudits } from './cookie-audits.ts'
import { documentAudits } from './document-audits.ts'
import type { AuthAuditOptions } from './options.ts'
import { prepare } from './preparation.ts'
import { requestAudits } from './request-audits.ts'
import { revocationAudits } from './revocation-audits.ts'
import { type OptionNames, readAuditOptions } from './settings.ts'
import { socketAudits } from './socket-audits.ts'
import { streamAudits } from './stream-audits.ts'
import { tokenAudits } from './token-audits.ts'

/** Audits, and what to do before they are worth anything. */
export interface PreparedAudits {
  readonly audits: readonly AuthAudit[]
  /** @throws ConfigurationError naming what cannot be asked, and what the server said to it */
  prepare(): Promise<void>
}

/**
 * What a GraphQL server with logins must and should do, as data: asked over HTTP and WebSockets, of any server with tokens. What is not given is
 * skipped with its reason. A refusal only counts where a good token was just seen to be let in; a document that the server does not know, or a
 * token that never was good, is an error that names the option.
 *
 * @throws ConfigurationError naming the option
 * @example
 * for (const audit of authAudits({ url, query: '{ me { id } }', login, logout })) {
 *   test(audit.name, async () => {
 *     const { status, reason } = await audit.fn()
 *     assert.ok(status === 'ok' || status === 'skip', reason)
 *   })
 * }
 */
export function authAudits(options: AuthAuditOptions): readonly AuthAudit[] {
  return preparedAudits(options, (option) => option).audits
}

/**
 * The same, for who gives options under other names and wants to know of mistakes first.
 *
 * @throws ConfigurationError naming the option
 */
export function preparedAudits(options: AuthAuditOptions, called: OptionNames): PreparedAudits {
  const server = auditedServer(readAuditOptions(options, called), called)
  const audits = [
    tokenAudits,
    revocationAudits,
    requestAudits,
    cookieAudits,
    documentAudits,
    answerAudits,
    socketAudits,
    streamAudits,
  ].flatMap((of) => of(server))
  return { audits, prepare: () => prepare(server) }
}
