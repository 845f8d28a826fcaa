import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import {
  type Context,
  handleProtocols,
  makeServer,
  type ServerOptions,
  type SubscribePayload,
} from 'graphql-ws'
import type { Extra } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { withAuthX } from '../graphql/adapters/graphql-ws.ts'
import { closing } from '../graphql/sockets/closing.ts'
import type { App } from './app.ts'
import type { Pino } from './logging.ts'
import { withDiscreetErrors } from './request-limits.ts'
import type { ServerSettings } from './settings.ts'
import { SocketLimit } from './socket-limit.ts'
import { speak } from './socket-wire.ts'
import { sourceAddress, sourceKey } from './source-address.ts'

const PATH = '/graphql'
/** Operations that run over one connection at the same time, at most. */
const MOST_OPERATIONS = 100
/** How often it is looked whether anything still runs while the server drains, milliseconds. */
const IDLE_CHECK = 20
/** Milliseconds that clients get to say goodbye. */
const FAREWELL = 1000

/** What is spoken over the WebSockets of a server. */
export interface Sockets {
  /**
   * Lets queries and mutations finish, says goodbye on every connection, and resolves when all are closed. Subscriptions end with theirs and are not called complete, so that clients
   * connect again and go on.
   *
   * @param timeout seconds after which connections that are still open are cut
   */
  drain(timeout: number): Promise<void>
}

type Connection = Context<Record<string, unknown>, Extra>

/** The functions with which Yoga runs an operation, its plugins around them. */
interface Run {
  execute(args: ExecutionArgs): unknown
  subscribe(args: ExecutionArgs): unknown
}

/** Speaks graphql-transport-ws at `/graphql`, with everything that holds for a request over HTTP. */
export function serveSockets(
  server: Server,
  { authx, yoga }: Pick<App, 'authx' | 'yoga'>,
  settings: ServerSettings,
  log: Pick<Pino, 'error' | 'debug'>,
): Sockets {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: settings.requests.body,
    perMessageDeflate: false,
    handleProtocols,
  })
  const connections = new Set<Connection>()
  const prepare = async (
    { subscriptions: _, ...connection }: Connection,
    params: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> => {
    const { extra } = connection
    const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
      ...connection,
      req: extra.request,
      socket: extra.socket,
      params,
    })
    const document = parse(params.query)
    const errors: readonly GraphQLError[] = validate(schema, document)
    if (errors.length > 0) return errors
    const { operationName, variables: variableValues } = params
    if (!getOperationAST(document, operationName)) return [new GraphQLError('Unable to identify operation')]
    const contextValue = await contextFactory()
    return {
      schema,
      document,
      operationName,
      variableValues,
      contextValue,
      rootValue: { execute, subscribe },
    } as ExecutionArgs
  }
  const options: ServerOptions<Record<string, unknown>, Extra> = {
    onConnect: (connection) => void connections.add(connection),
    onClose: (connection) => void connections.delete(connection),
    execute: (args) => (args.rootValue as Run).execute(args) as ExecutionResult,
    subscribe: (args) => (args.rootValue as Run).subscribe(args) as ExecutionResult,
    onSubscribe: (connection, _id, params) => prepare(connection, params),
    onNext: (_context, _id, _payload, _args, result) =>
      withDiscreetErrors(result as ExecutionResult, settings) as never,
  }
  const protocol = makeServer(
    withAuthX(authx, options, { origins: settings.corsOrigins, maxOperations: MOST_OPERATIONS }),
  )
  const limit = new SocketLimit(settings.sockets)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?', 1)[0] !== PATH) return refuseUpgrade(socket, '404 Not Found')
    const address = sourceAddress(request, settings.trustedProxies)
    const taken = limit.take(sourceKey(address))
    if (typeof taken === 'string') return refuseUpgrade(socket, taken)
    socket.once('close', taken.giveBack)
    sockets.handleUpgrade(request, socket, head, (opened) =>
      speak(protocol, opened, { request, address, log }),
    )
  })
  return {
    async drain(timeout) {
      // What gave a stream has it there; what still works on its answer has nothing.
      const isBusy = ({ subscriptions }: Connection): boolean => Object.values(subscriptions).includes(null)
      for (let waited = 0; waited < timeout * 1000; waited += IDLE_CHECK) {
        let isAnyBusy = false
        for (const connection of connections) {
          if (isBusy(connection)) isAnyBusy = true
          else connection.extra.socket.close(...closing('STOPPED'))
        }
        if (!isAnyBusy) break
        await setTimeout(IDLE_CHECK)
      }
      const cut = new AbortController()
      const goodbye = new Promise((closed) => sockets.close(closed))
      for (const client of sockets.clients) client.close(...closing('STOPPED'))
      await Promise.race([goodbye, setTimeout(FAREWELL, undefined, { signal: cut.signal })])
      cut.abort()
      for (const client of sockets.clients) client.terminate()
      await goodbye
    },
  }
}

/** Node has taken its own listeners off: without one an error would end the process, and nobody else closes what its client leaves open. */
function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
