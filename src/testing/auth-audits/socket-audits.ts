import { type AuthAudit, audit, hold } from './audit.ts'
import type { AuditedServer } from './audited-server.ts'
import type { Ending } from './socket.ts'
import { socketSteps, subscribe } from './socket-steps.ts'

const UNAUTHORIZED = 4401
const FORBIDDEN = 4403

/** Whether what comes over a WebSocket begins with a login and ends with it. */
export function socketAudits(server: AuditedServer): readonly AuthAudit[] {
  const { connectionParams, within } = server.settings
  const { told, open, begin, running } = socketSteps(server)
  /** How a subscription by this token is refused. */
  const refusal = async (token?: string): Promise<Ending> => {
    const socket = await begin(token)
    try {
      const ending = await socket.ended(within)
      hold(ending !== undefined, 'the subscription runs')
      hold(!socket.hasData(), 'an event was sent')
      return ending
    } finally {
      socket.close()
    }
  }
  const seenToRun = async (): Promise<void> => {
    told()
    const socket = await running(await server.goodToken())
    socket.close()
  }
  /** Subscribes without an introduction. */
  const uninvited = async (): Promise<{
    readonly ending: Ending | undefined
    readonly code: number | undefined
  }> => {
    const { document } = told()
    const socket = await open()
    try {
      socket.send(subscribe(document))
      const ending = await socket.ended(within)
      return { ending, code: socket.code() }
    } finally {
      socket.close()
    }
  }
  return [
    audit('socket-good-token', 'MUST run a subscription by a good token over a WebSocket', async () => {
      await seenToRun()
      return 'it runs'
    }),
    audit('socket-missing-token', 'MUST refuse a subscription without a token over a WebSocket', async () => {
      await seenToRun()
      return `refused with ${await refusal()}`
    }),
    audit('socket-bad-token', 'MUST refuse a bad token over a WebSocket', async () => {
      await seenToRun()
      return `refused with ${await refusal('garbage')}`
    }),
    audit('socket-bad-code', `SHOULD close a connection with a bad token with ${FORBIDDEN}`, async () => {
      await server.goodToken()
      const socket = await open()
      try {
        socket.send({ type: 'connection_init', payload: connectionParams('garbage') })
        const isWelcome = await socket.welcomed(within)
        hold(!isWelcome, 'the connection was welcomed')
        hold(socket.code() === FORBIDDEN, `closed with ${socket.code() ?? 'nothing'}`)
        return `closed with ${FORBIDDEN}`
      } finally {
        socket.close()
      }
    }),
    audit('socket-before-welcome', 'MUST refuse who subscribes before the welcome', async () => {
      await seenToRun()
      const { ending } = await uninvited()
      hold(ending !== undefined, 'it may run: the connection stays open')
      return `refused with ${ending}`
    }),
    audit(
      'socket-welcome-code',
      `SHOULD close with ${UNAUTHORIZED} who subscribes before the welcome`,
      async () => {
        const { ending, code } = await uninvited()
        hold(code === UNAUTHORIZED, ending === undefined ? 'left open' : `ended with ${ending}`)
        return `closed with ${UNAUTHORIZED}`
      },
    ),
    audit('socket-revoked-token', 'MUST refuse a token after its logout over a WebSocket', async () => {
      told()
      const end = server.given('logout')
      const token = await server.newToken()
      ;(await running(token)).close()
      await end(token)
      return `refused with ${await refusal(token)}`
    }),
    audit('socket-logout', 'MUST end a subscription over a WebSocket with its login', async () => {
      told()
      const end = server.given('logout')
      const token = await server.newToken()
      const socket = await running(token)
      try {
        await end(token)
        const ending = await socket.ended(within)
        hold(ending !== undefined, `it still runs ${within} ms after the logout`)
        return `ended with ${ending}`
      } finally {
        socket.close()
      }
    }),
  ]
}
