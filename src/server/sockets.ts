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
import type { App } from './app.ts'
import type { Pino } from './logging.ts'
import { withDiscreetErrors } from './request-limits.ts'
import type { ServerSettings } from './settings.ts'
import { speak } from './socket-wire.ts'
import { sourceAddress } from './source-address.ts'

const PATH = '/graphql'
/** Operations that run over one connection at the same time, at most. */
const MOST_OPERATIONS = 100
const TOO_MANY = `A connection may have ${MOST_OPERATIONS} operations running; complete one first.`
/** Clients connect again (RFC 6455 section 7.4.1). */
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
  log: Pick<Pino, 'error' | 'debug'>,
): Sockets {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: settings.requests.body,
    perMessageDeflate: false,
    handleProtocols,
  })
  const connections = new Set<Connection>()
  /** What each connection's operations were answered with, by id, until they end: graphql-ws forgets those that their client completes, and has one for two of an id. */
  const running = new WeakMap<Connection, Map<string, unknown>>()
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
    onConnect(connection) {
      connections.add(connection)
      running.set(connection, new Map())
    },
    onClose(connection) {
      connections.delete(connection)
      for (const result of running.get(connection)?.values() ?? []) leave(result)
    },
    execute: (args) => (args.rootValue as Run).execute(args) as ExecutionResult,
    subscribe: (args) => (args.rootValue as Run).subscribe(args) as ExecutionResult,
    async onSubscribe(connection, id, params) {
      const ids = running.get(connection) ?? new Map<string, unknown>()
      if (ids.has(id)) return [refused(`The operation ${id} is still ending; take another id.`)]
      if (ids.size >= MOST_OPERATIONS) return [refused(TOO_MANY)]
      ids.set(id, undefined)
      try {
        const args = await prepare(connection, params)
        if (Array.isArray(args)) ids.delete(id)
        return args
      } catch (error) {
        ids.delete(id)
        if (error instanceof GraphQLError) return [error]
        throw error
      }
    },
    onOperation(connection, id, _payload, _args, result) {
      running.get(connection)?.set(id, result)
    },
    onComplete: (connection, id) => void running.get(connection)?.delete(id),
    onNext: (_context, _id, _payload, _args, result) =>
      withDiscreetErrors(result as ExecutionResult, settings) as never,
  }
  const protocol = makeServer(withAuthX(authx, options, { origins: settings.corsOrigins }))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?', 1)[0] === PATH) {
      const address = sourceAddress(request, settings.trustedProxies)
      sockets.handleUpgrade(request, socket, head, (opened) =>
        speak(protocol, opened, { request, address, log }),
      )
    } else refuseUpgrade(socket)
  })
  return {
    async drain(timeout) {
      // What gave a stream has it there; what still works on its answer has nothing.
      const isBusy = ({ subscriptions }: Connection): boolean => Object.values(subscriptions).includes(null)
      for (let waited = 0; waited < timeout * 1000; waited += IDLE_CHECK) {
        let isAnyBusy = false
        for (const connection of connections) {
          if (isBusy(connection)) isAnyBusy = true
          else connection.extra.socket.close(GOING_AWAY, 'Going away')
        }
        if (!isAnyBusy) break
        await setTimeout(IDLE_CHECK)
      }
      const cut = new AbortController()
      const goodbye = new Promise((closed) => sockets.close(closed))
      for (const client of sockets.clients) client.close(GOING_AWAY, 'Going away')
      await Promise.race([goodbye, setTimeout(FAREWELL, undefined, { signal: cut.signal })])
      cut.abort()
      for (const client of sockets.clients) client.terminate()
      await goodbye
    },
  }
}

/** Node has taken its own listeners off: without one an error would end the process, and nobody else closes what its client leaves open. */
function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

/** Lets go of a stream that nobody reads any more. */
function leave(result: unknown): void {
  const { return: end } = (result ?? {}) as Partial<AsyncIterator<unknown>>
  if (end !== undefined) void end.call(result)
}

function refused(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } })
}
