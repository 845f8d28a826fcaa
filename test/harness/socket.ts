import { once } from 'node:events'
import { WebSocket } from 'ws'

// biome-ignore lint/suspicious/noExplicitAny: tests read into messages
type Message = any

/** A client of graphql-transport-ws that says exactly what a test wants said. */
export interface Socket extends AsyncDisposable {
  send(message: object | string): void
  /** The next message. */
  next(): Promise<Message>
  /** Everything that comes until the connection is closed, and how it was. */
  rest(): Promise<{ readonly messages: readonly Message[]; readonly code: number; readonly reason: string }>
  /** Introduces itself, and resolves when it is welcome. */
  init(connectionParams?: unknown): Promise<void>
  /** Reads nothing any more. */
  pause(): void
  /** Reads again. */
  resume(): void
  subscribe(id: string, query: string, more?: object): void
}

/** Connects to a server's endpoint, given by its HTTP URL. */
export async function openSocket(url: string, headers: Record<string, string> = {}): Promise<Socket> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws', { headers })
  const messages: Message[] = []
  const readers: ((message: Message) => void)[] = []
  const closed = once(socket, 'close') as Promise<[number, Buffer]>
  socket.on('message', (data) => {
    const message = JSON.parse(String(data))
    const reader = readers.shift()
    if (reader === undefined) messages.push(message)
    else reader(message)
  })
  // Where it is never opened, that is told below.
  closed.catch(() => undefined)
  await once(socket, 'open')
  const send = (message: object | string): void =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const next = async (): Promise<Message> =>
    messages.shift() ?? new Promise((resolve) => readers.push(resolve))
  return {
    send,
    next,
    async rest() {
      const [code, reason] = await closed
      return { messages: messages.splice(0), code, reason: String(reason) }
    },
    async init(payload) {
      send({ type: 'connection_init', ...(payload === undefined ? {} : { payload }) })
      const { type } = await next()
      if (type !== 'connection_ack') throw new Error(`not welcome: ${type}`)
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    subscribe: (id, query, more = {}) => send({ type: 'subscribe', id, payload: { query, ...more } }),
    async [Symbol.asyncDispose]() {
      socket.terminate()
    },
  }
}
