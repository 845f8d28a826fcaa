import { type AuthAudit, audit, hold } from './audit.ts'
import { type AuditedServer, RUNS_AFTER } from './audited-server.ts'
import { errorsOf, resultsIn } from './reading.ts'
import { answerInWords, isMistaken } from './refusal.ts'
import type { ReadDocument } from './settings.ts'
import type { WireStream } from './wire.ts'

/** What audits of server-sent events do. */
export interface StreamSteps {
  /** Skips what follows where there are none, or no subscription was given. */
  told(): ReadDocument
  /** Subscribes, and sees it go on. */
  running(token: string): Promise<WireStream>
}

export function streamSteps(server: AuditedServer): StreamSteps {
  const { within } = server.settings
  const told = (): ReadDocument => {
    server.given('sse')
    return server.given('subscription')
  }
  return {
    told,
    async running(token) {
      const stream = await server.stream(told(), token)
      if (!(await stream.ended(Math.min(RUNS_AFTER, within)))) return stream
      stream.close()
      const { status } = stream
      const errors = errorsOf(resultsIn(stream.text()))
      if (isMistaken(errors)) {
        const answer = { status, errors, headers: {}, data: [] }
        server.unaskable('subscription', `was answered with ${answerInWords(answer)}`)
      }
      throw new Error(`a good token's subscription ended (${status})`)
    },
  }
}

/** Whether server-sent events begin with a login and end with it. */
export function streamAudits(server: AuditedServer): readonly AuthAudit[] {
  const { within } = server.settings
  const { told, running } = streamSteps(server)
  /** How a subscription by this token is refused. */
  const refusal = async (token?: string): Promise<string> => {
    const document = told()
    const good = await running(await server.goodToken())
    good.close()
    const stream = await server.stream(document, token)
    try {
      hold(await stream.ended(within), 'the subscription runs')
      const events = resultsIn(stream.text()).filter(({ data }) => data != null)
      hold(events.length === 0, 'an event was sent')
      return `answered with ${stream.status}`
    } finally {
      stream.close()
    }
  }
  return [
    audit('sse-missing-token', 'MUST refuse server-sent events without a token', () => refusal()),
    audit('sse-bad-token', 'MUST refuse server-sent events by a bad token', () => refusal('garbage')),
    audit('sse-logout', 'MUST end server-sent events with their login', async () => {
      told()
      const end = server.given('logout')
      const token = await server.newToken()
      const stream = await running(token)
      try {
        await end(token)
        hold(await stream.ended(within), `they still come ${within} ms after the logout`)
        return 'ended'
      } finally {
        stream.close()
      }
    }),
  ]
}
