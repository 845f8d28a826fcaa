import { GraphQLError } from 'graphql'
import { MESSAGES, type Refusal, type RefusalCode, type RefusalReason, refuse } from '../core/refusal.ts'

/**
 * A refusal as an error: what a guarded field and the methods of `authx` throw.
 *
 * `extensions.code` is what clients branch on, `extensions.reason` says which case it is. It never holds a token, a claim or a secret.
 */
export class AuthError extends GraphQLError {
  override readonly name = 'AuthError'
  readonly code: RefusalCode
  readonly reason: RefusalReason

  /** @param refusal a reason of the closed list, or a refusal of the core */
  constructor(refusal: RefusalReason | Refusal) {
    const { code, reason, details } = typeof refusal === 'string' ? refuse(refusal) : refusal
    super(MESSAGES[code], { extensions: { code, reason, ...details } })
    this.code = code
    this.reason = reason
  }
}
