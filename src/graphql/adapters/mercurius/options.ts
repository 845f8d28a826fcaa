import { GraphQLSchema } from 'graphql'
import { ConfigurationError } from '../../../core/configuration-error.ts'
import { checkNames, readOrigins } from '../../../core/option-checks.ts'
import { MissingContextError } from '../../missing-context.ts'
import type { ResultLike } from '../../outcome.ts'
import type { ServedSocket } from '../../served-socket.ts'
import type { Serving } from '../../serving.ts'
import { servingOf } from '../../serving-of.ts'
import { closingFor, FORBIDDEN, FOREIGN, SocketLife } from '../../socket-life.ts'
import { openSocket } from './carrier.ts'
import { Refused } from './refused.ts'
import type { MercuriusApp, MercuriusContext, MercuriusOptionsLike } from './shapes.ts'

/** What `mercuriusAuthX` takes beside the instance. */
export interface MercuriusAuthXOptions {
  /**
   * Where tokens travel in cookies: the origins of other pages that may ask, such as `https://app.example.com`; name them in the server's CORS as well.
   *
   * @default none
   */
  readonly origins?: readonly string[]
}

/** Results as execution left them, before a formatter of the user's made anything of their errors. */
const unformatted = new WeakMap<object, ResultLike>()

export function asExecuted(execution: ResultLike): ResultLike {
  return unformatted.get(execution) ?? execution
}

/** Who stands before each Mercurius. */
const registered = new WeakMap<object, Serving>()

export function noteRegistered(graphql: object, serving: Serving): void {
  registered.set(graphql, serving)
}

function assertRegistered(graphql: { schema: GraphQLSchema }, serving: Serving): void {
  const found = registered.get(graphql)
  if (found === serving) return
  // Fastify answers what is injected after all.
  graphql.schema = new GraphQLSchema({})
  throw new ConfigurationError(
    found === undefined
      ? 'mercuriusOptions: no rule would be asked; register the plugin as well: await app.register(mercuriusAuthX(authx))'
      : 'mercuriusOptions: mercuriusAuthX was registered with another AuthX instance; give both the same',
  )
}

/**
 * The options that Mercurius is registered with, plus what no hook of it can do: statuses are right whatever an `errorFormatter` makes of errors, and where it
 * serves subscriptions, a bad token is refused when a socket connects. The app does not start without `mercuriusAuthX`.
 *
 * @returns the options as Fastify's `register` takes them, a function
 * @throws ConfigurationError where an option is wrong
 */
export function mercuriusOptions<Options extends object>(
  authx: { readonly serving: Serving },
  options: Options,
  more: MercuriusAuthXOptions = {},
): (app: MercuriusApp) => Options {
  const serving = servingOf('mercuriusOptions', authx)
  const origins = originsOf('mercuriusOptions', more)
  const { errorFormatter, subscription, context } = options as MercuriusOptionsLike
  if (context !== undefined && typeof context !== 'function') {
    throw new ConfigurationError(
      'mercuriusOptions.context: has to be a function, which makes an object for each request',
    )
  }
  const made: { -readonly [Name in keyof MercuriusOptionsLike]: MercuriusOptionsLike[Name] } = { ...options }
  if (errorFormatter !== undefined) {
    made.errorFormatter = (execution, context) => {
      unformatted.set(execution, { data: execution.data, errors: execution.errors })
      return errorFormatter(execution, context)
    }
  }
  if (subscription !== undefined && subscription !== false) {
    const given = subscription === true ? {} : subscription
    made.subscription = { ...given, onConnect: connectOnly(serving, origins, given.onConnect) }
  }
  return (app) => {
    app.addHook('onReady', async () => assertRegistered(app.graphql, serving))
    return made as Options
  }
}

export function originsOf(name: string, options: MercuriusAuthXOptions): readonly string[] {
  checkNames(name, options, { origins: true })
  return readOrigins(`${name}.origins`, options.origins ?? [])
}

/** Mercurius calls `onConnect` as a method of the connection. */
interface Connection {
  readonly socket: {
    close(code: number, reason: string): void
    once(event: 'close', listener: () => void): void
  }
  readonly context: MercuriusContext
  /** Not public: Mercurius hands no hook the extensions of an operation. */
  handleGQLStart?(message: { readonly payload?: { readonly extensions?: unknown } }): unknown
  readonly subscriptionIters: ReadonlyMap<unknown, unknown>
  /** Whether it was welcome before. */
  readonly isReady: boolean
}

function connectOnly(serving: Serving, origins: readonly string[], then?: (data: unknown) => unknown) {
  return async function onConnect(this: Connection, data: { readonly payload?: unknown }): Promise<unknown> {
    const { request } = this.context
    // Before Mercurius does, which gives no code.
    const close = (code: number, why: string): false => {
      this.socket.close(code, why)
      return false
    }
    try {
      if (request === undefined) throw new MissingContextError()
      const socket = openSocket(serving, request, data.payload, origins)
      const refusal = await socket.admit()
      if (refusal !== undefined) return close(...closingFor(refusal))
      const answer = then === undefined ? true : await then.call(this, data)
      if (answer && !this.isReady) {
        const life = new SocketLife(socket, {
          isIdle: () => this.subscriptionIters.size === 0,
          close: (ended) => void close(...closingFor(ended)),
        })
        this.socket.once('close', () => life.end())
        life.begin()
        noteOwnTokens(this, serving, socket)
      }
      return answer
    } catch (error) {
      return close(FORBIDDEN, error instanceof Refused ? FOREIGN : 'Forbidden')
    }
  }
}

/** A client that renews its token so goes on with the connection's, and would not know why it ends. */
function noteOwnTokens(connection: Connection, serving: Serving, socket: ServedSocket): void {
  const { handleGQLStart: start } = connection
  if (start === undefined) return
  connection.handleGQLStart = (message) => {
    if (socket.bringsToken(message.payload?.extensions)) {
      serving.notice(
        "an operation over a Mercurius socket brought a token in its extensions, which is not read there: the connection's counts (docs/subscriptions.md)",
      )
    }
    return start.call(connection, message)
  }
}
