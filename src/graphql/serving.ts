import { GraphQLError, type GraphQLField, type GraphQLSchema, getOperationAST, isObjectType } from 'graphql'
import type { Carrier } from '../core/carrier.ts'
import type { TokenLocation } from '../core/locations.ts'
import type { Admission, Execution } from './admission.ts'
import { Enforcement } from './enforcement.ts'
import type { Engine } from './engine.ts'
import type { Guard } from './guard.ts'
import { Introspection } from './introspection.ts'
import { operationAuthOf } from './operation-auth.ts'
import { carriedOutcome, type HttpOutcome, outcomeOf, type ResultLike } from './outcome.ts'
import type { FieldRule, FindRule } from './policy.ts'
import { assertProtected } from './protect.ts'
import { ServedRequest } from './served-request.ts'
import { withoutSuggestion } from './suggestions.ts'

/** All that an adapter needs to bring an instance to a server, in the order of a request. `useAuthX` for Yoga is made of it. */
export class Serving {
  readonly #engine: Engine
  readonly #enforcement: Enforcement
  readonly #introspection: Introspection
  readonly #guard: Guard
  /** What fields asked when their schema was looked at: Apollo Server wraps the resolvers of a schema in place, once it serves it. */
  readonly #rules = new WeakMap<GraphQLField<unknown, unknown>, FieldRule>()
  readonly #schemas = new WeakSet<GraphQLSchema>()

  constructor(engine: Engine, guard: Guard) {
    const findRule: FindRule = (field) => guard.ruleOf(field.resolve) ?? this.#rules.get(field)
    this.#engine = engine
    this.#guard = guard
    this.#enforcement = new Enforcement(engine, findRule)
    this.#introspection = new Introspection(engine, findRule)
  }

  /**
   * Before a schema is served: refuses one that has rules and was never protected, and begins to follow a store across a network. A schema is looked at once.
   *
   * @throws ConfigurationError
   */
  assertProtected(schema: GraphQLSchema): void {
    this.#engine.replica?.start()
    if (this.#schemas.has(schema)) return
    assertProtected(schema, this.#engine.settings.defaultPolicy)
    this.#schemas.add(schema)
    for (const type of Object.values(schema.getTypeMap())) {
      for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
        const rule = this.#guard.ruleOf(field.resolve)
        if (rule !== undefined) this.#rules.set(field, rule)
      }
    }
  }

  /**
   * Begins a request.
   *
   * @param location where its tokens are, instead of the configured ones
   */
  open(carrier: Carrier, location?: TokenLocation): ServedRequest {
    if (location === undefined) return new ServedRequest(this.#engine, carrier)
    const settings = { ...this.#engine.settings, locations: { access: [location], refresh: [location] } }
    return new ServedRequest({ ...this.#engine, settings }, carrier)
  }

  /** Errors of validation as the client may have them: without hints at what a document could have meant, where callers see a schema of their own. */
  withoutHints(errors: readonly GraphQLError[]): GraphQLError[] {
    return this.#engine.settings.introspection === 'caller' ? errors.map(withoutSuggestion) : [...errors]
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
