import { MissingContextError } from '../../missing-context.ts'
import type { Serving } from '../../serving.ts'
import { type Closing, closing } from '../../sockets/closing.ts'
import type { ServedSocket } from '../../sockets/served-socket.ts'
import { socketOf } from './carrier.ts'
import type { MercuriusContext } from './shapes.ts'

/** An operation, as its client asks for it. */
interface Start {
  readonly id: string
  readonly payload?: { readonly extensions?: unknown }
}

/** Mercurius calls `onConnect` as a method of the connection. */
interface Connection {
  readonly socket: {
    close(code: number, reason: string): void
    once(event: 'close', listener: () => void): void
  }
  readonly context: MercuriusContext
  /** Not public: Mercurius hands no hook the extensions of an operation, nor its end. Settled when that has been told. */
  handleGQLStart(message: Start): Promise<unknown>
  /** Whether it was welcome before: `onConnect` is asked again by operations that bring a `connectionInit`. */
  readonly isReady: boolean
}

/** An `onConnect` that lets in who brings a good token, or none; the user's own is asked after it. */
export function onConnectAround(
  serving: Serving,
  origins: readonly string[],
  then?: (data: unknown) => unknown,
) {
  return async function onConnect(this: Connection, data: { readonly payload?: unknown }): Promise<unknown> {
    const { request } = this.context
    // Before Mercurius does, which gives no code.
    const close = (how: Closing): void => this.socket.close(...how)
    try {
      if (request === undefined) throw new MissingContextError()
      const socket = socketOf(serving, request, data.payload)
      const refused = await socket.refuse(origins)
      if (refused !== undefined) {
        close(refused)
        return false
      }
      const answer = then === undefined ? true : await then.call(this, data)
      if (answer && !this.isReady) followToken(this, serving, socket)
      return answer
    } catch (error) {
      close(closing('FAILED'))
      // Into the app's log, by Mercurius.
      throw error
    }
  }
}

/** Closes a connection with its token. All that runs over it goes by that one, so nothing keeps it open longer. */
function followToken(connection: Connection, serving: Serving, socket: ServedSocket): void {
  const running = new Set<Start>()
  const life = socket.live({
    isIdle: () => running.size === 0,
    close: (how) => connection.socket.close(...how),
  })
  connection.socket.once('close', () => life.end())
  life.begin()
  const start = connection.handleGQLStart
  connection.handleGQLStart = async (message) => {
    // A client that renews its token so goes on with the connection's, and would not know why it ends.
    if (socket.bringsToken(message.payload?.extensions)) {
      serving.notice(
        "an operation over a Mercurius socket brought a token in its extensions, which is not read there: the connection's counts (docs/subscriptions.md)",
      )
    }
    running.add(message)
    try {
      return await start.call(connection, message)
    } finally {
      running.delete(message)
      life.completed(message.id)
    }
  }
}
