import { type AuthAudit, audit, hold, skip } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import { deferred, storm, waysToAsk } from './documents.ts'

const STORM = 1000
/** Bytes of an answer that refuses a thousand fields, each with a message of its own. */
const MOST = 1024 * STORM

/** Whether a document can be written so that it passes. */
export function documentAudits(server: AuditedServer): readonly AuthAudit[] {
  const { query } = server.settings
  const { variables } = query
  return [
    audit('ways-to-ask', 'MUST refuse a field in whichever way it is asked for', async () => {
      const headers = await server.goodHeaders()
      const unknown: string[] = []
      const ways = waysToAsk(query)
      for (const { name, query: source, operationName } of ways) {
        const asking = operationName === undefined ? {} : { operationName }
        const { isGranted } = await server.ask({ query: source, variables }, asking)
        hold(!isGranted, `answered without a token ${name}`)
        const good = await server.ask({ query: source, variables }, { ...asking, headers })
        if (!good.isGranted) unknown.push(name)
      }
      const refused = `${ways.length - unknown.length} ways refused`
      return unknown.length === 0 ? refused : `${refused}; refused with a token too: ${unknown.join(', ')}`
    }),
    audit('alias-storm', `MUST refuse each of ${STORM} names for a field`, async () => {
      const headers = await server.goodHeaders()
      const { query: source, rounds } = storm(query, STORM)
      for (const token of [undefined, 'garbage']) {
        const { data } = await server.ask({ query: source, variables }, { token })
        const granted = data.flatMap(rounds).filter((round) => server.isGranted(round)).length
        hold(granted === 0, `${granted} of ${STORM} were answered`)
      }
      const { data } = await server.ask({ query: source, variables }, { headers })
      const isTaken = data.flatMap(rounds).some((round) => server.isGranted(round))
      return isTaken
        ? 'none answered, without a token and with a bad one'
        : 'none answered, as the server takes no such document'
    }),
    audit('alias-storm-size', `SHOULD refuse ${STORM} names for a field in ${MOST >> 10} KiB`, async () => {
      const { query: source } = storm(query, STORM)
      const { text } = await server.ask({ query: source, variables })
      hold(text.length <= MOST, `the answer has ${text.length >> 10} KiB`)
      return `the answer has ${Math.ceil(text.length / 1024)} KiB`
    }),
    audit('deferred', 'MUST refuse a field whose answer is deferred', async () => {
      const login = await server.goodHeaders()
      const source = { query: deferred(query), variables }
      const headers = { accept: 'multipart/mixed, application/json;q=0.9' }
      const granted = await server.ask(source, { headers: { ...headers, ...login } })
      if (!granted.isGranted) return skip('the server knows no @defer')
      const { isGranted } = await server.ask(source, { headers })
      hold(!isGranted, 'answered without a token')
      return 'refused'
    }),
  ]
}
