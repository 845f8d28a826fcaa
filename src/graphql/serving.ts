import { GraphQLError, type GraphQLField, type GraphQLSchema, getOperationAST, isObjectType } from 'graphql'
import type { Carrier } from '../core/carrier.ts'
import { locationsOf, type TokenLocation } from '../core/locations.ts'
import { loggable } from '../core/logger.ts'
import type { Admission, Execution } from './admission.ts'
import { boundAnswer } from './bounded-answer.ts'
import { Enforcement } from './enforcement.ts'
import type { Engine } from './engine.ts'
import type { Guard } from './guard.ts'
import { Introspection } from './introspection.ts'
import { MissingContextError } from './missing-context.ts'
import { operationAuthOf } from './operation-auth.ts'
import { carriedOutcome, type HttpOutcome, outcomeOf, type ResultLike } from './outcome.ts'
import type { FieldRule, FindRule } from './policy.ts'
import { assertProtected } from './protect.ts'
import { ServedRequest } from './served-request.ts'
import { ServedSocket } from './sockets/served-socket.ts'
import type { SocketOpening } from './sockets/socket-carrier.ts'
import { withoutSuggestion } from './suggestions.ts'

/** All that an adapter needs to bring an instance to a server, in the order of a request. `useAuthX` for Yoga is made of it. */
export class Serving {
  readonly #engine: Engine
  readonly #enforcement: Enforcement
  readonly #introspection: Introspection
  readonly #sockets = new WeakMap<object, ServedSocket>()
  readonly #guard: Guard
  /** What fields asked when their schema was looked at: Apollo Server wraps the resolvers of a schema in place, once it serves it. */
  readonly #rules = new WeakMap<GraphQLField<unknown, unknown>, FieldRule>()
  readonly #schemas = new WeakSet<GraphQLSchema>()
  /** Schemas that the log was told of. */
  readonly #refused = new WeakSet<GraphQLSchema>()

  constructor(engine: Engine, guard: Guard) {
    const findRule: FindRule = (field) => guard.ruleOf(field.resolve) ?? this.#rules.get(field)
    this.#engine = engine
    this.#guard = guard
    this.#enforcement = new Enforcement(engine, findRule)
    this.#introspection = new Introspection(engine, findRule)
  }

  /**
   * Before a schema is served: refuses one that has rules and was not protected by this instance, notes what its fields ask, and begins to follow a store across a network. A schema is
   * looked at once.
   *
   * @throws ConfigurationError
   */
  beginServing(schema: GraphQLSchema): void {
    this.#engine.replica?.start()
    if (this.#schemas.has(schema)) return
    assertProtected(schema, this.#guard, this.#engine.settings.defaultPolicy)
    this.#noteRules(schema)
    this.#schemas.add(schema)
  }

  #noteRules(schema: GraphQLSchema): void {
    for (const type of Object.values(schema.getTypeMap())) {
      for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
        const rule = this.#guard.ruleOf(field.resolve)
        if (rule !== undefined) this.#rules.set(field, rule)
      }
    }
  }

  /**
   * {@link beginServing} for a schema that comes with an operation, when nobody is there to catch: the error to answer with, which tells the client nothing; the log is told why, once. Its
   * status is in `extensions.http`, as of the errors of {@link admit}.
   */
  refuseUnprotected(schema: GraphQLSchema): GraphQLError | undefined {
    try {
      this.beginServing(schema)
      return undefined
    } catch (error) {
      if (!this.#refused.has(schema))
        this.#engine.settings.logger.error(
          { err: loggable(error) },
          'no operation is answered with this schema',
        )
      this.#refused.add(schema)
      const { message, extensions } = new MissingContextError()
      return new GraphQLError(message, { extensions })
    }
  }

