import { type FieldNode, type GraphQLResolveInfo, responsePathAsArray } from 'graphql'
import type { Refusal } from '../core/refusal.ts'
import { withoutStack } from '../core/without-stack.ts'
import { AuthError } from './auth-error.ts'

/**
 * The errors of one operation's refused fields. A list has ten thousand that differ in their paths alone, and the constructor of GraphQLError takes ten times as long as all else about one:
 * the first is made by it, and those after it like that one.
 *
 * Nobody looks for a mistake in them, so they have no stack; and they say themselves where they are, since executors make another error around one that does not.
 */
export class FieldRefusals {
  readonly #templates = new Map<FieldNode, Template>()

  /** @throws AuthError always */
  refuse(refusal: Refusal, { fieldNodes, path }: GraphQLResolveInfo): never {
    const [node] = fieldNodes as readonly [FieldNode]
    const template = this.#templates.get(node)
    throw withoutStack(() => {
      if (template?.fits(refusal, fieldNodes) === true) return template.at(responsePathAsArray(path))
      const error = new AuthError(refusal, undefined, { fieldNodes, path })
      this.#templates.set(node, new Template(error, refusal, fieldNodes))
      return error
    })
  }
}

/** An error, and how those are made that are like it at another path. */
class Template {
  readonly #error: AuthError
  readonly #refusal: Refusal
  readonly #fieldNodes: readonly FieldNode[]
  #alike: (() => void) | undefined

  constructor(error: AuthError, refusal: Refusal, fieldNodes: readonly FieldNode[]) {
    this.#error = error
    this.#refusal = refusal
    this.#fieldNodes = fieldNodes
  }

  fits(refusal: Refusal, fieldNodes: readonly FieldNode[]): boolean {
    return (
      refusal === this.#refusal &&
      fieldNodes.length === this.#fieldNodes.length &&
      fieldNodes.every((node, index) => node === this.#fieldNodes[index])
    )
  }

  at(path: readonly (string | number)[]): AuthError {
    this.#alike ??= alike(this.#error)
    // A native error of its class, without what the constructors between them do.
    const error = Reflect.construct(Error, [], this.#alike)
    const { message, name, locations, extensions, code, reason, stack } = this.#error
    error.message = message
    error.name = name
    error.path = path
    error.locations = locations
    error.extensions = { ...extensions }
    error.code = code
    error.reason = reason
    error.stack = stack
    return error
  }
}

/** What is not enumerable in a GraphQLError is found behind those that are made like it. */
function alike({ nodes, source, positions, originalError }: AuthError): () => void {
  // An arrow is no constructor, and the prototype of a class cannot be another.
  function like(): void {}
  like.prototype = Object.create(AuthError.prototype, {
    nodes: { value: nodes, writable: true },
    source: { value: source, writable: true },
    positions: { value: positions, writable: true },
    originalError: { value: originalError, writable: true },
  })
  return like
}
