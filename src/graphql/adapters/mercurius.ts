import { type DocumentNode, type GraphQLSchema, validate } from 'graphql'
import { AuthError } from '../auth-error.ts'
import { originsOf } from '../origins.ts'
import type { ResultLike } from '../outcome.ts'
import type { ServedRequest } from '../served-request.ts'
import { servingOf } from '../serving-of.ts'
import type { ServedSocket } from '../sockets/served-socket.ts'
import { Answer } from './mercurius/answer.ts'
import { bodyOf, carrierOf, namesOf, socketOf } from './mercurius/carrier.ts'
import { keepProtected } from './mercurius/keep-protected.ts'
import { asExecuted, type MercuriusAuthXOptions, noteRegistered } from './mercurius/options.ts'
import { broken, Refused, turnAway } from './mercurius/refused.ts'
import type {
  MercuriusApp,
  MercuriusContext,
  MercuriusInstance,
  MercuriusReply,
  MercuriusRequest,
} from './mercurius/shapes.ts'

export { type MercuriusAuthXOptions, mercuriusOptions } from './mercurius/options.ts'

/**
 * Brings an AuthX instance to Mercurius; to be registered after it, and before routes of yours that use `reply.graphql`. Protects the schema and whatever
 * changes it later, fills the context, and sets status, challenge, caching headers and cookies from the whole result. Where tokens travel in cookies, what
 * pages of other origins send is turned away.
 *
 * @example
 * await app.register(mercurius, mercuriusOptions(authx, { schema, resolvers }))
 * await app.register(mercuriusAuthX(authx))
 *
 * @throws ConfigurationError where an option is wrong; registering it, as `protect` does
 */
export function mercuriusAuthX(
  authx: MercuriusInstance,
  options: MercuriusAuthXOptions = {},
): (app: MercuriusApp) => Promise<void> {
  const serving = servingOf('mercuriusAuthX', authx)
  const origins = originsOf('mercuriusAuthX', options)
  const answers = new WeakMap<object, Answer>()
  const owners = new WeakMap<object, object>()

  const open = (reply: MercuriusReply): ServedRequest => {
    const answer = answers.get(reply) ?? new Answer(reply, serving.open(carrierOf(reply.request)))
    answers.set(reply, answer)
    turnAway(answer.opened, origins)
    return answer.opened
  }

  /** Where it connected without mercuriusOptions, nobody has asked before which page it was. */
  const openSocket = (request: MercuriusRequest, payload: unknown): ServedSocket => {
    const socket = socketOf(serving, request, payload)
    turnAway(socket, origins)
    return socket
  }

  /** Nobody's context stays as it is: a guarded field refuses it. */
  const fill = (context: MercuriusContext): void => {
    const { reply, request, _connectionInit } = context
    const opened = reply ? open(reply) : request && openSocket(request, _connectionInit)
    // One object for all requests would hand the caller of one to another.
    if (reply !== undefined && (owners.get(context) ?? reply) !== reply) {
      throw broken(
        new Error('the option `context` of Mercurius gives one object twice; make one per request'),
      )
    }
    if (reply !== undefined) owners.set(context, reply)
    Object.assign(context, opened?.contextMembers(context, bodyOf(context)?.extensions))
  }

  const admit = async (
    schema: GraphQLSchema,
    document: DocumentNode,
    context: MercuriusContext,
    variableValues?: Record<string, unknown>,
  ): Promise<{ schema: GraphQLSchema } | undefined> => {
    let view: { schema: GraphQLSchema } | undefined
    for (const operationName of namesOf(document, context)) {
      const execution = { schema, document, operationName, variableValues, contextValue: context }
      const admission = await serving.admit(execution)
      if (admission === undefined) continue
      // Errors that a hook answers with would be added to those of an execution.
      if ('errors' in admission) throw new Refused(admission.errors, serving.outcomeOf(admission))
      view = admission
    }
    return view
  }

  const plugin = async (app: MercuriusApp): Promise<void> => {
    const { graphql } = app
    const check = keepProtected(authx, graphql)
    noteRegistered(graphql, serving)
    if (graphql.pubsub === undefined && graphql.schema.getSubscriptionType() != null) {
      serving.notice(
        'the schema has subscriptions, and Mercurius serves none without the option `subscription: true`',
      )
    }
    app.addHook('onSend', async (_request: unknown, reply: MercuriusReply) => answers.get(reply)?.finish())
    graphql.addHook('preParsing', async (_schema: unknown, _source: unknown, { reply }: MercuriusContext) => {
      if (reply !== undefined) open(reply)
    })
    graphql.addHook('preValidation', async (schema: GraphQLSchema, document: DocumentNode) => {
      const errors = serving.withholdsHints ? validate(schema, document) : []
      if (errors.length > 0) throw new Refused(serving.withoutHints(errors))
    })
    graphql.addHook('preExecution', async (...operation: Parameters<typeof admit>) => {
      const [schema, , context] = operation
      check(schema)
      fill(context)
      return admit(...operation)
    })
    graphql.addHook('onResolution', async (execution: ResultLike, context: MercuriusContext) => {
      const { reply, operationsCount } = context
      serving.complete(context)
      const outcome = serving.outcomeOf(asExecuted(execution))
      // A batch has one status for several answers: that of the server.
      if (outcome === undefined || reply === undefined || operationsCount !== undefined) return
      answers.get(reply)?.setOutcome(outcome)
    })
    graphql.addHook('preSubscriptionExecution', async (...operation: Parameters<typeof admit>) => {
      const [schema, document, context] = operation
      check(schema)
      const { request, _connectionInit } = context
      const refusal = request && (await openSocket(request, _connectionInit).judge())
      if (refusal !== undefined) throw new AuthError(refusal)
      fill(context)
      await admit(schema, document, context)
    })
  }
  // As fastify-plugin does it: for the app that registers it, not for a child of its own; and Fastify says where Mercurius is not there yet.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('plugin-meta')]: { name: 'graphql-authx', fastify: '5.x', dependencies: ['mercurius'] },
  })
}
