import { type Claims, scopesOf, type TokenType } from './claims.ts'
import { type Refusal, type RefusalReason, refuse } from './refusal.ts'
import { type ScopeGroups, satisfiesGroups } from './scopes.ts'

/** What a field, or a value that is supplied to one, asks of its caller: every rule above it, added up. */
export interface Requirement {
  readonly type: TokenType
  readonly fresh: boolean
  /** One entry for each level that names scopes; each must be satisfied. */
  readonly scopes: readonly ScopeGroups[]
  /** Whoever brings no token passes, as nobody. */
  readonly optional: boolean
}

/**
 * What is left of a requirement where each part of it was taken. Whoever tells, tries or compares rules says `more satisfies NothingLeft`, so that a new part that is
 * forgotten there does not compile: what is said would be less than what is asked.
 */
export type NothingLeft = Readonly<Record<string, never>>

/** What only asks for a valid token of a type. */
export function anyToken(type: TokenType): Requirement {
  return { type, fresh: false, scopes: [], optional: false }
}

/** Whether the token is of the kind that is asked for. The first question: what the others mean depends on it. */
export function refuseType(requirement: Requirement, claims: Claims): Refusal | undefined {
  if (claims.type === requirement.type) return undefined
  return refuse(requirement.type === 'access' ? 'ACCESS_TOKEN_REQUIRED' : 'REFRESH_TOKEN_REQUIRED')
}

/** The reasons of {@link refuseRest}. */
const ABOUT_RIGHTS: ReadonlySet<RefusalReason> = new Set(['FRESH_TOKEN_REQUIRED', 'SCOPES_MISSING'])

/** Whether a refusal is one of a good token, that only is not enough: it says nothing about the claims that something else was granted by. */
export function isAboutRights({ reason }: Refusal): boolean {
  return ABOUT_RIGHTS.has(reason)
}

/** Whether {@link refuseRest} can refuse anything. */
export function asksMore({ fresh, scopes }: Requirement): boolean {
  return fresh || scopes.length > 0
}

/** What is left to ask when the token is verified, of the right type and not revoked. A reason that is new here belongs into {@link ABOUT_RIGHTS}. */
export function refuseRest(requirement: Requirement, claims: Claims): Refusal | undefined {
  if (requirement.fresh && claims.fresh !== true) return refuse('FRESH_TOKEN_REQUIRED')
  if (requirement.scopes.length === 0) return undefined
  const held = scopesOf(claims)
  const missing = requirement.scopes.find((groups) => !satisfiesGroups(held, groups))
  // A copy: whoever masks or formats errors may write into theirs, and that must not become the rule.
  return missing === undefined
    ? undefined
    : refuse('SCOPES_MISSING', { scopes: missing.map((group) => [...group]) })
}

/** Adds up two rules: both must pass. Their types are the same; the schema's check sees to that. */
export function addRequirement(one: Requirement, other: Requirement): Requirement {
  return {
    type: one.type,
    fresh: one.fresh || other.fresh,
    optional: one.optional && other.optional,
    scopes: [
      ...one.scopes,
      ...other.scopes.filter((groups) => !one.scopes.some((have) => isSame(have, groups))),
    ],
  }
}

function isSame(one: ScopeGroups, other: ScopeGroups): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