  /**
   * Begins a request.
   *
   * @param location where its tokens are, instead of the configured ones
   */
  open(carrier: Carrier, location?: TokenLocation): ServedRequest {
    if (location === undefined) return new ServedRequest(this.#engine, carrier)
    const settings = { ...this.#engine.settings, locations: locationsOf([location], [location]) }
    return new ServedRequest({ ...this.#engine, settings }, carrier)
  }

  /**
   * The WebSocket that an operation comes over, begun by whoever asks first.
   *
   * @param connection the object that stands for it, as `extra` of graphql-ws does
   */
  socketOf(connection: object, opening: SocketOpening): ServedSocket {
    const known = this.#sockets.get(connection)
    const socket = known ?? new ServedSocket(this.#engine, opening)
    this.#sockets.set(connection, socket)
    return socket
  }

  /** Whether a context got the members of this instance itself: one that they were copied into has another operation's. */
  isServed(contextValue: unknown): boolean {
    return operationAuthOf(this.#engine.contextKey, contextValue)?.isFor(contextValue) === true
  }

  /** Whether {@link ServedRequest.turnAway} ever does. */
  get turnsAway(): boolean {
    return this.#engine.settings.cookies !== undefined
  }

  /** For what an adapter finds at the start or later that an app cannot mean: each is logged once. */
  notice(message: string): void {
    this.#engine.notices.once(message)
  }

  /** Whether {@link withoutHints} changes anything. */
  get withholdsHints(): boolean {
    return this.#engine.settings.introspection === 'caller'
  }

  /** Errors of validation as the client may have them: without hints at what a document could have meant, where callers see a schema of their own. */
  withoutHints(errors: readonly GraphQLError[]): GraphQLError[] {
    return this.withholdsHints ? errors.map(withoutSuggestion) : [...errors]
  }

  /**
   * Before an operation is executed or subscribed to: the errors to answer with instead, where `enforcement` is `operation` and it selects what its
   * caller may not have; the schema to execute it with, where it is about the schema and `introspection` says how that looks. Undefined where it runs as it is.
   */
  admit(execution: Execution): undefined | Admission | Promise<Admission | undefined> {
    const kind = getOperationAST(execution.document, execution.operationName)?.operation
    operationAuthOf(this.#engine.contextKey, execution.contextValue)?.begin(kind)
    const about = this.#introspection.admit(execution)
    if (about !== undefined || this.#engine.settings.enforcement !== 'operation') return about
    return this.#enforcement.refuse(execution).then((errors) => errors && { errors })
  }

  /**
   * An operation's answer as it may go out. A stream, of events or of what was deferred, is bound to the tokens that the operation was granted something by: when one has ended it ends with
   * the refusal, and its source is told to return at once. What is still being resolved then is not delivered. Anything else comes back as it is, and with it the operation is
   * {@link complete}.
   */
  bindAnswer<Answer>(answer: Answer, contextValue: unknown): Answer {
    const { contextKey, settings } = this.#engine
    const auth = operationAuthOf(contextKey, contextValue)
    if (auth === undefined || settings.enforcement === 'report') return answer
    return boundAnswer(answer, auth, settings.logger)
  }

  /** Nothing of an operation is left to come: it was answered in full, or nobody waits for its answer. Its signal is aborted. */
  complete(contextValue: unknown): void {
    operationAuthOf(this.#engine.contextKey, contextValue)?.close()
  }

  /** The status and headers of one operation's answer; undefined where the server's own stand. */
  outcomeOf(result: ResultLike): HttpOutcome | undefined {
    return outcomeOf(result)
  }

  /** What to answer with the errors of {@link admit}, on servers that take no status out of an error's `extensions.http`. */
  answerInstead(errors: readonly GraphQLError[]): AnswerInstead {
    const outcome = outcomeOf({ errors }) ?? carriedOutcome(errors)
    return { errors: errors.map(withoutStatus), ...(outcome === undefined ? {} : { outcome }) }
  }
}

/** What is answered in place of an operation. */
export interface AnswerInstead {
  readonly errors: readonly GraphQLError[]
  readonly outcome?: HttpOutcome
}

function withoutStatus(error: GraphQLError): GraphQLError {
  const { http, ...extensions } = error.extensions
  if (http === undefined) return error
  return new GraphQLError(error.message, { nodes: error.nodes ?? null, path: error.path ?? null, extensions })
}
