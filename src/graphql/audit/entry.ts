import type { DefaultPolicy } from '../../core/settings.ts'

/** Who may have something: anybody; anybody, whose token is handed over unchecked; who has a good token or none; or only who has a good one. */
export type Effect = 'public' | 'unverified' | 'optional' | 'guarded'

/** From the widest open to the closed. */
export const EFFECTS: readonly Effect[] = ['public', 'unverified', 'optional', 'guarded']

/** What a schema lets whom have. `graphql-authx audit --format json` prints it. */
export interface AuditReport {
  readonly defaultPolicy: DefaultPolicy
  /** Every field of every object type, and every argument and input field that has a rule of its own; by coordinate. */
  readonly entries: readonly AuditEntry[]
  /** What is allowed, and seldom meant. */
  readonly warnings: readonly AuditWarning[]
  /** What is as it should be, and good to know; what was not checked. */
  readonly notes: readonly string[]
}

/** One coordinate. */
export interface AuditEntry {
  /** Such as `User.email`, `Query.posts(drafts:)` or, of an input type, `PostInput.price`. */
  readonly coordinate: string
  readonly kind: 'field' | 'argument' | 'input field'
  readonly effect: Effect
  /** The effective rule in words. */
  readonly rule: string
  /** What adds up to it, and where that stands; empty where nothing says who may have it. */
  readonly sources: readonly AuditSource[]
  /**
   * The fewest fields through which a caller without a token gets there from a root; none for a field of a root. Null where there is no such way, and
   * for what is no field.
   */
  readonly path: readonly string[] | null
}

/** What stands above a coordinate. */
export interface AuditSource {
  /** The coordinate of a field, a type, an interface or its field; or `default policy`. */
  readonly at: string
  /** The directive as SDL says it, or the policy's name. */
  readonly says: string
}

/** Something that is allowed, and seldom meant. */
export interface AuditWarning {
  readonly code: 'guarded-type-returned' | 'interface-partly-guarded' | 'mutation-without-token'
  readonly coordinate: string
  readonly message: string
}
