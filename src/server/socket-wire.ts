import type { IncomingMessage } from 'node:http'
import { CloseCode, MessageType, parseMessage, type Server, stringifyMessage } from 'graphql-ws'
import type { Extra } from 'graphql-ws/use/ws'
import type { RawData, WebSocket } from 'ws'
import { loggable } from '../core/logger.ts'
import { calledFrom } from './calling-address.ts'
import type { Pino } from './logging.ts'

/** How often a client has to show that it is there, and how long it has for that, milliseconds. */
const SIGN_OF_LIFE = 12_000
/** Bytes that a client has not read yet, beyond which no more is read of what it says. */
const MOST_UNREAD = 2 ** 20

const PONG = stringifyMessage({ type: MessageType.Pong })

const CLIENTS_MESSAGES: readonly string[] = [
  MessageType.ConnectionInit,
  MessageType.Subscribe,
  MessageType.Complete,
  MessageType.Ping,
  MessageType.Pong,
]

/** Who is at the other end, and where what goes wrong is told. */
export interface SpokenFor {
  /** The one that was upgraded. */
  readonly request: IncomingMessage
  /** Where it came from. */
  readonly address: string
  readonly log: Pick<Pino, 'error' | 'debug'>
}

/**
 * Speaks graphql-transport-ws over one WebSocket.
 *
 * As `graphql-ws/use/ws` does, but for hostile clients: what they provoke goes to the log and not to stderr, and who asks without reading is not read either.
 */
export function speak(
  protocol: Server<Extra>,
  socket: WebSocket,
  { request, address, log }: SpokenFor,
): void {
  // `ws` has closed it by then, with the code that says why.
  socket.on('error', (error) => log.debug({ err: loggable(error) }, 'a client broke the rules of WebSockets'))
  const stop = askForSignsOfLife(socket)
  const resume = (): void => {
    if (socket.isPaused && socket.bufferedAmount <= MOST_UNREAD) socket.resume()
  }
  const send = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN) return resolve()
      socket.send(text, (error) => {
        resume()
        if (error) reject(error)
        else resolve()
      })
    })
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      close: (code, reason) => socket.close(code, reason),
      send,
      // Without what came with the ping, which may be more than can be written.
      onPing: () => send(PONG),
      onMessage(handle) {
        socket.on('message', async (data: RawData) => {
          if (socket.bufferedAmount > MOST_UNREAD) socket.pause()
          const message = String(data)
          try {
            await calledFrom(address, () => handle(message))
          } catch (error) {
            if (isClients(message)) {
              log.error({ err: loggable(error) }, 'a message over a WebSocket could not be answered')
              socket.close(CloseCode.InternalServerError, 'Internal server error')
            } else socket.close(CloseCode.BadRequest, 'Invalid message received')
          }
        })
      },
    },
    { socket, request },
  )
  socket.once('close', async (code, reason) => {
    stop()
    try {
      await closed(code, String(reason))
    } catch (error) {
      log.error({ err: loggable(error) }, 'what ran over a WebSocket failed to end')
    }
  })
}

/** Whether it is a message that clients send, and not one of the server's. */
function isClients(message: string): boolean {
  return CLIENTS_MESSAGES.includes(parseMessage(message).type)
}

/** A connection whose client is gone without a word is cut. */
function askForSignsOfLife(socket: WebSocket): () => void {
  let isThere = true
  socket.on('pong', () => {
    isThere = true
  })
  const asking = setInterval(() => {
    if (!isThere) return socket.terminate()
    isThere = false
    if (socket.readyState === socket.OPEN) socket.ping()
  }, SIGN_OF_LIFE)
  return () => clearInterval(asking)
}
