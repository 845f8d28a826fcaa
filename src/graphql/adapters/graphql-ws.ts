import {
  type ExecutionArgs,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  subscribe,
  validate,
} from 'graphql'
import type { ServerOptions } from 'graphql-ws'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { checkNames, readOrigins } from '../../core/option-checks.ts'
import type { ServedSocket } from '../served-socket.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import { closingFor, FORBIDDEN, FOREIGN, SocketLife } from '../socket-life.ts'

/** What `withAuthX` takes beside the options of graphql-ws. */
export interface WithAuthXOptions {
  /** Where tokens travel in cookies: the origins of other pages that may connect, such as `https://app.example.com`. @default none */
  readonly origins?: readonly string[]
}

/** A connection, as graphql-ws hands it to its hooks. */
interface Connection {
  readonly connectionParams?: unknown
  readonly subscriptions: Readonly<Record<string, unknown>>
  readonly extra: unknown
}

/** What a client asks for. */
interface Payload {
  readonly extensions?: unknown
}

// biome-ignore lint/suspicious/noExplicitAny: hooks of the user's, with what graphql-ws hands them
type Hook = (...args: any[]) => any

/** The options of graphql-ws that are looked at. */
interface SocketOptions {
  readonly schema?: unknown
  readonly context?: unknown
  readonly validate?: Hook
  readonly execute?: Hook
  readonly subscribe?: Hook
  readonly onConnect?: Hook
  readonly onSubscribe?: Hook
  readonly onOperation?: Hook
  readonly onComplete?: Hook
  readonly onClose?: Hook
}

/** What each `use/…` of graphql-ws takes, whatever it keeps for a connection: hooks of the user's were typed before it was known. */
type AnyHooks = {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly [Name in keyof ServerOptions as Name extends `on${string}` | 'context' ? Name : never]?: any
}

/** Refuses names that graphql-ws does not know. */
type Known<Options> = { readonly [Name in Exclude<keyof Options, keyof ServerOptions | 'isProd'>]: never }

/**
 * The options of a graphql-ws server, with an AuthX instance around them: the token comes in `connectionParams`, under `Authorization`, or in a cookie. A connection whose token is not
 * good is closed with 4403, and so is one whose token has ended, once what ran by it has told its client so.
 *
 * @example
 * useServer(withAuthX(authx, { schema: authx.protect(schema) }), new WebSocketServer({ server, path: '/graphql' }))
 *
 * @throws ConfigurationError where an option is wrong, or the schema was not protected
 */
export function withAuthX<Options extends object>(
  authx: { readonly serving: Serving },
  options: Options & Known<Options>,
  more: WithAuthXOptions = {},
): Options & AnyHooks {
  const serving = servingOf('withAuthX', authx)
  checkNames('withAuthX', more, { origins: true })
  const origins = readOrigins('withAuthX.origins', more.origins ?? [])
  const given = options as SocketOptions
  if (given.schema === undefined && given.onSubscribe === undefined) {
    throw new ConfigurationError('withAuthX.schema: give the schema, or an onSubscribe that brings one')
  }
  if (typeof given.schema === 'object') serving.assertProtected(given.schema as GraphQLSchema)
  const lives = new WeakMap<Connection, SocketLife>()
  const socketOf = ({ extra, connectionParams }: Connection): ServedSocket =>
    serving.socketOf(extra as object, connectionParams)
  /** The contexts that were filled here, and not by the plugin of a server behind. */
  const filled = new WeakSet<object>()
  const fill = (connection: Connection, payload: Payload | undefined, context: object): object => {
    filled.add(context)
    return Object.assign(context, socketOf(connection).contextMembers(context, payload?.extensions))
  }
  const run =
    (what: Hook): Hook =>
    async (args: ExecutionArgs) => {
      const unprotected = serving.refuseUnprotected(args.schema)
      if (unprotected !== undefined) return { errors: [unprotected] }
      if (!filled.has(args.contextValue as object)) return what(args)
      const admission = await serving.admit(args)
      if (admission !== undefined && 'errors' in admission) return admission
      return what({ ...args, ...admission })
    }
  const hooks: SocketOptions = {
    validate: (...args: Parameters<typeof validate>) =>
      serving.withoutHints((given.validate ?? validate)(...args) as readonly GraphQLError[]),
    execute: run(given.execute ?? (execute as Hook)),
    subscribe: run(given.subscribe ?? (subscribe as Hook)),
    async context(connection: Connection, id: string, payload: Payload, args: unknown) {
      const { context } = given
      const own: unknown =
        typeof context === 'function'
          ? await context(connection, id, payload, args)
          : { ...(context as object) }
      return fill(connection, payload, own ?? {})
    },
    async onConnect(connection: Connection) {
      const socket = socketOf(connection)
      if (socket.turnAway(origins) !== undefined) return close(connection, FORBIDDEN, FOREIGN)
      const life = new SocketLife(socket, {
        isIdle: () => Object.keys(connection.subscriptions).length === 0,
        close: (refusal) => void close(connection, ...closingFor(refusal)),
      })
      lives.set(connection, life)
      const refusal = await socket.admit()
      if (refusal !== undefined) return close(connection, ...closingFor(refusal))
      const answer = await given.onConnect?.(connection)
      if (answer !== false) life.begin()
      return answer
    },
    async onSubscribe(connection: Connection, id: string, payload: Payload) {
      const args = await given.onSubscribe?.(connection, id, payload)
      const { contextValue } = (args ?? {}) as { contextValue?: unknown }
      if (typeof contextValue === 'object' && contextValue !== null && !serving.isServed(contextValue))
        fill(connection, payload, contextValue)
      return args
    },
    async onOperation(
      connection: Connection,
      id: string,
      payload: Payload,
      args: ExecutionArgs,
      result: unknown,
    ) {
      lives.get(connection)?.started(id, payload?.extensions)
      const answer = (await given.onOperation?.(connection, id, payload, args, result)) ?? result
      return filled.has(args.contextValue as object)
        ? serving.endWithTokens(answer, args.contextValue)
        : answer
    },
    async onComplete(connection: Connection, id: string, payload: Payload) {
      await given.onComplete?.(connection, id, payload)
      lives.get(connection)?.completed(id)
    },
    async onClose(connection: Connection, ...how: unknown[]) {
      lives.get(connection)?.end()
      await given.onClose?.(connection, ...how)
    },
  }
  return { ...options, ...hooks }
}

/** @returns what makes graphql-ws close a connection with 4403 that cannot be reached */
function close({ extra }: Connection, code: number, why: string): false {
  const { socket } = (extra ?? {}) as { readonly socket?: { close?(code: number, why: string): void } }
  socket?.close?.(code, why)
  return false
}
