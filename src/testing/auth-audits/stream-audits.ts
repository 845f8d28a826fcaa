import { type AuthAudit, audit, given, hold, letIn } from './audit.ts'
import { type AuditedServer, RUNS_AFTER, resultsIn } from './audited-server.ts'
import type { ReadDocument } from './options.ts'
import type { WireStream } from './wire.ts'

/** Whether server-sent events begin with a login and end with it. */
export function streamAudits(server: AuditedServer): readonly AuthAudit[] {
  const { subscription, sse, logout, within } = server.settings
  const told = (): ReadDocument => {
    given(sse === true ? sse : undefined, 'sse')
    return given(subscription, 'subscription')
  }
  const running = async (token: string): Promise<WireStream> => {
    const stream = await server.stream(told(), token)
    const isRunning = !(await stream.ended(Math.min(RUNS_AFTER, within)))
    if (!isRunning) stream.close()
    letIn(isRunning, `a good token's subscription ended (${stream.status})`)
    return stream
  }
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
      const end = given(logout, 'logout')
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
