import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigurationError } from '../core/configuration-error.ts'
import { settleTarget } from './request-target.ts'

/** How often idle connections are closed while a server drains, milliseconds. */
const IDLE_CHECK = 50

/** A server that listens, and stops without cutting anybody off. */
export interface Listening {
  /** Where it is reached, such as `http://127.0.0.1:4000`. */
  readonly url: string
  readonly server: Server
  /**
   * Takes no more connections, lets what is running finish, then resolves.
   *
   * @param timeout seconds after which connections that are still open are cut
   */
  drain(timeout: number): Promise<void>
}

/** @throws ConfigurationError where the port is taken or the address is not ours */
export async function listen(handler: RequestListener, port: number, host: string): Promise<Listening> {
  const server = createServer((request, response) => {
    // Asks what the server itself can do (RFC 9110 section 9.3.7); no path is named, so nothing behind can answer.
    if (request.method === 'OPTIONS' && request.url === '*') {
      response.writeHead(204, { Allow: 'GET, POST, OPTIONS' }).end()
      return
    }
    if (settleTarget(request)) return handler(request, response)
    // What comes after takes a readable target for granted, and fails with its own paths in the answer.
    response.writeHead(400, { Connection: 'close', 'Content-Length': 0 }).end()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, port, host)))
    server.listen(port, host, resolve)
  })
  const { port: taken, address, family } = server.address() as AddressInfo
  const shown = family === 'IPv6' ? `[${address}]` : address
  return { url: `http://${shown}:${taken}`, server, drain: (timeout) => drain(server, timeout) }
}

async function drain(server: Server, timeout: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  // A connection that is kept alive between two requests would hold the server open.
  const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK)
  const cut = setTimeout(() => server.closeAllConnections(), timeout * 1000)
  server.closeIdleConnections()
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}

function cannotListen(cause: NodeJS.ErrnoException, port: number, host: string): Error {
  if (cause.code === 'EADDRINUSE') {
    return new ConfigurationError(
      `PORT: ${port} is taken on ${host}; stop what uses it, or set another PORT`,
      { cause },
    )
  }
  if (cause.code === 'EACCES')
    return new ConfigurationError(`PORT: ${port} is not allowed to this user; set one above 1023`, { cause })
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND') {
    return new ConfigurationError(`HOST: ${host} is not an address of this machine`, { cause })
  }
  return cause
}
