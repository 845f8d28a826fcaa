import { GraphQLError, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import { Refusal, type RefusalReason } from '../core/refusal.ts'
import { anyToken, isAboutRights, type NothingLeft, type Requirement } from '../core/requirement.ts'
import type { DefaultPolicy } from '../core/settings.ts'
import type { Admission, Execution } from './admission.ts'
import { AuthError } from './auth-error.ts'
import type { Engine } from './engine.ts'
import { type RulesByCoordinate, rulesByCoordinate } from './introspection/rules.ts'
import { askedOfSchema } from './introspection/selection.ts'
import { viewOf } from './introspection/view.ts'
import { logMissingContext, MissingContextError } from './missing-context.ts'
import { type OperationAuth, operationAuthOf } from './operation-auth.ts'
import type { FindRule } from './policy.ts'

/** As many sets of permissions as are remembered for one schema; each view is about as large as the schema. */
const REMEMBERED = 16

/** What says, beside refusals of a good token, that a caller may not have something; any other says that there is no telling who they are. */
const NOT_THEIRS: ReadonlySet<RefusalReason> = new Set([
  'TOKEN_MISSING',
  'ACCESS_TOKEN_REQUIRED',
  'REFRESH_TOKEN_REQUIRED',
])

/** Answers questions about the schema: described by its rules, and where it is said so, without what the caller may not have. */
export class Introspection {
  readonly #engine: Engine
  readonly #findRule: FindRule
  readonly #schemas = new WeakMap<GraphQLSchema, Introspected>()

  constructor(engine: Engine, findRule: FindRule) {
    this.#engine = engine
    this.#findRule = findRule
  }

  /** What an operation about the schema gets; undefined for every other. */
  admit(execution: Execution): undefined | Admission | Promise<Admission> {
    const { schema, document, operationName, contextValue } = execution
    const { introspection, enforcement, defaultPolicy } = this.#engine.settings
    if (introspection === 'full') return undefined
    const asked = askedOfSchema(document, operationName)
    if (asked === 'none') return undefined
    if (asked === 'mixed') return { errors: [mixed()] }
    const known = this.#schemas.get(schema) ?? new Introspected(schema, defaultPolicy, this.#findRule)
    this.#schemas.set(schema, known)
    // Where nothing is refused, nothing is hidden either.
    if (introspection === 'described' || enforcement === 'report') return { schema: known.whole }
    const auth = operationAuthOf(this.#engine.contextKey, contextValue)
    if (auth !== undefined) return this.#forCaller(known, auth, contextValue)
    logMissingContext(this.#engine.settings.logger, 'the schema was asked for')
    const { message, extensions } = new MissingContextError()
    return { errors: [new GraphQLError(message, { extensions })] }
  }

  async #forCaller(known: Introspected, auth: OperationAuth, context: unknown): Promise<Admission> {
    const unit = {}
    const permitted: boolean[] = []
    for (const requirement of known.requirements) {
      const verdict = await auth.of(requirement.type).consider(requirement, unit, context, 'query')
      if (verdict instanceof Refusal && isAboutToken(verdict, requirement)) {
        return { errors: [new AuthError(verdict)] }
      }
      permitted.push(!(verdict instanceof Refusal))
    }
    return { schema: known.viewFor(permitted) }
  }
}

/** A bad token is never taken for none. That of a refresh cookie, which comes along unasked, only where nobody can say. */
function isAboutToken(refusal: Refusal, { type }: Requirement): boolean {
  if (refusal.reason === 'REVOCATION_UNAVAILABLE') return true
  return type === 'access' && !isAboutRights(refusal) && !NOT_THEIRS.has(refusal.reason)
}

/** No refusal, so no outcome looks at it: it carries its status, which servers take out and use. */
function mixed(): GraphQLError {
  return new GraphQLError('Ask for __schema and __type in an operation of their own.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  })
}

/** One schema, what is asked for in it, and how it looks to those who were seen. */
class Introspected {
  /** Each kind of permission once. Whether a token is fresh says when, not what: that is in the descriptions alone. */
  readonly requirements: readonly Requirement[]
  readonly #schema: GraphQLSchema
  readonly #rules: RulesByCoordinate
  readonly #views = new LRUCache<string, GraphQLSchema>({ max: REMEMBERED })
  #whole: GraphQLSchema | undefined

  constructor(schema: GraphQLSchema, defaultPolicy: DefaultPolicy, findRule: FindRule) {
    this.#schema = schema
    this.#rules = rulesByCoordinate(schema, defaultPolicy, findRule)
    const kinds = new Map([...this.#rules.values()].map((rule) => [kindOf(rule), permissionOf(rule)]))
    // Whoever logs in gets both tokens, and brings one of them.
    const anyAccess = anyToken('access')
    kinds.set(kindOf(anyAccess), anyAccess)
    this.requirements = [...kinds.values()]
  }

  get whole(): GraphQLSchema {
    this.#whole ??= viewOf(this.#schema, this.#rules)
    return this.#whole
  }

  /** @param permitted for each of {@link requirements} */
  viewFor(permitted: readonly boolean[]): GraphQLSchema {
    if (permitted.every(Boolean)) return this.whole
    const key = permitted.map(Number).join('')
    const known = this.#views.get(key)
    if (known !== undefined) return known
    const granted = new Set(this.requirements.filter((_, at) => permitted[at]).map(kindOf))
    const isLoggedIn = granted.has(kindOf(anyToken('access')))
    const view = viewOf(this.#schema, this.#rules, (requirement) => {
      if (requirement.type === 'refresh' && isLoggedIn) return false
      return !granted.has(kindOf(requirement))
    })
    this.#views.set(key, view)
    return view
  }
}

function permissionOf({ type, fresh: _, scopes, optional, ...more }: Requirement): Requirement {
  more satisfies NothingLeft
  return { type, fresh: false, scopes, optional }
}

function kindOf(requirement: Requirement): string {
  return JSON.stringify(permissionOf(requirement))
}
