import { type ExecutionArgs, execute, GraphQLError, type GraphQLSchema, subscribe } from 'graphql'
import type { ServerOptions } from 'graphql-ws'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { checkNames, readOrigins } from '../../core/option-checks.ts'
import { type Closing, closingFor, TURNED_AWAY } from '../closing.ts'
import { ownContext } from '../handler-request.ts'
import type { ServedSocket } from '../served-socket.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import { SocketLife } from '../socket-life.ts'
import { SocketOperations } from '../socket-operations.ts'
import { prepare } from './graphql-ws/preparing.ts'
import type { Connection, Hook, Payload, SocketOptions } from './graphql-ws/shapes.ts'

/** What `withAuthX` takes beside the options of graphql-ws. */
export interface WithAuthXOptions {
  /** Where tokens travel in cookies: the origins of other pages that may connect, such as `https://app.example.com`. @default none */
  readonly origins?: readonly string[]
  /** Operations that one connection may have running. @default any number */
  readonly maxOperations?: number
}

/** What each `use/…` of graphql-ws takes, whatever it keeps for a connection: hooks of the user's were typed before it was known. */
type AnyHooks = {
  // biome-ignore lint/suspicious/noExplicitAny: hooks of the user's
  readonly [Name in keyof ServerOptions as Name extends `on${string}` | 'context' ? Name : never]?: any
}

/** Refuses names that graphql-ws does not know. */
type Known<Options> = { readonly [Name in Exclude<keyof Options, keyof ServerOptions | 'isProd'>]: never }

/**
 * The options of a graphql-ws server, with an AuthX instance around them: the token comes in `connectionParams`, under `Authorization`, or in a cookie. A connection whose token is not
 * good is closed with 4403, and so is one whose token has ended, once what ran by it has told its client so. Documents with mistakes, and what hooks throw as a `GraphQLError`, are
 * answered.
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
  checkNames('withAuthX', more, { origins: true, maxOperations: true })
  const origins = readOrigins('withAuthX.origins', more.origins ?? [])
  const { maxOperations = Number.POSITIVE_INFINITY } = more
  if (typeof maxOperations !== 'number' || !(maxOperations >= 1))
    throw new ConfigurationError('withAuthX.maxOperations: must be a number from 1')
  const given = options as SocketOptions
  if (given.schema === undefined && given.onSubscribe === undefined) {
    throw new ConfigurationError('withAuthX.schema: give the schema, or an onSubscribe that brings one')
  }
  if (typeof given.schema === 'object') serving.assertProtected(given.schema as GraphQLSchema)
  const lives = new WeakMap<Connection, SocketLife>()
  const running = new WeakMap<Connection, SocketOperations>()
  const operationsOf = (connection: Connection): SocketOperations => {
    const known = running.get(connection) ?? new SocketOperations(maxOperations)
    running.set(connection, known)
    return known
  }
  const socketOf = ({ extra, connectionParams }: Connection): ServedSocket =>
    serving.socketOf(extra as object, connectionParams)
  const end = (connection: Connection, id: string): void => {
    operationsOf(connection).end(id)
    lives.get(connection)?.completed(id)
  }
  /** The contexts that were filled here, and not by the plugin of a server behind. */
  const filled = new WeakSet<object>()
  /** Whether the client of an operation still waits, by its context. */
  const waits = new WeakMap<object, () => boolean>()
  /** What frees the id of an operation that was never answered, by its context. */
  const ends = new WeakMap<object, () => void>()
  /** A context that is this operation's alone: the user may give one and the same for several, and of several connections. */
  const fill = (connection: Connection, id: string, { extensions }: Payload, given: unknown): object => {
    const isBehind = typeof given === 'object' && given !== null && serving.isServed(given)
    const context = isBehind ? given : ownContext(given)
    ends.set(context, () => end(connection, id))
    waits.set(context, () => id in connection.subscriptions)
    if (isBehind) return context
    filled.add(context)
    return Object.assign(context, socketOf(connection).contextMembers(context, extensions))
  }
  const execution = async (what: Hook, args: ExecutionArgs): Promise<unknown> => {
    const unprotected = serving.refuseUnprotected(args.schema)
    if (unprotected !== undefined) return { errors: [unprotected] }
    const context = args.contextValue as object
    const admission = filled.has(context) ? await serving.admit(args) : undefined
    // Its client has left, or completed it: nothing of it begins.
    if (waits.get(context)?.() === false) return { data: null }
    if (admission !== undefined && 'errors' in admission) return admission
    return what({ ...args, ...admission })
  }
  const run =
    (what: Hook): Hook =>
    async (args: ExecutionArgs) => {
      try {
        return await execution(what, args)
      } catch (error) {
        ends.get(args.contextValue as object)?.()
        throw error
      }
    }
  const hooks: SocketOptions = {
    execute: run(given.execute ?? (execute as Hook)),
    subscribe: run(given.subscribe ?? (subscribe as Hook)),
    async onConnect(connection: Connection) {
      const socket = socketOf(connection)
      if (socket.turnAway(origins) !== undefined) return close(connection, TURNED_AWAY)
      const life = new SocketLife(socket, {
        isIdle: () => Object.keys(connection.subscriptions).length === 0,
        close: (refusal) => void close(connection, closingFor(refusal)),
      })
      lives.set(connection, life)
      const refusal = await socket.admit()
      if (refusal !== undefined) return close(connection, closingFor(refusal))
      const answer = await given.onConnect?.(connection)
      if (answer !== false) life.begin()
      return answer
    },
    async onSubscribe(connection: Connection, id: string, payload: Payload) {
      const operations = operationsOf(connection)
      const refused = operations.begin(id)
      if (refused !== undefined) return [refused]
      lives.get(connection)?.started(id, payload?.extensions)
      try {
        const args = await prepare(given, serving, connection, id, payload)
        if ('contextValue' in args) {
          const contextValue = fill(connection, id, payload, args.contextValue)
          operations.prepared(id, contextValue)
          return { ...args, contextValue }
        }
        end(connection, id)
        return args
      } catch (error) {
        end(connection, id)
        if (error instanceof GraphQLError) return [error]
        throw error
      }
    },
    async onOperation(
      connection: Connection,
      id: string,
      payload: Payload,
      args: ExecutionArgs,
      result: unknown,
    ) {
      const answer = (await given.onOperation?.(connection, id, payload, args, result)) ?? result
      const ending = filled.has(args.contextValue as object)
        ? serving.endWithTokens(answer, args.contextValue)
        : answer
      operationsOf(connection).answered(id, ending)
      return ending
    },
    async onComplete(connection: Connection, id: string, payload: Payload) {
      try {
        await given.onComplete?.(connection, id, payload)
      } finally {
        end(connection, id)
      }
    },
    async onClose(connection: Connection, ...how: unknown[]) {
      lives.get(connection)?.end()
      operationsOf(connection).leave((contextValue) => serving.abandon(contextValue))
      await given.onClose?.(connection, ...how)
    },
  }
  return { ...options, ...hooks }
}

/** Closes a connection. @returns for `onConnect`, what makes graphql-ws close one whose socket cannot be reached here */
function close({ extra }: Connection, closing: Closing): false {
  const { socket } = (extra ?? {}) as { readonly socket?: { close?(...closing: Closing): void } }
  socket?.close?.(...closing)
  return false
}
