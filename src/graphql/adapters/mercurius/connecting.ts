import { type Closing, closingFor, TURNED_AWAY } from '../../closing.ts'
import { MissingContextError } from '../../missing-context.ts'
import type { Serving } from '../../serving.ts'
import { SocketLife } from '../../socket-life.ts'
import { openSocket } from './carrier.ts'
import type { MercuriusContext } from './shapes.ts'

/** Mercurius calls `onConnect` as a method of the connection. */
interface Connection {
  readonly socket: {
    close(code: number, reason: string): void
    once(event: 'close', listener: () => void): void
  }
  readonly context: MercuriusContext
  readonly subscriptionIters: ReadonlyMap<unknown, unknown>
  /** Whether it was welcome before. */
  readonly isReady: boolean
}

/** An `onConnect` that lets in who brings a good token, or none; the user's own is asked after it. */
export function connectOnly(serving: Serving, origins: readonly string[], then?: (data: unknown) => unknown) {
  return async function onConnect(this: Connection, data: { readonly payload?: unknown }): Promise<unknown> {
    const { request } = this.context
    // Before Mercurius does, which gives no code.
    const close = (closing: Closing): false => {
      this.socket.close(...closing)
      return false
    }
    try {
      if (request === undefined) throw new MissingContextError()
      const socket = openSocket(serving, request, data.payload, origins)
      const refusal = await socket.admit()
      if (refusal !== undefined) return close(closingFor(refusal))
      const answer = then === undefined ? true : await then.call(this, data)
      if (answer && !this.isReady) {
        const life = new SocketLife(socket, {
          isIdle: () => this.subscriptionIters.size === 0,
          close: (ended) => void close(closingFor(ended)),
        })
        this.socket.once('close', () => life.end())
        life.begin()
      }
      return answer
    } catch {
      return close(TURNED_AWAY)
    }
  }
}
