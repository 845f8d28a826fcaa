import { type AuditedServer, RUNS_AFTER } from './audited-server.ts'
import { firstMessage, isMistaken } from './refusal.ts'
import type { ReadDocument } from './settings.ts'
import { type AuditSocket, openAuditSocket } from './socket.ts'

/** What audits of WebSockets do. */
export interface SocketSteps {
  /** Skips what follows where no socket or no subscription was given. */
  told(): { readonly url: string; readonly document: ReadDocument }
  open(): Promise<AuditSocket>
  /** Connects, introduces itself and subscribes, as far as the server goes along. */
  begin(token?: string): Promise<AuditSocket>
  /** The same, seen to go on. */
  running(token: string): Promise<AuditSocket>
}

export function socketSteps(server: AuditedServer): SocketSteps {
  const { within, connectionParams } = server.settings
  const steps: SocketSteps = {
    told: () => ({ url: server.given('wsUrl'), document: server.given('subscription') }),
    async open() {
      const { url } = steps.told()
      try {
        return await openAuditSocket(url)
      } catch (error) {
        const { message, code } = error as NodeJS.ErrnoException
        return server.unaskable('wsUrl', `no connection comes about (${message === '' ? code : message})`)
      }
    },
    async begin(token) {
      const { document } = steps.told()
      const socket = await steps.open()
      const payload = token === undefined ? {} : { payload: connectionParams(token) }
      socket.send({ type: 'connection_init', ...payload })
      if (await socket.welcomed(within)) socket.send(subscribe(document))
      return socket
    },
    async running(token) {
      const socket = await steps.begin(token)
      const ending = await socket.ended(Math.min(RUNS_AFTER, within))
      if (ending === undefined) return socket
      socket.close()
      const errors = socket.errors()
      if (isMistaken(errors)) server.unaskable('subscription', `was answered with: ${firstMessage(errors)}`)
      const said = errors.length === 0 ? '' : `: ${firstMessage(errors)}`
      throw new Error(`a good token's subscription ended with ${ending}${said}`)
    },
  }
  return steps
}

export function subscribe({ query, variables }: ReadDocument): object {
  return { id: 'audited', type: 'subscribe', payload: { query, variables } }
}
