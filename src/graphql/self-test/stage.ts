import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  parse,
  subscribe,
} from 'graphql'
import type { OperationKind } from '../../core/csrf.ts'
import { AuthError } from '../auth-error.ts'
import { MissingContextError } from '../missing-context.ts'
import type { Outcome } from './cases.ts'

type Resolver = GraphQLFieldResolver<unknown, unknown>

/** What stands behind a guard in place of the app's resolver. It is thrown, so that nothing of the app has to complete a value. */
class Answered extends Error {}

const answered = new Answered()

/** Answers every call that a guard lets through. */
export const standIn: Resolver = () => {
  throw answered
}

/** Takes any argument as it comes: no scalar of the app parses. Its name is none that a type of the app can have. */
const Anything: GraphQLScalarType = new GraphQLScalarType({ name: '__Anything' })

/** A function of a field, and from where it is called. */
export interface Part {
  readonly typeName: string
  readonly fieldName: string
  readonly member: 'resolve' | 'subscribe'
  readonly resolver: Resolver
  readonly kind: OperationKind
  /** The arguments that a call can supply. */
  readonly arguments: readonly string[]
}

/**
 * Calls a function of a field as graphql's own execution calls it: with the arguments of an operation, its context and its info, below a root that has no other
 * field. So every field is reached, whether or not the app's schema has a way to it.
 */
export class Stage {
  readonly #part: Part
  readonly #schema: GraphQLSchema
  readonly #documents = new Map<string, DocumentNode>()

  constructor(part: Part) {
    const { typeName, fieldName, member, resolver, kind } = part
    const args = Object.fromEntries(part.arguments.map((name) => [name, { type: Anything }]))
    const root = new GraphQLObjectType({
      name: typeName,
      fields: { [fieldName]: { type: Anything, args, [member]: resolver } },
    })
    this.#part = part
    this.#schema = new GraphQLSchema({ query: root, [kind]: root, assumeValid: true })
  }

  async call(context: object, args: Readonly<Record<string, unknown>>): Promise<Outcome | Error> {
    const document = this.#documentFor(Object.keys(args))
    const how = { schema: this.#schema, document, contextValue: context, variableValues: args }
    return outcomeOf(
      await withoutStacks(() => (this.#part.member === 'subscribe' ? subscribe(how) : execute(how))),
    )
  }

  #documentFor(names: readonly string[]): DocumentNode {
    const { kind, fieldName } = this.#part
    const list = (one: (name: string) => string) =>
      names.length === 0 ? '' : `(${names.map(one).join(', ')})`
    const text = `${kind} ${list((name) => `$${name}: __Anything`)} { ${fieldName}${list((name) => `${name}: $${name}`)} }`
    const document = this.#documents.get(text) ?? parse(text, { noLocation: true })
    this.#documents.set(text, document)
    return document
  }
}

/** Nearly every call ends as an error, and nearly all that an error costs is its stack, which nobody reads here. */
function withoutStacks<Result>(work: () => Result): Result {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return work()
  } finally {
    // Nothing else has run meanwhile: what is waited for is waited for with stacks.
    Error.stackTraceLimit = before
  }
}

function outcomeOf(result: ExecutionResult | AsyncIterable<unknown>): Outcome | Error {
  if (Symbol.asyncIterator in result) return 'answers'
  const [error] = result.errors ?? []
  if (error === undefined) return 'answers'
  const cause = error.originalError ?? error
  if (cause instanceof Answered) return 'answers'
  if (cause instanceof AuthError) return cause.reason
  return cause instanceof MissingContextError ? 'misconfigured' : cause
}
