import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLResolveInfo } from 'graphql'
import type { Verdict } from '../core/authentication.ts'
import { Refusal } from '../core/refusal.ts'
import type { RequestToken } from '../core/request-token.ts'
import { anyToken, isAboutRights, type Requirement } from '../core/requirement.ts'
import { isThenable, whenThere } from '../core/thenable.ts'
import { refuseField } from './auth-error.ts'
import { BoundedStream, isAsyncIterable } from './bounded-stream.ts'
import type { Engine } from './engine.ts'
import { type Demand, demandsOf, refusalAt } from './input-rules.ts'
import { logMissingContext, MissingContextError } from './missing-context.ts'
import { type OperationAuth, operationAuthOf } from './operation-auth.ts'
import type { FieldRule } from './policy.ts'

type Resolver = GraphQLFieldResolver<unknown, unknown>

/** Every function that a guard made, of whichever instance, and what stands behind it. */
const madeByAny = new WeakMap<Resolver, Resolver>()

/** Whether a resolver asks a rule, of whichever instance. */
export function isGuarded(resolver: Resolver | undefined): boolean {
  return resolver !== undefined && madeByAny.has(resolver)
}

/**
 * Wraps resolvers with rules and remembers which it made, so that wrapping twice is wrapping once.
 *
 * Remembered by function, not by a flag in `extensions`: a flag outlives a resolver that was replaced, and then nothing guards the field.
 */
export class Guard {
  readonly #engine: Engine
  /** The functions that were made here, and the rule that each asks. */
  readonly #made = new WeakMap<Resolver, string>()
  readonly #rules = new WeakMap<Resolver, FieldRule>()
  readonly #requirements = new Map<string, Requirement>()
  /** How each was made, to make it once more in front of another resolver. */
  readonly #again = new WeakMap<Resolver, (behind: Resolver) => Resolver>()
  /** The contexts that were found to be another's, or nobody's: one line in the log for each, not for each field. */
  readonly #reported = new WeakSet<object>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /**
   * The resolver that asks the rule first. One that asks this very rule comes back as it is; around one that asks another, this rule is asked as
   * well: what was guarded once is never guarded less.
   */
  wrap(
    resolver: Resolver = defaultFieldResolver,
    rule: FieldRule,
    coordinate: string,
    starts: 'value' | 'stream' = 'value',
  ): Resolver {
    const text = JSON.stringify(rule)
    if (this.#made.get(resolver) === text) return resolver
    const before = (behind: Resolver): Resolver => {
      const inner = starts === 'stream' ? this.#endStream(behind) : behind
      return this.#guard(this.#guardInputs(inner, rule, coordinate), rule, coordinate)
    }
    const guarded = before(resolver)
    this.#made.set(guarded, text)
    this.#rules.set(guarded, rule)
    this.#again.set(guarded, before)
    madeByAny.set(guarded, resolver)
    return guarded
  }

  /**
   * For the self-test: what was made here with a resolver of a schema, once more, in front of another resolver; with its own, letting a call through would run
   * the app. Looks through the guards of other instances.
   *
   * @returns undefined where this guard did not make it
   */
  twin(resolver: Resolver | undefined, behind: Resolver): Resolver | undefined {
    const found = this.#own(resolver)
    return found && this.#again.get(found)?.(behind)
  }

  /** Whether this guard made a resolver, or one that the guards of other instances stand before. */
  stands(resolver: Resolver | undefined): boolean {
    return this.#own(resolver) !== undefined
  }

  #own(resolver: Resolver | undefined): Resolver | undefined {
    let found = resolver
    while (found !== undefined && !this.#again.has(found)) found = madeByAny.get(found)
    return found
  }

  /** For the self-test: a context that is not this instance's on purpose is no line in the log. */
  expectForeign(context: object): void {
    this.#reported.add(context)
  }

  /** The rule that a resolver asks, if it was made here. */
  ruleOf(resolver: Resolver | undefined): FieldRule | undefined {
    return resolver === undefined ? undefined : this.#rules.get(resolver)
  }

  #guard(original: Resolver, rule: FieldRule, coordinate: string): Resolver {
    const { optionalToken } = rule
    const requirement = this.#shared(rule.requirement)
    const { contextKey } = this.#engine
    const authOf = (context: unknown, info: GraphQLResolveInfo): OperationAuth =>
      operationAuthOf(contextKey, context) ?? this.#authOf(coordinate, context, info)
    const logsOut = this.#engine.settings.cookies?.clearOnRefusal.has(coordinate) === true
    const refuseOn = (
      auth: OperationAuth,
      found: Verdict | RequestToken | undefined,
      info: GraphQLResolveInfo,
    ): void => {
      if (!(found instanceof Refusal)) return
      const kind = info.operation.operation
      if (this.#engine.settings.enforcement === 'report') {
        this.#engine.reports.note(coordinate, found, auth)
        return
      }
      if (logsOut) auth.forgetCookies(found, kind)
      if (kind === 'subscription' && info.path.prev === undefined) auth.refuseEvent(found)
      auth.refusals.refuse(found, info)
    }
    const goOn: Continue = (verdict, auth, source, args, context, info) => {
      if (!(verdict instanceof Refusal)) return original(source, args, context, info)
      refuseOn(auth, verdict, info)
      if (!isAboutRights(verdict)) return original(source, args, context, info)
      // Reported and not refused: the token is good, and a resolver reads whose it is.
      const known = judge(anyToken((requirement as Requirement).type), auth, context, info)
      return whenThere(known, () => original(source, args, context, info))
    }
    const ask: Resolver = (source, args, context, info) => {
      const auth = authOf(context, info)
      if (source instanceof StreamEnd) refuseField(source.refusal, info)
      if (optionalToken !== undefined)
        refuseOn(auth, auth.of(optionalToken).locateProven(info.operation.operation), info)
      if (requirement === undefined) return original(source, args, context, info)
      const verdict = judge(requirement, auth, context, info)
      return isThenable(verdict)
        ? verdict.then((settled) => goOn(settled, auth, source, args, context, info))
        : goOn(verdict, auth, source, args, context, info)
    }
    if (requirement === undefined || optionalToken !== undefined) return ask
    // A list has thousands of leaves, and what little is done for each of them shows. The unit of all of a query is its variable values.
    return (source, args, context, info) => {
      const auth = operationAuthOf(contextKey, context)
      return auth?.hasGranted(requirement, info.variableValues) === true
        ? original(source, args, context, info)
        : ask(source, args, context, info)
    }
  }

