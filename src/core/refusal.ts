/** What clients branch on: `extensions.code` of every refusal. */
export type RefusalCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'BAD_REQUEST'
  | 'RATE_LIMITED'
  | 'SERVICE_UNAVAILABLE'

/** Every reason there is, and the code it belongs to. The list is closed and documented in docs/errors.md. */
export const REASONS = {
  TOKEN_MISSING: 'UNAUTHENTICATED',
  TOKEN_MALFORMED: 'UNAUTHENTICATED',
  TOKEN_INVALID: 'UNAUTHENTICATED',
  TOKEN_EXPIRED: 'UNAUTHENTICATED',
  TOKEN_NOT_YET_VALID: 'UNAUTHENTICATED',
  TOKEN_REVOKED: 'UNAUTHENTICATED',
  TOKEN_REUSED: 'UNAUTHENTICATED',
  ACCESS_TOKEN_REQUIRED: 'UNAUTHENTICATED',
  REFRESH_TOKEN_REQUIRED: 'UNAUTHENTICATED',
  FRESH_TOKEN_REQUIRED: 'UNAUTHENTICATED',
  CSRF_MISSING: 'FORBIDDEN',
  CSRF_MISMATCH: 'FORBIDDEN',
  CREDENTIALS_AMBIGUOUS: 'BAD_REQUEST',
  SCOPES_MISSING: 'FORBIDDEN',
  POLICY_REFUSED: 'FORBIDDEN',
  REALM_MISMATCH: 'FORBIDDEN',
  SUBJECT_UNKNOWN: 'UNAUTHENTICATED',
  CREDENTIALS_WRONG: 'UNAUTHENTICATED',
  TOO_MANY_ATTEMPTS: 'RATE_LIMITED',
  REVOCATION_UNAVAILABLE: 'SERVICE_UNAVAILABLE',
} as const

/** Why a request was refused: `extensions.reason` of every refusal. */
export type RefusalReason = keyof typeof REASONS

/** One wording per code; the reason tells the cases apart, so a message never has to say more than it should. */
export const MESSAGES: Readonly<Record<RefusalCode, string>> = {
  UNAUTHENTICATED: 'Authentication is required.',
  FORBIDDEN: 'This is not allowed.',
  BAD_REQUEST: "The request's credentials cannot be read.",
  RATE_LIMITED: 'Too many attempts.',
  SERVICE_UNAVAILABLE: 'Authentication is temporarily unavailable.',
}

/** What a refusal adds to its reason. */
export interface RefusalDetails {
  /** The scopes that are required: any of these groups, within a group all. Never those that the caller holds. */
  readonly scopes?: readonly (readonly string[])[]
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number
  /** Where a value was supplied that asks for more, such as `input.items[2].price`: names and positions, never the value. */
  readonly argument?: string
}

/**
 * A "no" as a value. The core returns it; only an edge (a GraphQL field, a public method) turns it into an error.
 *
 * It holds nothing of the request: no token, no claim, no header.
 */
export class Refusal {
  readonly reason: RefusalReason
  readonly code: RefusalCode
  readonly details: RefusalDetails

  constructor(reason: RefusalReason, details: RefusalDetails = {}) {
    this.reason = reason
    this.code = REASONS[reason]
    this.details = details
    Object.freeze(this)
  }
}

const plain = new Map<RefusalReason, Refusal>()

/** The refusal for a reason. Those without details are shared: refusing allocates nothing. */
export function refuse(reason: RefusalReason, details?: RefusalDetails): Refusal {
  if (details !== undefined) return new Refusal(reason, details)
  let refusal = plain.get(reason)
  if (refusal === undefined) {
    refusal = new Refusal(reason)
    plain.set(reason, refusal)
  }
  return refusal
}
