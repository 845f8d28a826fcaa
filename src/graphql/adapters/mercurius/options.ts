import { GraphQLSchema } from 'graphql'
import { ConfigurationError } from '../../../core/configuration-error.ts'
import { type OriginOptions, originsOf } from '../../origins.ts'
import type { ResultLike } from '../../outcome.ts'
import type { Serving } from '../../serving.ts'
import { servingOf } from '../../serving-of.ts'
import { wrapOptions } from '../../wrapped-options.ts'
import { onConnectAround } from './connecting.ts'
import { refusedBy, sharedContext } from './refused.ts'
import type { MercuriusApp, MercuriusOptionsLike, MercuriusReply } from './shapes.ts'

/** What `mercuriusAuthX` takes beside the instance. */
export type MercuriusAuthXOptions = OriginOptions

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
 * The options that Mercurius is registered with, plus what no hook of it can do: statuses are right whatever an `errorFormatter` makes of errors, and where the
 * `context` function throws a refusal; where it serves subscriptions, a bad token is refused when a socket connects. The app does not start without `mercuriusAuthX`.
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
  const made: { -readonly [Name in keyof MercuriusOptionsLike]: MercuriusOptionsLike[Name] } = {}
  if (errorFormatter !== undefined) {
    made.errorFormatter = (execution, context) => {
      unformatted.set(execution, { data: execution.data, errors: execution.errors })
      return errorFormatter(execution, context)
    }
  }
  if (context !== undefined) {
    const refused = new WeakSet<object>()
    const owners = new WeakMap<object, object>()
    made.context = async (request: object, reply: MercuriusReply) => {
      // Mercurius asks again where it answers with the error.
      if (refused.has(request)) return {}
      try {
        const given = await context(request, reply)
        if (typeof given === 'object' && given !== null) own(owners, given, request)
        return given
      } catch (error) {
        refused.add(request)
        throw refusedBy(error, reply)
      }
    }
  }
  if (subscription !== undefined && subscription !== false) {
    const given = subscription === true ? {} : subscription
    made.subscription = wrapOptions(given, { onConnect: onConnectAround(serving, origins, given.onConnect) })
  }
  const wrapped = wrapOptions(options, made)
  return (app) => {
    app.addHook('onReady', async () => assertRegistered(app.graphql, serving))
    return wrapped
  }
}

/**
 * One object for several requests would hand the caller of one to another. Found out here, before Mercurius writes the request into it.
 *
 * @throws Refused
 */
function own(owners: WeakMap<object, object>, context: object, request: object): void {
  if ((owners.get(context) ?? request) !== request) throw sharedContext()
  owners.set(context, request)
}
