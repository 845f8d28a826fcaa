import { type AuthAudit, audit, hold, skip } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import { proofs } from './proofs.ts'
import { hasValue } from './reading.ts'

/** Where in a request a token may stand, and which requests change anything. */
export function requestAudits(server: AuditedServer): readonly AuthAudit[] {
  const { query } = server.settings
  const proven = proofs(server)
  return [
    audit('scheme-case', 'MUST take the scheme Bearer in any case (RFC 9110, 11.1)', async () => {
      const token = await server.goodToken()
      for (const scheme of ['bearer', 'BEARER', 'bEaReR']) {
        const { isGranted } = await server.ask(query, { headers: { authorization: `${scheme} ${token}` } })
        hold(isGranted, `refused a good token after ${scheme}`)
      }
      return '3 spellings of Bearer taken'
    }),
    audit(
      'bad-header-first',
      'MUST refuse a bad token, whatever a second Authorization header says',
      async () => {
        const token = await server.goodToken()
        const authorization = ['Bearer garbage', `Bearer ${token}`]
        const { isGranted } = await server.ask(query, { headers: { authorization } })
        hold(!isGranted, 'the good token of the second header was taken')
        return 'refused'
      },
    ),
    audit('two-headers', 'SHOULD refuse two Authorization headers (RFC 6750, 3.1)', async () => {
      const token = await server.goodToken()
      const authorization = [`Bearer ${token}`, 'Bearer garbage']
      const { isGranted } = await server.ask(query, { headers: { authorization } })
      hold(!isGranted, 'the first of two headers was taken, where a proxy may have looked at the second')
      return 'refused'
    }),
    audit('token-in-url', 'MUST NOT take a token from the URL (OAuth 2.1, 5.1)', async () => {
      const token = await server.goodToken()
      for (const name of PARAMETERS) {
        for (const value of [token, `Bearer ${token}`]) {
          const { isGranted } = await server.ask(query, { parameters: { [name]: value } })
          hold(!isGranted, `the parameter ${name} was taken`)
        }
      }
      return `${PARAMETERS.length} names of parameters ignored`
    }),
    audit('query-by-get', 'MUST refuse a query by GET without a token', async () => {
      const headers = await server.goodHeaders()
      const granted = await server.ask(query, { method: 'GET', headers })
      if (!granted.isGranted) return skip(`the server takes no queries by GET (${granted.status})`)
      const { isGranted } = await server.ask(query, { method: 'GET' })
      hold(!isGranted, 'answered without a token')
      return 'refused'
    }),
    audit('batch', 'MUST refuse each operation of a batch for itself', async () => {
      const headers = await server.goodHeaders()
      const { query: source, variables } = query
      const body = JSON.stringify([{ query: '{ __typename }' }, { query: source, variables }])
      const { isGranted } = await server.ask(query, { body })
      hold(!isGranted, 'an operation after an open one was answered without a token')
      return (await server.ask(query, { body, headers })).isGranted ? 'refused' : 'no batches are taken'
    }),
    audit('mutation-without-token', 'MUST NOT run a mutation for whoever brings no token', async () => {
      const document = await proven.mutation(await server.goodHeaders())
      const { isGranted } = await server.ask(document, { granted: hasValue })
      hold(!isGranted, 'the mutation was run')
      return 'refused'
    }),
    audit('mutation-by-get', 'MUST NOT run a mutation by GET', async () => {
      const token = await server.goodToken()
      const document = await proven.mutation({ authorization: `Bearer ${token}` })
      const { isGranted, status } = await server.ask(document, { method: 'GET', token, granted: hasValue })
      hold(!isGranted, 'the mutation was run')
      return `answered with ${status}`
    }),
    audit('form', 'SHOULD NOT run a mutation that a form of any page can send', async () => {
      const token = await server.goodToken()
      const document = await proven.mutation({ authorization: `Bearer ${token}` })
      for (const { name, contentType, body } of formsOf(document)) {
        const headers = { 'content-type': contentType }
        const { isGranted } = await server.ask(document, { token, headers, body, granted: hasValue })
        hold(!isGranted, `run from ${name}`)
      }
      return 'nothing was run from 4 content types'
    }),
  ]
}

const PARAMETERS = ['access_token', 'token', 'accessToken', 'authorization', 'Authorization', 'jwt', 'auth']

/** A body that a page of anybody's can have a browser send without asking (Fetch, CORS-safelisted). */
export interface Form {
  readonly name: string
  readonly contentType: string
  readonly body: string
}

export function formsOf({
  query,
  variables,
}: {
  readonly query: string
  readonly variables: object
}): readonly Form[] {
  const json = JSON.stringify({ query, variables })
  const fields = { query, variables: JSON.stringify(variables) }
  const part = ([name, value]: [string, string]): string =>
    `--audited\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const multipart = (parts: object): string => `${Object.entries(parts).map(part).join('')}--audited--\r\n`
  const contentType = 'multipart/form-data; boundary=audited'
  return [
    { name: 'text/plain', contentType: 'text/plain', body: json },
    {
      name: 'application/x-www-form-urlencoded',
      contentType: 'application/x-www-form-urlencoded',
      body: new URLSearchParams(fields).toString(),
    },
    { name: 'multipart/form-data', contentType, body: multipart(fields) },
    { name: 'an upload', contentType, body: multipart({ operations: json, map: '{}' }) },
  ]
}
