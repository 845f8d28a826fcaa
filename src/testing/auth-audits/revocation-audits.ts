import { setTimeout as after } from 'node:timers/promises'
import { type AuthAudit, audit, hold } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import { headerOf } from './forgeries.ts'
import { proofs } from './proofs.ts'
import { hasValue } from './reading.ts'
import { es256Twin, spellings } from './spellings.ts'

/** Whether a logout is the end of a token. */
export function revocationAudits(server: AuditedServer): readonly AuthAudit[] {
  const { query, within } = server.settings
  const proven = proofs(server)
  /** A token that was good until its logout was answered. */
  const ended = async (use?: (token: string) => Promise<unknown>): Promise<string> => {
    const end = server.given('logout')
    const token = await server.newToken()
    await use?.(token)
    await end(token)
    return token
  }
  return [
    audit('revoked-at-once', 'MUST refuse a token as soon as its logout was answered', async () => {
      const token = await ended()
      const { isGranted } = await server.ask(query, { token })
      hold(!isGranted, 'the next request after the logout was answered')
      return 'refused in the next request'
    }),
    audit('revoked-for-good', 'MUST go on refusing a token after its logout', async () => {
      const token = await ended()
      await after(within)
      for (let tries = 1; tries <= 10; tries++) {
        const { isGranted } = await server.ask(query, { token })
        hold(!isGranted, `request ${tries} of 10, ${within} ms after the logout, was answered`)
      }
      return `refused ${within} ms later, 10 times`
    }),
    audit('revoked-mutation', 'MUST refuse a mutation by a token after its logout', async () => {
      const document = server.given('mutation')
      const token = await ended((good) => proven.mutation({ authorization: `Bearer ${good}` }))
      const { data } = await server.ask(document, { token })
      hold(!data.some(hasValue), 'the mutation was run')
      return 'refused'
    }),
    audit('revoked-respelled', 'MUST refuse every other spelling of a token after its logout', async () => {
      const token = await ended()
      const others = respellings(token)
      for (const [at, other] of others.entries()) {
        const { isGranted } = await server.ask(query, { token: other })
        hold(!isGranted, `spelling ${at + 1} of ${others.length} opened the query`)
      }
      return `${others.length} spellings refused`
    }),
    audit('revoked-alone', 'SHOULD end one login by a logout, and no other', async () => {
      const others = await server.goodToken()
      await ended()
      const { isGranted } = await server.ask(query, { token: others })
      hold(isGranted, 'a token of another login was refused after it')
      return 'another login goes on'
    }),
  ]
}

/** Other texts for the same token that a header can carry. */
function respellings(token: string): readonly string[] {
  const twin = headerOf(token).alg === 'ES256' ? [es256Twin(token)] : []
  return [...spellings(token), ...twin].filter((one) => /^[\t\x20-\x7e\x80-\xff]+$/.test(one))
}
