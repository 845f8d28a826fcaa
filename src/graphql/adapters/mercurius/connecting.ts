import { type Closing, closingFor, TURNED_AWAY, UNJUDGED } from '../../closing.ts'
import { MissingContextError } from '../../missing-context.ts'
import type { ServedSocket } from '../../served-socket.ts'
import type { Serving } from '../../serving.ts'
import { SocketLife } from '../../socket-life.ts'
import { openSocket } from './carrier.ts'
import { Refused } from './refused.ts'
import type { MercuriusContext } from './shapes.ts'

/** Mercurius calls `onConnect` as a method of the connection. */
interface Connection {
  readonly socket: {
    close(code: number, reason: string): void
    once(event: 'close', listener: () => void): void
  }
  readonly context: MercuriusContext
  /** Not public: Mercurius hands no hook the extensions of an operation. */
  handleGQLStart?(message: { readonly payload?: { readonly extensions?: unknown } }): unknown
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
        noteOwnTokens(this, serving, socket)
      }
      return answer
    } catch (error) {
      return close(error instanceof Refused ? TURNED_AWAY : UNJUDGED)
    }
  }
}

/** A client that renews its token so goes on with the connection's, and would not know why it ends. */
function noteOwnTokens(connection: Connection, serving: Serving, socket: ServedSocket): void {
  const { handleGQLStart: start } = connection
  if (start === undefined) return
  connection.handleGQLStart = (message) => {
    if (socket.bringsToken(message.payload?.extensions)) {
      serving.notice(
        "an operation over a Mercurius socket brought a token in its extensions, which is not read there: the connection's counts (docs/subscriptions.md)",
      )
    }
    return start.call(connection, message)
  }
}
