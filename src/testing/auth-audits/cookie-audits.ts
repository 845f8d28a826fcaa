import { type AuthAudit, audit, given, hold, letIn } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import { type CookieLogin, hasValue, type ReadDocument } from './options.ts'
import { formsOf } from './request-audits.ts'

/** What pages of others can do where browsers bring the token by themselves. */
export function cookieAudits(server: AuditedServer): readonly AuthAudit[] {
  const { cookieLogin, mutation } = server.settings
  /** The mutation, and a login by cookie that has been seen to run it. */
  const begin = async (): Promise<{ readonly login: CookieLogin; readonly document: ReadDocument }> => {
    const login = await given(cookieLogin, 'cookieLogin')()
    const document = given(mutation, 'mutation')
    const headers = { cookie: login.cookie, ...login.headers }
    const { isGranted, status } = await server.ask(document, { headers, granted: hasValue })
    letIn(isGranted, `the app's own page cannot run the mutation (${status})`)
    return { login, document }
  }
  return [
    audit('cookie-form', 'MUST NOT run a mutation that a form sends with the cookie', async () => {
      const { login, document } = await begin()
      for (const { name, contentType, body } of formsOf(document)) {
        const headers = { cookie: login.cookie, 'content-type': contentType, origin: 'https://evil.example' }
        const { isGranted } = await server.ask(document, { headers, body, granted: hasValue })
        hold(!isGranted, `run from ${name}`)
      }
      return 'nothing was run from 4 content types'
    }),
    audit('cookie-get', 'MUST NOT run a mutation that a link sends with the cookie', async () => {
      const { login, document } = await begin()
      const headers = { cookie: login.cookie, ...login.headers }
      const { isGranted } = await server.ask(document, { method: 'GET', headers, granted: hasValue })
      hold(!isGranted, 'the mutation was run by GET')
      return 'not run'
    }),
    audit('cookie-alone', 'SHOULD NOT run a mutation by the cookie alone', async () => {
      const { login, document } = await begin()
      const { isGranted } = await server.ask(document, {
        headers: { cookie: login.cookie },
        granted: hasValue,
      })
      hold(!isGranted, 'run without anything that a foreign page could not send')
      return 'not run'
    }),
  ]
}
