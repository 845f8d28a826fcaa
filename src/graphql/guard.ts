import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLResolveInfo } from 'graphql'
import type { Engine, Verdict } from '../core/authentication.ts'
import { isThenable } from '../core/availability.ts'
import { Refusal } from '../core/refusal.ts'
import type { RequestToken } from '../core/request-token.ts'
import { AuthError } from './auth-error.ts'
import { type OperationAuth, operationAuthOf } from './context.ts'
import type { FieldRule } from './policy.ts'

type Resolver = GraphQLFieldResolver<unknown, unknown>

interface Guarded {
  readonly original: Resolver | undefined
  readonly rule: string
}

/**
 * Wraps resolvers with rules and remembers which it made, so that wrapping twice is wrapping once.
 *
 * Remembered by function, not by a flag in `extensions`: a flag outlives a resolver that was replaced, and then nothing guards the field.
 */
export class Guard {
  readonly #engine: Engine
  readonly #made = new WeakMap<Resolver, Guarded>()
  /** The contexts that were found to be another's, or nobody's: one line in the log for each, not for each field. */
  readonly #reported = new WeakSet<object>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The resolver that asks the rule first. A resolver that already asks this very rule comes back as it is. */
  wrap(resolver: Resolver | undefined, rule: FieldRule, coordinate: string): Resolver {
    const made = resolver === undefined ? undefined : this.#made.get(resolver)
    const text = JSON.stringify(rule)
    if (resolver !== undefined && made?.rule === text) return resolver
    const original = made === undefined ? resolver : made.original
    const guarded = this.#guard(original ?? defaultFieldResolver, rule, coordinate)
    this.#made.set(guarded, { original, rule: text })
    return guarded
  }

  #guard(original: Resolver, { requirement, optionalToken }: FieldRule, coordinate: string): Resolver {
    const authOf = this.#authOf.bind(this, coordinate)
    return (source, args, context, info) => {
      const auth = authOf(context, info)
      if (optionalToken !== undefined) refuseOn(auth.of(optionalToken).locate())
      if (requirement === undefined) return original(source, args, context, info)
      const verdict = auth.of(requirement.type).judge(requirement, unitOf(info), context)
      if (isThenable(verdict)) {
        return verdict.then((settled) => {
          refuseOn(settled)
          return original(source, args, context, info)
        })
      }
      refuseOn(verdict)
      return original(source, args, context, info)
    }
  }

  #authOf(coordinate: string, context: unknown, { operation }: GraphQLResolveInfo): OperationAuth {
    const auth = operationAuthOf(this.#engine.contextKey, context)
    if (auth !== undefined) return auth
    const reported = typeof context === 'object' && context !== null ? context : operation
    if (!this.#reported.has(reported)) {
      this.#reported.add(reported)
      this.#engine.settings.logger.error(
        { coordinate },
        'a guarded field was executed without the context of this AuthX instance; add its plugin to the server (useAuthX for Yoga)',
      )
    }
    // A plain error, so that servers mask it, and nothing to tell in it, for those that do not. Yoga and Apollo Server take the status out
    // and use it; without it they answer 200.
    throw Object.assign(new Error('Unexpected error.'), { extensions: { http: { status: 500 } } })
  }
}

function refuseOn(found: Verdict | RequestToken | undefined): void {
  if (found instanceof Refusal) throw new AuthError(found)
}

/**
 * What a verdict about revocation holds for: a whole query; one root field of a mutation, since an earlier one may have been a logout; one
 * event of a subscription. Executors make a new path object for each root field they start, so its first link names the field's execution.
 */
function unitOf(info: GraphQLResolveInfo): object {
  if (info.operation.operation === 'query') return info.operation
  let path = info.path
  while (path.prev !== undefined) path = path.prev
  return path
}