  /** One object for all rules that ask the same, so that what was found for one is known to be found for the next. */
  #shared(requirement: Requirement | undefined): Requirement | undefined {
    if (requirement === undefined) return undefined
    const text = JSON.stringify(requirement)
    const shared = this.#requirements.get(text) ?? requirement
    this.#requirements.set(text, shared)
    return shared
  }

  /** Around what starts a stream: it ends with its tokens, on every server and without a word from the adapter. */
  #endStream(original: Resolver): Resolver {
    const { contextKey, settings } = this.#engine
    if (settings.enforcement === 'report') return original
    const { logger } = settings
    return (source, args, context, info) => {
      const lifetime = operationAuthOf(contextKey, context)?.lifetime
      const end = (stream: unknown): unknown => {
        if (lifetime === undefined || !isAsyncIterable(stream)) return stream
        const lastWords = (refusal: Refusal) => (lifetime.isTold ? undefined : new StreamEnd(refusal))
        return new BoundedStream<unknown>({ source: stream, lifetime, logger, lastWords })
      }
      return whenThere(original(source, args, context, info), end)
    }
  }

  /** Asks, once the field's own rule has passed, what supplied values ask for. */
  #guardInputs(original: Resolver, { inputs }: FieldRule, coordinate: string): Resolver {
    if (inputs === undefined) return original
    const authOf = this.#authOf.bind(this, coordinate)
    return (source, args, context, info) => {
      const demands = demandsOf(inputs, args)
      if (demands.length === 0) return original(source, args, context, info)
      const refused = (auth: OperationAuth, refusal: Refusal, { argument, inputField }: Demand): void => {
        if (this.#engine.settings.enforcement !== 'report') refuseField(refusal, info)
        // Not where the caller put the value: of such places there is no end.
        this.#engine.reports.note(inputField ?? `${coordinate}(${argument}:)`, refusal, auth)
      }
      const met = meet(demands, { auth: authOf(context, info), refused }, context, info)
      return whenThere(met, () => original(source, args, context, info))
    }
  }

  #authOf(coordinate: string, context: unknown, { operation }: GraphQLResolveInfo): OperationAuth {
    const auth = operationAuthOf(this.#engine.contextKey, context)
    if (auth !== undefined) return auth
    const reported = typeof context === 'object' && context !== null ? context : operation
    if (!this.#reported.has(reported)) {
      this.#reported.add(reported)
      logMissingContext(this.#engine.settings.logger, 'a guarded field was executed', { coordinate })
    }
    throw new MissingContextError()
  }
}

/** What a guarded field does once there is a verdict. */
type Continue = (verdict: Verdict, auth: OperationAuth, ...call: Parameters<Resolver>) => unknown

function judge(
  requirement: Requirement,
  auth: OperationAuth,
  context: unknown,
  info: GraphQLResolveInfo,
): Verdict | Promise<Verdict> {
  return auth.judge(requirement, unitOf(info), context, info.operation.operation)
}

/** The last event of a stream whose token has ended: its field answers with why. */
class StreamEnd {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    this.refusal = refusal
  }
}

/** Who is asked what values ask for, and what becomes of a refusal. */
interface Asked {
  readonly auth: OperationAuth
  readonly refused: (auth: OperationAuth, refusal: Refusal, demand: Demand) => void
}

/** Asks for every demand in turn. No promise where the answers are known. */
function meet(
  [demand, ...others]: readonly Demand[],
  asked: Asked,
  context: unknown,
  info: GraphQLResolveInfo,
): undefined | Promise<undefined> {
  if (demand === undefined) return undefined
  const { requirement, argument } = demand
  const { auth, refused } = asked
  const answer = judge(requirement, auth, context, info)
  const goOn = (verdict: Verdict): undefined | Promise<undefined> => {
    if (verdict instanceof Refusal) {
      refused(auth, refusalAt(argument, verdict), demand)
    }
    return meet(others, asked, context, info)
  }
  return whenThere(answer, goOn)
}

/**
 * What a verdict about revocation holds for: a whole query; one root field of a mutation, since an earlier one may have been a logout; one
 * event of a subscription. Executors make a new path object for each root field they start, so its first link names the field's execution; they
 * make new variable values for each operation they execute. The document's nodes would not do: caches give equal texts the same.
 */
function unitOf(info: GraphQLResolveInfo): object {
  if (info.operation.operation === 'query') return info.variableValues
  let path = info.path
  while (path.prev !== undefined) path = path.prev
  return path
}
