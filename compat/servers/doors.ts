import { createServer, type RequestListener } from 'node:http'
import { useDeferStream } from '@graphql-yoga/plugin-defer-stream'
import { createHandler } from 'graphql-http/lib/use/http'
import { createHandler as createEvents } from 'graphql-sse/lib/use/http'
import { useServer } from 'graphql-ws/use/ws'
import { createYoga } from 'graphql-yoga'
import { WebSocketServer } from 'ws'
import { authxOptions } from '../../src/graphql/adapters/graphql-http.ts'
import { withAuthX as withEvents } from '../../src/graphql/adapters/graphql-sse.ts'
import { withAuthX } from '../../src/graphql/adapters/graphql-ws.ts'
import { useAuthX } from '../../src/graphql/adapters/yoga.ts'
import { openSocket } from '../../test/harness/socket.ts'
import { deferred, type Part, whole } from './deferred.ts'
import { exchange, type Reply, type Wire } from './exchange.ts'
import { listen } from './listen.ts'
import { serve as serveMercurius } from './mercurius.ts'
import type { Serve, Served, Setup } from './serve.ts'
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

/** Of an answer in parts, what it is in the end; where nothing was deferred, the one answer. */
async function inParts(url: string, { body, ...wire }: Wire): Promise<Reply> {
  const headers = { ...wire.headers, accept: 'multipart/mixed' }
  const reply = await exchange(url, { ...wire, body: deferred(body), headers })
  const parts = [...reply.text.matchAll(/^\{.+\}$/gm)].map(([text]) => JSON.parse(text) as Part)
  return parts.length === 0 ? reply : { ...reply, text: JSON.stringify(whole(parts)) }
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
    const parts: Part[] = []
    for (;;) {
      const { type, payload: result } = await socket.next()
      if (type === 'error') return { errors: result }
      if (type === 'complete') return whole(parts)
      parts.push(result)
    }
  }
  const result = await Promise.race([answer(), closed])
  const reply = 'reason' in result ? { errors: [{ extensions: result }] } : result
  return { status: 200, headers: {}, text: JSON.stringify(reply) }
}

async function partsOverSocket(url: string, { body, ...wire }: Wire): Promise<Reply> {
  return overSocket(url, { ...wire, body: deferred(body) })
}

/** What sets cookies comes as it does to a page: before, and over HTTP. */
const afterLogin =
  (door: typeof exchange): typeof exchange =>
  (url, wire) => {
    const { query } = wire.body as { readonly query?: unknown }
    return (query === 'mutation { login }' ? exchange : door)(url, wire)
  }

/** graphql-sse, and graphql-http beside it. */
async function graphqlSse({ authx, schema, origins = [], onContext }: Setup): Promise<Served> {
  const context = async (): Promise<Record<string, unknown>> => ({ own: await onContext?.() })
  const events = createEvents(withEvents(authx, { schema, context: context as never }, { origins }))
  const http = createHandler(authxOptions(authx, { schema, context }, { origins }))
  return listen((req, res) => {
    const handler = req.headers.accept === 'text/event-stream' ? events : http
    handler(req, res).catch(() => res.writeHead(500).end())
  })
}

const yogaInParts: Serve = (setup) => yoga({ ...setup, plugins: [useDeferStream()] })

/** graphql-ws, and graphql-http beside it. */
async function graphqlWs({ authx, schema, origins = [], onContext }: Setup) {
  const context = async (): Promise<object> => ({ own: await onContext?.() })
  const beside = createHandler(authxOptions(authx, { schema }, { origins }))
  return listenTo(beside, (server) => useServer(withAuthX(authx, { schema, context }, { origins }), server))
}

/** graphql-ws in front of Yoga, as it says there. */
async function yogaSockets({ authx, schema, origins = [], onContext }: Setup) {
  const context = async (): Promise<object> => ({ own: await onContext?.() })
  const yoga = createYoga({
    schema,
    plugins: [useDeferStream(), useAuthX(authx, { origins })],
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
      const enveloped = yoga.getEnveloped({ ...connection, req: extra.request, socket: extra.socket, params })
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
  return listenTo(yoga, (server) => useServer(withAuthX(authx, options, { origins }) as never, server))
}

async function listenTo(beside: RequestListener, use: (server: WebSocketServer) => { dispose(): unknown }) {
  const http = createServer(beside)
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
  'Yoga, @defer': { serve: yogaInParts, exchange: inParts },
  'graphql-sse': { serve: graphqlSse, exchange: afterLogin(overEvents) },
  'Yoga behind graphql-ws': { serve: yogaSockets, exchange: afterLogin(overSocket) },
  'Yoga behind graphql-ws, @defer': { serve: yogaSockets, exchange: afterLogin(partsOverSocket) },
  'graphql-ws': { serve: graphqlWs, exchange: afterLogin(overSocket) },
  'Mercurius, WebSocket': { serve: mercurius, exchange: afterLogin(overSocket) },
} as const satisfies Record<string, Door>

export type DoorName = keyof typeof DOORS
