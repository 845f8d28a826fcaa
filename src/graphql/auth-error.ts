import { GraphQLError, type GraphQLResolveInfo, responsePathAsArray } from 'graphql'
import {
  MESSAGES,
  Refusal,
  type RefusalCode,
  type RefusalDetails,
  type RefusalReason,
  refuse,
} from '../core/refusal.ts'
import { withoutStack } from '../core/without-stack.ts'

/**
 * A refusal as an error: what a guarded field and the methods of `authx` throw.
 *
 * `extensions.code` is what clients branch on, `extensions.reason` says which case it is. It never holds a token, a claim or a secret.
 */
export class AuthError extends GraphQLError {
  override readonly name = 'AuthError'
  readonly code: RefusalCode
  readonly reason: RefusalReason

  /**
   * @param refusal a reason of the closed list, or a refusal of the core
   * @param given with a reason: the scopes that are required, or the seconds after which trying again makes sense
   * @param field the field that is refused, so that executors take the error as it is
   */
  constructor(
    refusal: RefusalReason | Refusal,
    given?: RefusalDetails,
    field?: Pick<GraphQLResolveInfo, 'fieldNodes' | 'path'>,
  ) {
    const { code, reason, details } = typeof refusal === 'string' ? refuse(refusal, given) : refusal
    super(MESSAGES[code], {
      extensions: { code, reason, ...details },
      ...(field && { nodes: field.fieldNodes, path: responsePathAsArray(field.path) }),
    })
    this.code = code
    this.reason = reason
  }
}

/**
 * Refuses a field. Nobody looks for a mistake in such an error: it has no stack, which takes longer than all else, and says itself where it is, since executors make another error around one
 * that does not.
 *
 * @throws AuthError always
 */
export function refuseField(refusal: Refusal, field: GraphQLResolveInfo): never {
  throw withoutStack(() => new AuthError(refusal, undefined, field))
}

/** The answer, or the refusal as an error. */
export function orThrow<Value>(answer: Value | Refusal): Value {
  if (answer instanceof Refusal) throw new AuthError(answer)
  return answer
}
