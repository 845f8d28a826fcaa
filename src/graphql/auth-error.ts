import { GraphQLError } from 'graphql'
import { MESSAGES, type Refusal, type RefusalCode, type RefusalReason } from '../core/refusal.ts'

/**
 * A refusal as an error: what a guarded field and the methods of `authx` throw.
 *
 * `extensions.code` is what clients branch on, `extensions.reason` says which case it is. It never holds a token, a claim or a secret.
 */
export class AuthError extends GraphQLError {
  override readonly name = 'AuthError'
  readonly code: RefusalCode
  readonly reason: RefusalReason

  constructor({ code, reason, details }: Refusal) {
    super(MESSAGES[code], { extensions: { code, reason, ...details } })
    this.code = code
    this.reason = reason
  }
}
