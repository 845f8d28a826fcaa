import { answerAudits } from './answer-audits.ts'
import type { AuthAudit } from './audit.ts'
import { auditedServer } from './audited-server.ts'
import { cookieAudits } from './cookie-audits.ts'
import { documentAudits } from './document-audits.ts'
import { type AuthAuditOptions, readAuditOptions } from './options.ts'
import { requestAudits } from './request-audits.ts'
import { revocationAudits } from './revocation-audits.ts'
import { socketAudits } from './socket-audits.ts'
import { streamAudits } from './stream-audits.ts'
import { tokenAudits } from './token-audits.ts'

/**
 * What a GraphQL server with logins must and should do, as data: asked over HTTP and WebSockets, of any server with bearer tokens. What is not given is
 * skipped with its reason. A refusal only counts where a good token was just seen to be let in.
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
  const server = auditedServer(readAuditOptions(options))
  return [
    tokenAudits,
    revocationAudits,
    requestAudits,
    cookieAudits,
    documentAudits,
    answerAudits,
    socketAudits,
    streamAudits,
  ].flatMap((audits) => audits(server))
}
