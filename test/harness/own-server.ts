import {
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getOperationAST,
  parse,
  subscribe,
  validate,
} from 'graphql'
import type { AuthX, Carrier, ServedRequest, ServedSocket, SocketOpening } from '../../src/index.ts'

/** What a client asks for. */
export interface Params {
  readonly query: string
  readonly operationName?: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly extensions?: unknown
}

type Result = ExecutionResult | AsyncGenerator<ExecutionResult, void>

/** One operation over a request or a socket: a result, or a stream of them. */
async function run(
  { serving }: AuthX,
  schema: GraphQLSchema,
  by: ServedRequest | ServedSocket,
  { query, operationName, variables, extensions }: Params,
  contextValue: object,
): Promise<Result> {
  serving.beginServing(schema)
  const document = parse(query)
  const faults = validate(schema, document)
  if (faults.length > 0) return { errors: serving.withoutHints(faults) }
  Object.assign(contextValue, by.contextMembers(contextValue, extensions))
  const operation = { schema, document, operationName, variableValues: variables, contextValue }
  const admission = await serving.admit(operation)
  if (admission !== undefined && 'errors' in admission) return { errors: admission.errors }
  const kind = getOperationAST(document, operationName)?.operation
  const answer = await (kind === 'subscription' ? subscribe : execute)({ ...operation, ...admission })
  return serving.bindAnswer(answer, contextValue)
}

/** What a request over HTTP is answered with. */
export interface Answered {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cookies?: readonly string[]
  /** Whether it has to say `Cache-Control: no-store`. */
  readonly isPrivate?: boolean
  /** Undefined where the request was turned away. */
  readonly result?: Result
}

/** A request over HTTP. */
export async function answer(
  authx: AuthX,
  schema: GraphQLSchema,
  carrier: Carrier,
  params: Params,
  contextValue: object = {},
): Promise<Answered> {
  const request = authx.serving.open(carrier)
  const away = request.turnAway([])
  if (away !== undefined) return { status: away.status }
  const result = await run(authx, schema, request, params, contextValue)
  // The headers of a stream go out before it is known what is in it.
  if (Symbol.asyncIterator in result) return { status: 200, result }
  const { status = 200, headers = {} } = authx.serving.outcomeOf(result) ?? {}
  const { cookies, isPrivate } = await request.finish()
  return { status, headers, cookies, isPrivate, result }
}

/** What is asked of a WebSocket. */
export interface Wire {
  close(code: number, reason: string): void
  once(event: 'close', left: () => void): unknown
}

/** Runs an operation over a WebSocket, and resolves when it has ended. */
export type Operate = (id: string, params: Params, send: (result: object) => void) => Promise<void>

/** A WebSocket that has introduced itself. Undefined where it is not welcome; it is closed then. */
export async function welcome(
  authx: AuthX,
  schema: GraphQLSchema,
  wire: Wire,
  opening: SocketOpening,
): Promise<Operate | undefined> {
  const socket = authx.serving.socketOf(wire, opening)
  const running = new Map<string, { readonly context: object; stream?: AsyncIterator<unknown> }>()
  const life = socket.live({
    isIdle: () => running.size === 0,
    close: (closing) => wire.close(...closing),
  })
  wire.once('close', () => {
    life.end()
    for (const { context, stream } of running.values()) {
      authx.serving.complete(context)
      void stream?.return?.()
    }
  })
  const refused = await socket.refuse([])
  if (refused !== undefined) {
    wire.close(...refused)
    return undefined
  }
  life.begin()
  return async (id, params, send) => {
    const context = {}
    running.set(id, { context })
    life.started(id, params.extensions)
    try {
      const result = await run(authx, schema, socket, params, context)
      if (Symbol.asyncIterator in result) {
        running.set(id, { context, stream: result })
        for await (const event of result) send(event)
      } else send(result)
    } finally {
      running.delete(id)
      life.completed(id)
    }
  }
}
