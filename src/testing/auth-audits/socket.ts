import { once } from 'node:events'
import { setTimeout as after } from 'node:timers/promises'
import type { ResultError } from './reading.ts'

/** Milliseconds until a server that opens no connection has failed. */
const PATIENCE = 20_000

/** How something over a connection came to an end, in words. */
export type Ending = 'an error' | 'completion' | 'completion after errors' | `a close with ${number}`

/** A client of graphql-transport-ws that sends whatever it is told. */
export interface AuditSocket {
  send(message: object): void
  /** Whether the server welcomed the connection within so many milliseconds. */
  welcomed(within: number): Promise<boolean>
  /** How the first operation or the connection ended, if it did within so many milliseconds. */
  ended(within: number): Promise<Ending | undefined>
  /** The errors of the first operation. */
  errors(): readonly ResultError[]
  /** Whether any data came. */
  hasData(): boolean
  /** The code that the connection was closed with, if it was. */
  code(): number | undefined
  close(): void
}

interface Message {
  readonly type: string
  readonly payload?: { readonly data?: unknown; readonly errors?: unknown }
}

/** @throws Error where no connection comes about */
export async function openAuditSocket(url: string): Promise<AuditSocket> {
  // Only who audits sockets needs the package.
  const { WebSocket } = await import('ws')
  const socket = new WebSocket(url, 'graphql-transport-ws', { handshakeTimeout: PATIENCE })
  const messages: Message[] = []
  let code: number | undefined
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  socket.on('close', (closed) => {
    code = closed
  })
  await once(socket, 'open')
  socket.on('error', () => {})
  const until = async <Found>(find: () => Found | undefined, within: number): Promise<Found | undefined> => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
    }, within)
    let found = find()
    for (; found === undefined && !isLate; found = find()) await after(5)
    clearTimeout(timer)
    return found
  }
  const ending = (): Ending | undefined => {
    const hasErrors = messages.some(({ type, payload }) => type === 'next' && payload?.errors !== undefined)
    for (const { type } of messages) {
      if (type === 'error') return 'an error'
      if (type === 'complete') return hasErrors ? 'completion after errors' : 'completion'
    }
    return code === undefined ? undefined : `a close with ${code}`
  }
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    async welcomed(within) {
      const find = (): boolean | undefined =>
        messages.some(({ type }) => type === 'connection_ack') ? true : code === undefined ? undefined : false
      return (await until(find, within)) ?? false
    },
    ended: (within) => until(ending, within),
    errors: () =>
      messages.flatMap(({ type, payload }) => {
        const list = type === 'error' ? payload : type === 'next' ? payload?.errors : []
        return Array.isArray(list) ? (list as ResultError[]) : []
      }),
    hasData: () => messages.some(({ payload }) => payload?.data != null),
    code: () => code,
    close: () => socket.terminate(),
  }
}
