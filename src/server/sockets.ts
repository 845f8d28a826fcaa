import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import type { Context, ServerOptions } from 'graphql-ws'
import { type Extra, useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { withAuthX } from '../graphql/adapters/graphql-ws.ts'
import type { App } from './app.ts'
import { withDiscreetErrors } from './request-limits.ts'
import type { ServerSettings } from './settings.ts'

const PATH = '/graphql'
/** Operations that run over one connection at the same time, at most. */
const MOST_OPERATIONS = 100
/** Clients connect again. */
const GOING_AWAY = 1001
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
): Sockets {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: settings.requests.body,
    perMessageDeflate: false,
  })
  const connections = new Set<Connection>()
  const options: ServerOptions<Record<string, unknown>, Extra> = {
    onConnect: (connection) => void connections.add(connection),
    onClose: (connection) => void connections.delete(connection),
    execute: (args) => (args.rootValue as Run).execute(args) as ExecutionResult,
    subscribe: (args) => (args.rootValue as Run).subscribe(args) as ExecutionResult,
    async onSubscribe({ subscriptions, ...connection }, _id, params) {
      if (Object.keys(subscriptions).length > MOST_OPERATIONS) return [tooMany()]
      const { extra } = connection
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...connection,
        req: extra.request,
        socket: extra.socket,
        params,
      })
      try {
        const document = parse(params.query)
        const errors: readonly GraphQLError[] = validate(schema, document)
        if (errors.length > 0) return errors
        const { operationName, variables: variableValues } = params
        const contextValue = await contextFactory()
        return {
          schema,
          document,
          operationName,
          variableValues,
          contextValue,
          rootValue: { execute, subscribe },
        }
      } catch (error) {
        if (error instanceof GraphQLError) return [error]
        throw error
      }
    },
    onNext: (_context, _id, _payload, _args, result) =>
      withDiscreetErrors(result as ExecutionResult, settings) as never,
  }
  const { dispose } = useServer(withAuthX(authx, options, { origins: settings.corsOrigins }), sockets)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?', 1)[0] === PATH) {
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request))
    } else {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    }
  })
  return {
    async drain(timeout) {
      // What gave a stream has it there; what still works on its answer has nothing.
      const isBusy = ({ subscriptions }: Connection): boolean => Object.values(subscriptions).includes(null)
      for (let waited = 0; waited < timeout * 1000; waited += IDLE_CHECK) {
        const busy = [...connections].filter(isBusy)
        for (const connection of connections)
          if (!busy.includes(connection)) connection.extra.socket.close(GOING_AWAY, 'Going away')
        if (busy.length === 0) break
        await setTimeout(IDLE_CHECK)
      }
      const cut = new AbortController()
      const goodbye = dispose()
      await Promise.race([goodbye, setTimeout(FAREWELL, undefined, { signal: cut.signal })])
      cut.abort()
      for (const client of sockets.clients) client.terminate()
      await goodbye
    },
  }
}

function tooMany(): GraphQLError {
  const message = `A connection may have ${MOST_OPERATIONS} operations running; complete one first.`
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } })
}
