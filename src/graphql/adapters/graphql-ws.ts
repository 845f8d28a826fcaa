import { type ExecutionArgs, execute, GraphQLError, type GraphQLSchema, subscribe } from 'graphql'
import type { ServerOptions } from 'graphql-ws'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { checkNames, readOrigins } from '../../core/option-checks.ts'
import type { Serving } from '../serving.ts'
import { servingOf } from '../serving-of.ts'
import type { UpgradeRequest } from '../sockets/socket-carrier.ts'
import { wrapOptions } from '../wrapped-options.ts'
import { prepare } from './graphql-ws/preparing.ts'
import { type Operation, Session } from './graphql-ws/session.ts'
import type { Connection, Hook, Payload, SocketOptions } from './graphql-ws/shapes.ts'

/** What `withAuthX` takes beside the options of graphql-ws. */
export interface WithAuthXOptions {
  /** Where tokens travel in cookies: the origins of other pages that may connect, such as `https://app.example.com`. @default none */
  readonly origins?: readonly string[]
  /** Operations that one connection may have running. @default any number */
  readonly maxOperations?: number
  /**
   * The request that opened a WebSocket, of what graphql-ws keeps as `extra`: for servers that it keeps none for (Bun, Deno, crossws). Without one, tokens come in `connectionParams` alone,
   * and where they travel in cookies nobody is let in.
   *
   * @default extra.request, or extra.persistedRequest of uWebSockets.js
   */
  // biome-ignore lint/suspicious/noExplicitAny: each server's own
  readonly request?: (extra: any) => UpgradeRequest | null | undefined
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
  checkNames('withAuthX', more, { origins: true, maxOperations: true, request: true })
  const origins = readOrigins('withAuthX.origins', more.origins ?? [])
  const { maxOperations = Number.POSITIVE_INFINITY, request: requestOf = keptRequest } = more
  if (typeof maxOperations !== 'number' || !(maxOperations >= 1))
    throw new ConfigurationError('withAuthX.maxOperations: must be a number from 1')
  if (typeof requestOf !== 'function')
    throw new ConfigurationError('withAuthX.request: must be a function that gives the request of an `extra`')
  const given = options as SocketOptions
  if (given.schema === undefined && given.onSubscribe === undefined) {
    throw new ConfigurationError('withAuthX.schema: give the schema, or an onSubscribe that brings one')
  }
  if (typeof given.schema === 'object') serving.beginServing(given.schema as GraphQLSchema)
  const parts = { serving, maxOperations, request: requestOf }
  const sessions = new WeakMap<Connection, Session>()
  /** Whose each `extra` is: what is known of a connection is known by it, here and at a server behind. */
  const owners = new WeakMap<object, Connection>()
  /** By their contexts: what executes is told nothing else. */
  const operations = new WeakMap<object, Operation>()
  const contextOf = (operation: Operation, given: unknown): object => {
    // What was made for another operation, or of its members, is nobody's: each has a context of its own.
    const isBehind = serving.isServed(given) && !operations.has(given as object)
    const context = isBehind ? operation.leaveTo(given as object) : operation.fill(given)
    operations.set(context, operation)
    return context
  }
  const execution = async (what: Hook, args: ExecutionArgs, operation?: Operation): Promise<unknown> => {
    const unprotected = serving.refuseUnprotected(args.schema)
    if (unprotected !== undefined) return { errors: serving.answerInstead([unprotected]).errors }
    const isBehind = operation?.isServedBehind ?? true
    const admission = isBehind ? undefined : await serving.admit(args)
    // Its client has left, or completed it: nothing of it begins.
    if (operation?.isAwaited === false) return { data: null }
    if (admission !== undefined && 'errors' in admission) return admission
    return what({ ...args, ...admission })
  }
  const run =
    (what: Hook): Hook =>
    async (args: ExecutionArgs) => {
      const operation = operations.get(args.contextValue as object)
      try {
        return await execution(what, args, operation)
      } catch (error) {
        operation?.end()
        throw error
      }
    }
  const hooks: SocketOptions = {
    execute: run(given.execute ?? (execute as Hook)),
    subscribe: run(given.subscribe ?? (subscribe as Hook)),
    async onConnect(connection: Connection) {
      const extra = connection.extra as object
      if (owners.has(extra)) {
        serving.notice(
          'graphql-ws was handed one `extra` for several connections, so that one would go by the token of another: only the first was let in; make one for each (docs/subscriptions.md)',
        )
        return false
      }
      owners.set(extra, connection)
      const session = new Session(parts, connection)
      sessions.set(connection, session)
      const refused = await session.refuse(origins)
      if (refused !== undefined) {
        session.close(refused)
        // Where the socket cannot be reached here, graphql-ws closes it.
        return false
      }
      const answer = await given.onConnect?.(connection)
      if (answer !== false) session.begin()
      return answer
    },
    async onSubscribe(connection: Connection, id: string, payload: Payload) {
      const session = sessions.get(connection) as Session
      const operation = session.start(id, payload.extensions)
      if (operation instanceof GraphQLError) return [operation]
      try {
        const args = await prepare(given, serving, connection, id, payload)
        if ('contextValue' in args) return { ...args, contextValue: contextOf(operation, args.contextValue) }
        operation.end()
        return args
      } catch (error) {
        operation.end()
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
      const operation = sessions.get(connection)?.operationOf(id)
      const answer = (await given.onOperation?.(connection, id, payload, args, result)) ?? result
      const isOurs = operation?.isServedBehind === false
      const bound = isOurs ? serving.bindAnswer(answer, args.contextValue) : answer
      if (operation !== undefined) operation.answer = bound
      return bound
    },
    async onComplete(connection: Connection, id: string, payload: Payload) {
      try {
        await given.onComplete?.(connection, id, payload)
      } finally {
        sessions.get(connection)?.end(id)
      }
    },
    async onClose(connection: Connection, ...how: unknown[]) {
      sessions.get(connection)?.leave()
      await given.onClose?.(connection, ...how)
    },
  }
  return wrapOptions(options, hooks)
}

/** Of `ws`, Fastify and graphql-ws' other servers on Node, and of uWebSockets.js. The others tell nothing: see the option `request`. */
function keptRequest(extra: object): UpgradeRequest | undefined {
  const { request, persistedRequest } = extra as Record<
    'request' | 'persistedRequest',
    UpgradeRequest | undefined
  >
  return request ?? persistedRequest
}
