import { type AuthAudit, audit, hold } from './audit.ts'
import type { AuditedServer, LoginHeaders } from './audited-server.ts'
import { proofs } from './proofs.ts'
import { hasValue } from './reading.ts'
import { formsOf } from './request-audits.ts'
import type { ReadDocument } from './settings.ts'

/** What pages of others can do where browsers bring the token by themselves. */
export function cookieAudits(server: AuditedServer): readonly AuthAudit[] {
  const proven = proofs(server)
  /** A login by cookie, and the mutation that it has just been seen to run. */
  const begin = async (): Promise<{
    readonly headers: LoginHeaders & { readonly cookie: string }
    readonly document: ReadDocument
  }> => {
    server.given('mutation')
    const headers = await server.cookieHeaders()
    return { headers, document: await proven.mutation(headers, 'cookieLogin') }
  }
  return [
    audit('cookie-form', 'MUST NOT run a mutation that a form sends with the cookie', async () => {
      const { headers: own, document } = await begin()
      for (const { name, contentType, body } of formsOf(document)) {
        const headers = { cookie: own.cookie, 'content-type': contentType, origin: 'https://evil.example' }
        const { isGranted } = await server.ask(document, { headers, body, granted: hasValue })
        hold(!isGranted, `run from ${name}`)
      }
      return 'nothing was run from 4 content types'
    }),
    audit('cookie-get', 'MUST NOT run a mutation that a link sends with the cookie', async () => {
      const { headers: own, document } = await begin()
      const { isGranted } = await server.ask(document, { method: 'GET', headers: own, granted: hasValue })
      hold(!isGranted, 'the mutation was run by GET')
      return 'not run'
    }),
    audit('cookie-alone', 'SHOULD NOT run a mutation by the cookie alone', async () => {
      const { headers: own, document } = await begin()
      const { isGranted } = await server.ask(document, {
        headers: { cookie: own.cookie },
        granted: hasValue,
      })
      hold(!isGranted, 'run without anything that a foreign page could not send')
      return 'not run'
    }),
  ]
}
