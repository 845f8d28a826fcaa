import { createServer } from 'node:http'
import { useServer } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { withAuthX } from '../../src/graphql/adapters/graphql-ws.ts'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { openSocket } from '../../test/harness/socket.ts'
import { exchange, type Reply, type Wire } from './exchange.ts'
import { serve as serveMercurius } from './mercurius.ts'
import type { Serve, Setup } from './serve.ts'
import { yoga } from './yoga.ts'

/** Another way into a server than a request and its answer. */
export interface Door {
  readonly serve: Serve
  readonly exchange: typeof exchange
}

/** Of an answer in server-sent events, its one result. */
async function overEvents(url: string, wire: Wire): Promise<Reply> {
  const reply = await exchange(url, { ...wire, headers: { ...wire.headers, accept: 'text/event-stream' } })
  const [text] = /(?<=^data: )\{.+\}$/m.exec(reply.text) ?? [reply.text]
  return { ...reply, text }
}

/** What pages cannot set as headers goes with `connection_init`; the reason of a closed connection counts as that of a refusal. */
async function overSocket(url: string, { body, headers }: Wire): Promise<Reply> {
  const { authorization, 'x-csrf-token': csrf, ...others } = headers
  const upgrade = typeof authorization === 'object' ? { ...others, authorization } : others
  await using socket = await openSocket(url, upgrade as Record<string, string>)
  const payload = {
    ...(typeof authorization === 'string' ? { authorization } : {}),
    ...(csrf === undefined ? {} : { 'x-csrf-token': csrf }),
  }
  const closed = socket.rest().then(({ reason }) => ({ reason: reason.split(': ')[1] ?? reason }))
  const answer = async (): Promise<object> => {
    await socket.init(payload)
    const { query, ...more } = body as { query: string }
    socket.subscribe('1', query, more)
    const { type, payload: result } = await socket.next()
    return type === 'error' ? { errors: result } : result
  }
  const result = await Promise.race([answer(), closed])
  const reply = 'reason' in result ? { errors: [{ extensions: result }] } : result
  return { status: 200, headers: {}, text: JSON.stringify(reply) }
}

/** graphql-ws, with nothing behind it. */
async function graphqlWs({ authx, schema, origins = [], onContext }: Setup) {
  const context = async (): Promise<object> => ({ own: await onContext?.() })
  return listenTo((server) => useServer(withAuthX(authx, { schema, context }, { origins }), server))
}

/** graphql-ws in front of Yoga, as it says there. */
async function yogaSockets({ authx, schema, origins = [], onContext }: Setup) {
  const context = async (): Promise<object> => ({ own: await onContext?.() })
  const { getEnveloped } = createYoga({
    schema,
    plugins: [useAuthX(authx, { origins })],
    context,
    logging: false,
  })
  interface Run {
    execute(args: unknown): never
    subscribe(args: unknown): never
  }
  const run = (args: { rootValue?: unknown }): Run => args.rootValue as Run
  const options = {
    execute: (args: { rootValue?: unknown }) => run(args).execute(args),
    subscribe: (args: { rootValue?: unknown }) => run(args).subscribe(args),
    async onSubscribe(
      connection: { extra: { request: unknown; socket: unknown } },
      _id: string,
      params: { query: string },
    ) {
      const { extra } = connection
      const enveloped = getEnveloped({ ...connection, req: extra.request, socket: extra.socket, params })
      const document = enveloped.parse(params.query)
      const errors = enveloped.validate(enveloped.schema, document)
      if (errors.length > 0) return errors
      const { variables: variableValues } = params as { variables?: object }
      const contextValue = await enveloped.contextFactory()
      const { execute, subscribe } = enveloped
      return {
        schema: enveloped.schema,
        document,
        variableValues,
        contextValue,
        rootValue: { execute, subscribe },
      }
    },
  }
  return listenTo((server) => useServer(withAuthX(authx, options, { origins }) as never, server))
}

async function listenTo(use: (server: WebSocketServer) => { dispose(): unknown }) {
  const http = createServer()
  const server = use(new WebSocketServer({ server: http }))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/graphql`,
    async close() {
      await server.dispose()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

const mercurius: Serve = ({ authx, schema, origins = [] }) =>
  serveMercurius(authx, schema, {
    origins,
    mercurius: { subscription: { fullWsTransport: true } },
  })

export const DOORS = {
  'Yoga, server-sent events': { serve: yoga, exchange: overEvents },
  'Yoga behind graphql-ws': { serve: yogaSockets, exchange: overSocket },
  'graphql-ws': { serve: graphqlWs, exchange: overSocket },
  'Mercurius, WebSocket': { serve: mercurius, exchange: overSocket },
} as const satisfies Record<string, Door>

export type DoorName = keyof typeof DOORS
