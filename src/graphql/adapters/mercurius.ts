import { type DocumentNode, type GraphQLSchema, validate } from 'graphql'
import { whenThere } from '../../core/thenable.ts'
import type { Admission, Execution } from '../admission.ts'
import { AuthError } from '../auth-error.ts'
import { originsOf } from '../origins.ts'
import type { ResultLike } from '../outcome.ts'
import type { ServedRequest } from '../served-request.ts'
import { servingOf } from '../serving-of.ts'
import type { ServedSocket } from '../sockets/served-socket.ts'
import { Answer } from './mercurius/answer.ts'
import { bodyOf, FastifyCarrier, namesOf, socketOf } from './mercurius/carrier.ts'
import { keepProtected } from './mercurius/keep-protected.ts'
import { asExecuted, type MercuriusAuthXOptions, noteRegistered } from './mercurius/options.ts'
import { Refused, refuseUnsafe, sharedContext, turnAway } from './mercurius/refused.ts'
import type {
  MercuriusApp,
  MercuriusContext,
  MercuriusInstance,
  MercuriusReply,
  MercuriusRequest,
} from './mercurius/shapes.ts'

export { type MercuriusAuthXOptions, mercuriusOptions } from './mercurius/options.ts'

/** The schema to execute an operation with, where it is not the one that is served. */
type Admitted = { readonly schema: GraphQLSchema } | undefined

type Done = (error?: unknown) => void

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
  // On the reply and the context themselves: what a WeakMap holds outlives the small collections of garbage.
  const answerKey = Symbol('graphql-authx: answer')
  const ownerKey = Symbol('graphql-authx: owner')
  const answerOf = (reply: MercuriusReply): Answer | undefined => reply[answerKey] as Answer | undefined

  const open = (reply: MercuriusReply): ServedRequest => {
    const answer = answerOf(reply) ?? begin(reply)
    turnAway(answer.opened, origins)
    return answer.opened
  }

  /** Where it connected without mercuriusOptions, nobody has asked before which page it was. */
  const openSocket = (request: MercuriusRequest, payload: unknown): ServedSocket => {
    const socket = socketOf(serving, request, payload)
    turnAway(socket, origins)
    return socket
  }

  const begin = (reply: MercuriusReply): Answer => {
    const answer = new Answer(reply, serving.open(new FastifyCarrier(reply.request)))
    reply[answerKey] = answer
    reply.send = send
    return answer
  }

  /** Fastify's hooks do not reach the route that Mercurius made before; there, what is sent goes through here. One function for all replies: V8 keeps what each of many closes over. */
  function send(this: MercuriusReply, payload?: unknown): unknown {
    return (answerOf(this) as Answer).send(payload)
  }

  /** Nobody's context stays as it is: a guarded field refuses it. */
  const fill = (context: MercuriusContext): void => {
    const { reply, request, _connectionInit } = context
    const opened = reply ? open(reply) : request && openSocket(request, _connectionInit)
    // One object for all requests would hand the caller of one to another.
    if (reply !== undefined && (context[ownerKey] ?? reply) !== reply) {
      throw sharedContext()
    }
    if (reply !== undefined) context[ownerKey] = reply
    Object.assign(context, opened?.contextMembers(context, bodyOf(context)?.extensions))
  }

  const admitOne = (execution: Execution): Admitted | Promise<Admitted> => {
    const follow = (admission: Admission | undefined): Admitted => {
      // Errors that a hook answers with would be added to those of an execution.
      if (admission !== undefined && 'errors' in admission)
        throw new Refused(admission.errors, serving.outcomeOf(admission))
      return admission
    }
    return whenThere(serving.admit(execution), follow)
  }

  const admit = (
    schema: GraphQLSchema,
    document: DocumentNode,
    context: MercuriusContext,
    variableValues?: Record<string, unknown>,
  ): Admitted | Promise<Admitted> => {
    const [operationName, ...others] = namesOf(document, context)
    const execution = { schema, document, operationName, variableValues, contextValue: context }
    const first = admitOne(execution)
    return others.length === 0 ? first : admitOthers(first, execution, others)
  }

  const admitOthers = async (
    first: Admitted | Promise<Admitted>,
    execution: Execution,
    others: readonly (string | undefined)[],
  ): Promise<Admitted> => {
    let view = await first
    for (const operationName of others) view = (await admitOne({ ...execution, operationName })) ?? view
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
    app.addHook('onSend', (_request: unknown, reply: MercuriusReply, _payload: unknown, done: Done) => {
      const finished = answerOf(reply)?.finish()
      if (finished === undefined) done()
      else finished.then(() => done(), done)
    })
    // Each hook costs every request several promises of Mercurius, so there are only those that have something to do.
    if (serving.turnsAway) {
      graphql.addHook('preParsing', (_schema: unknown, _source: unknown, { reply }: MercuriusContext) => {
        if (reply !== undefined) open(reply)
      })
    }
    if (serving.withholdsHints) {
      graphql.addHook('preValidation', (...[schema, document, { reply }]: Parameters<typeof admit>) => {
        const errors = validate(schema, document)
        if (errors.length === 0) return
        if (reply !== undefined) open(reply)
        throw new Refused(serving.withoutHints(errors))
      })
    }
    graphql.addHook('preExecution', (...operation: Parameters<typeof admit>) => {
      const [schema, document, context] = operation
      check(schema)
      fill(context)
      refuseUnsafe(document, context)
      return admit(...operation)
    })
    graphql.addHook('onResolution', (execution: ResultLike, context: MercuriusContext) => {
      const { reply, operationsCount } = context
      serving.complete(context)
      const outcome = serving.outcomeOf(asExecuted(execution))
      // A batch has one status for several answers: that of the server.
      if (outcome === undefined || reply === undefined || operationsCount !== undefined) return
      answerOf(reply)?.setOutcome(outcome)
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
