import { type AuthAudit, audit, hold, skip } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import { wronglySigned } from './forgeries.ts'
import { proofs } from './proofs.ts'
import { hasValue, type Reading } from './reading.ts'
import { GARBAGE } from './token-audits.ts'

/** What a refusal says, and what no answer may say. */
export function answerAudits(server: AuditedServer): readonly AuthAudit[] {
  const { query, expired, wrongType } = server.settings
  const proven = proofs(server)
  const bad = (): Promise<Reading> => {
    server.given('login')
    return server.ask(query, { token: 'garbage' })
  }
  return [
    audit('status-missing', 'SHOULD answer 401 where no token came and there is no data', async () =>
      statusOf(await server.ask(query), 401),
    ),
    audit('status-bad', 'SHOULD answer 401 to a bad token where there is no data', async () =>
      statusOf(await bad(), 401),
    ),
    audit('challenge', 'MUST send WWW-Authenticate with a 401 (RFC 9110, 15.5.2)', async () => {
      const answers = [await server.ask(query), await bad()].filter(({ status }) => status === 401)
      if (answers.length === 0) return skip('nothing was answered with 401')
      for (const { headers } of answers) {
        hold(headers['www-authenticate'] !== undefined, 'a 401 without it')
        hold(/^Bearer\b/i.test(challengeOf(headers)), 'its scheme is not Bearer')
      }
      return 'Bearer'
    }),
    audit('challenge-missing', 'SHOULD NOT call it an error that no token came (RFC 6750, 3.1)', async () => {
      const { status, headers } = await server.ask(query)
      if (status !== 401) return skip(`the answer was ${status}`)
      hold(!/\berror=/.test(challengeOf(headers)), 'the challenge names an error')
      return 'no error in the challenge'
    }),
    audit('challenge-bad', 'SHOULD say error="invalid_token" to a bad token (RFC 6750, 3.1)', async () => {
      const { status, headers } = await bad()
      if (status !== 401) return skip(`the answer was ${status}`)
      hold(/\berror="invalid_token"/.test(challengeOf(headers)), 'the challenge does not say so')
      return 'said'
    }),
    audit('forbidden', 'MUST refuse whoever is logged in and has no right', async () => {
      const document = await proven.forbidden()
      const asking = { headers: await server.goodHeaders(), granted: hasValue }
      const { isGranted } = await server.ask(document, asking)
      hold(!isGranted, 'answered')
      return 'refused'
    }),
    audit('status-forbidden', 'SHOULD answer 403 where a right is missing and there is no data', async () => {
      const document = await proven.forbidden()
      return statusOf(await server.ask(document, { headers: await server.goodHeaders() }), 403)
    }),
    audit('status-partial', 'SHOULD answer 200 where there is data beside what was refused', async () => {
      const { status, data, errors } = await server.ask(await proven.partial())
      if (data.length === 0) return skip('there was no data beside it')
      hold(errors.length > 0, 'nothing was refused without a token')
      hold(status === 200, `the answer was ${status}, whose data clients drop`)
      return '200'
    }),
    audit('no-5xx', 'SHOULD NOT answer a bad token with an error of the server', async () => {
      server.given('login')
      for (const { name, token } of GARBAGE) {
        const { status } = await server.ask(query, { token })
        hold(status < 500, `${status} to a token with ${name}`)
      }
      return `${GARBAGE.length} answered below 500`
    }),
    audit('refusal-code', 'SHOULD tell programs by extensions.code that a login is needed', async () => {
      if (!(await server.isQueryGuarded())) skip('the query is answered without a token')
      const answers = { 'without a token': await server.ask(query), 'by a bad token': await bad() }
      const codes = Object.entries(answers).map(([asked, { errors, status }]) => {
        const code = errors[0]?.extensions?.code
        hold(typeof code === 'string', `asked ${asked} it gives no code (${status})`)
        hold(code !== UNFORESEEN, `asked ${asked} it gives ${UNFORESEEN}, as it may for a fault of its own`)
        return code
      })
      return [...new Set(codes)].join(', ')
    }),
    audit('token-echo', 'MUST NOT repeat a token in an answer', async () => {
      const good = await server.goodToken()
      const given = [
        expired === undefined ? [] : (await proven.expired()).token,
        wrongType === undefined ? [] : (await proven.wrongType()).token,
      ]
      const forged = good.split('.').length === 3 ? wronglySigned(good) : []
      const tokens = [good, ECHO, ...given.flat(), ...forged.map(({ token }) => token)]
      for (const token of tokens) {
        for (const method of ['POST', 'GET'] as const) {
          const { text, headers } = await server.ask(query, { token, method })
          hold(!text.includes(token), 'the body of an answer has it')
          hold(!JSON.stringify(headers).includes(token), 'a header of an answer has it')
        }
      }
      return `${tokens.length} tokens, good and bad, in no answer`
    }),
    audit('not-cached', 'SHOULD forbid others to keep what is for one login (Cache-Control)', async () => {
      const { headers } = await server.ask(query, { headers: await server.goodHeaders() })
      hold(/no-store|private/.test(headers['cache-control'] ?? ''), 'neither no-store nor private')
      return headers['cache-control'] ?? ''
    }),
  ]
}

/** What servers call what they did not reckon with. */
const UNFORESEEN = 'INTERNAL_SERVER_ERROR'

/** A text that no answer has by chance. */
const ECHO = 'eyJhdWRpdGVkIjoidG9rZW4ifQ.echoed-by-nobody.audited'

function challengeOf(headers: Reading['headers']): string {
  return headers['www-authenticate'] ?? ''
}

function statusOf({ status, data }: Reading, wanted: number): string {
  if (data.length > 0) return skip('there was data')
  hold(status === wanted, `the answer was ${status}`)
  return String(wanted)
}
