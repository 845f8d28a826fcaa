import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { OperationKind } from '../core/csrf.ts'
import type { Requirement } from '../core/requirement.ts'
import type { Engine } from './engine.ts'
import type { Guard } from './guard.ts'
import { compilePolicy, type FieldRule } from './policy.ts'
import { Callers } from './self-test/callers.ts'
import { type Case, type CaseSettings, casesOf, type Outcome } from './self-test/cases.ts'
import { type Part, Stage, standIn } from './self-test/stage.ts'

/** What a self-test did that found nothing wrong. */
export interface SelfTestReport {
  /** Fields with a rule. */
  readonly coordinates: number
  /** Calls of them that were made. */
  readonly checks: number
  /** By the instance's clock. */
  readonly milliseconds: number
}

/** As many failures as somebody wants to read at once. */
const SHOWN = 20

/**
 * Calls every field that has a rule in each way that the rule is there to refuse, and with just what it asks for.
 *
 * What is expected comes from the schema's directives; what is called, from the functions of the schema as it is served. The guard knows those that it made, and
 * makes each once more with nothing of the app behind it. A function that it did not make is a failure, and is not called.
 *
 * @throws ConfigurationError that lists what failed: coordinate, case, and what happened
 */
export async function selfTest(schema: GraphQLSchema, guard: Guard, engine: Engine): Promise<SelfTestReport> {
  const { clock, defaultPolicy } = engine.settings
  const began = clock()
  const fields = [...compilePolicy(schema, defaultPolicy)].flatMap(([typeName, rules]) =>
    [...rules].map(([fieldName, rule]) => ({ typeName, fieldName, rule })),
  )
  if (fields.length === 0) {
    throw new ConfigurationError('selfTest: this schema has no rule, so there is nothing to find out')
  }
  const run = new Run(schema, guard, engine, scopesIn(fields))
  for (const field of fields) await run.test(field)
  const { failures, checks } = run
  if (failures.length > 0) throw new ConfigurationError(listed(failures, checks))
  return { coordinates: fields.length, checks, milliseconds: clock() - began }
}

interface RuledField {
  readonly typeName: string
  readonly fieldName: string
  readonly rule: FieldRule
}

/** A member of a field that execution calls, and what stands there. */
interface Member {
  readonly member: Part['member']
  readonly resolver: GraphQLFieldResolver<unknown, unknown> | undefined
}

class Run {
  checks = 0
  readonly failures: string[] = []
  readonly #schema: GraphQLSchema
  readonly #guard: Guard
  readonly #callers: Callers
  readonly #settings: CaseSettings
  readonly #foreign = {}

  constructor(schema: GraphQLSchema, guard: Guard, engine: Engine, scopes: readonly string[]) {
    const { csrf, cookies } = engine.settings
    this.#schema = schema
    this.#guard = guard
    this.#callers = new Callers(engine)
    this.#settings = { provenCookies: csrf === undefined ? [] : (cookies?.types ?? []), scopes }
    guard.expectForeign(this.#foreign)
  }

  async test(field: RuledField): Promise<void> {
    const { typeName, fieldName, rule } = field
    const kind = this.#kindOf(typeName)
    for (const { member, resolver } of this.#membersOf(field, kind)) {
      const place = `${typeName}.${fieldName}${member === 'subscribe' ? ' (subscribe)' : ''}`
      const twin = this.#guard.twin(resolver, standIn)
      if (twin === undefined) {
        const found =
          resolver === undefined ? 'nothing guards it' : 'its function is not a guard of this instance'
        this.failures.push(`${place}, whoever asks: ${found}`)
      } else {
        const args = Object.keys(rule.inputs?.args ?? {})
        const stage = new Stage({ typeName, fieldName, member, resolver: twin, kind, arguments: args })
        for (const one of casesOf(rule, this.#settings)) await this.#try(one, stage, place)
      }
    }
  }

  async #try({ name, caller, args, expected }: Case, stage: Stage, place: string): Promise<void> {
    const context = caller === undefined ? this.#foreign : this.#callers.contextOf(caller)
    const outcome = await stage.call(context, args)
    this.checks += 1
    if (outcome === expected) return
    this.failures.push(`${place}, ${name}: ${told(outcome)}, instead of ${told(expected)}`)
  }

  #kindOf(typeName: string): OperationKind {
    if (typeName === this.#schema.getSubscriptionType()?.name) return 'subscription'
    return typeName === this.#schema.getMutationType()?.name ? 'mutation' : 'query'
  }

  #membersOf({ typeName, fieldName }: RuledField, kind: OperationKind): Member[] {
    const type = this.#schema.getType(typeName)
    const { resolve, subscribe } = (isObjectType(type) && type.getFields()[fieldName]) || {}
    const members: Member[] = [{ member: 'resolve', resolver: resolve }]
    // A type may become the root of subscriptions later, so what can start a stream counts wherever it stands.
    if (kind === 'subscription' || subscribe !== undefined) {
      members.push({ member: 'subscribe', resolver: subscribe })
    }
    return members
  }
}

function scopesIn(fields: readonly RuledField[]): string[] {
  const found = new Set<string>()
  const add = (requirement: Requirement | undefined) => {
    for (const scope of requirement?.scopes.flat(2) ?? []) found.add(scope)
  }
  for (const { requirement, inputs } of fields.map(({ rule }) => rule)) {
    add(requirement)
    for (const members of inputs === undefined ? [] : [inputs.args, ...Object.values(inputs.types)]) {
      for (const value of Object.values(members)) add(value.requirement)
    }
  }
  return [...found]
}

function told(outcome: Outcome | Error): string {
  if (outcome instanceof Error) return `the error "${outcome.message}"`
  if (outcome === 'answers') return 'an answer'
  return outcome === 'misconfigured' ? 'an error that the context is missing' : outcome
}

function listed(failures: readonly string[], checks: number): string {
  // Not a field had a guard: it is the wrong schema, not a mistake in it.
  const mend =
    checks === 0 ? ', every field with a rule; hand over what protect of this instance answered' : ''
  const shown = failures.slice(0, SHOWN)
  const more = failures.length > SHOWN ? [`and ${failures.length - SHOWN} more`] : []
  return [`selfTest: ${failures.length} failed${mend}`, ...shown, ...more].join('\n  ')
}
