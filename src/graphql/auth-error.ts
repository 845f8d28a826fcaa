import { GraphQLError } from 'graphql'
import {
  MESSAGES,
  Refusal,
  type RefusalCode,
  type RefusalDetails,
  type RefusalReason,
  refuse,
} from '../core/refusal.ts'

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
   */
  constructor(refusal: RefusalReason | Refusal, given?: RefusalDetails) {
    const { code, reason, details } = typeof refusal === 'string' ? refuse(refusal, given) : refusal
    super(MESSAGES[code], { extensions: { code, reason, ...details } })
    this.code = code
    this.reason = reason
  }
}

/** The answer, or the refusal as an error. */
export function orThrow<Value>(answer: Value | Refusal): Value {
  if (answer instanceof Refusal) throw new AuthError(answer)
  return answer
}
