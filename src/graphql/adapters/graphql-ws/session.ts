import { GraphQLError } from 'graphql'
import { ownContext } from '../../handler-request.ts'
import type { Serving } from '../../serving.ts'
import { type Closing, closing } from '../../sockets/closing.ts'
import type { ServedSocket } from '../../sockets/served-socket.ts'
import type { UpgradeRequest } from '../../sockets/socket-carrier.ts'
import type { SocketLife } from '../../sockets/socket-life.ts'
import type { Connection } from './shapes.ts'

/** What all sessions of a server have in common. */
export interface SessionParts {
  readonly serving: Serving
  /** How many operations may run at the same time. */
  readonly maxOperations: number
  /** The request that opened a connection. */
  request(extra: object): UpgradeRequest | null | undefined
}

/** One connection of graphql-ws that has introduced itself, and what runs over it. */
export class Session {
  readonly #parts: SessionParts
  readonly #connection: Connection
  readonly #socket: ServedSocket
  readonly #life: SocketLife
  /** Until they have ended: graphql-ws forgets those that their client completes while they begin, and then has one for two of an id. */
  readonly #running = new Map<string, Operation>()

  constructor(parts: SessionParts, connection: Connection) {
    const { connectionParams } = connection
    const extra = connection.extra as object
    this.#parts = parts
    this.#connection = connection
    this.#socket = parts.serving.socketOf(extra, { request: parts.request(extra), connectionParams })
    this.#life = this.#socket.live({
      isIdle: () => Object.keys(connection.subscriptions).length === 0,
      close: (how) => this.close(how),
    })
  }

  /** {@link ServedSocket.refuse} */
  async refuse(origins: readonly string[]): Promise<Closing | undefined> {
    return this.#socket.refuse(origins)
  }

  /** It is welcome. */
  begin(): void {
    this.#life.begin()
  }

  /** An operation is asked for. @returns the error to answer with, where it may not begin */
  start(id: string, extensions: unknown): Operation | GraphQLError {
    const { maxOperations } = this.#parts
    if (this.#running.has(id)) {
      const how = closing('ID_TAKEN', id)
      this.close(how)
      return new GraphQLError(how[1], { extensions: { code: 'BAD_REQUEST' } })
    }
    if (this.#running.size >= maxOperations) {
      const message = `A connection may have ${maxOperations} operations running; complete one first.`
      return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } })
    }
    const operation = new Operation(this, id, extensions)
    this.#running.set(id, operation)
    this.#life.started(id, extensions)
    return operation
  }

  /** Undefined where it has ended. */
  operationOf(id: string): Operation | undefined {
    return this.#running.get(id)
  }

  /** Whether the client of an operation still waits. */
  isAwaited(id: string): boolean {
    return id in this.#connection.subscriptions
  }

  /** An operation has ended, however. */
  end(id: string): void {
    this.#running.delete(id)
    this.#life.completed(id)
  }

  /** The client has left: streams return, and what is still beginning is told by its signal. */
  leave(): void {
    this.#life.end()
    for (const { context, answer } of this.#running.values()) {
      const { return: end } = (answer ?? {}) as Partial<AsyncIterator<unknown>>
      if (end !== undefined) void end.call(answer)
      this.#parts.serving.complete(context)
    }
    this.#running.clear()
  }

  /** What graphql-ws keeps for a connection has its socket; uWebSockets.js calls the polite way to close one `end`. Where it has none, graphql-ws closes what is refused itself. */
  close(how: Closing): void {
    type Close = (...how: Closing) => void
    const { socket } = this.#connection.extra as { readonly socket?: { end?: Close; close?: Close } }
    if (socket?.end !== undefined) socket.end(...how)
    else socket?.close?.(...how)
  }

  /** @throws TypeError where the context that was given is no object */
  contextFor(given: unknown, extensions: unknown): object {
    const context = ownContext(given)
    return Object.assign(context, this.#socket.contextMembers(context, extensions))
  }
}

/** One operation over a session. */
export class Operation {
  readonly #session: Session
  readonly #id: string
  readonly #extensions: unknown
  /** What it is executed with, once that is made. */
  context: object | undefined
  /** Whether the plugin of a server behind made the context, and judges, refuses and ends by it. */
  isServedBehind = false
  /** What it is answered with, once that is there. */
  answer: unknown

  constructor(session: Session, id: string, extensions: unknown) {
    this.#session = session
    this.#id = id
    this.#extensions = extensions
  }

  /** Whether its client still waits. */
  get isAwaited(): boolean {
    return this.#session.isAwaited(this.#id)
  }

  /** A context that is this operation's alone: the user may give one and the same for several, and of several connections. */
  fill(given: unknown): object {
    this.context = this.#session.contextFor(given, this.#extensions)
    return this.context
  }

  /** Takes a context as it is. */
  leaveTo(context: object): object {
    this.isServedBehind = true
    this.context = context
    return context
  }

  end(): void {
    this.#session.end(this.#id)
  }
}
