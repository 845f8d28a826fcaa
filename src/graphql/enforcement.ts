import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  locatedError,
  type OperationDefinitionNode,
} from 'graphql'
import type { Verdict } from '../core/authentication.ts'
import { Refusal } from '../core/refusal.ts'
import type { Requirement } from '../core/requirement.ts'
import type { Execution } from './admission.ts'
import { AuthError } from './auth-error.ts'
import type { Engine } from './engine.ts'
import { demandsOf, refusalAt } from './input-rules.ts'
import { type OperationAuth, operationAuthOf } from './operation-auth.ts'
import { type OperationPlan, planOf, type Selected, selectedBy } from './operation-plan.ts'
import type { FieldRule, FindRule } from './policy.ts'

/** As many refusals as anybody reads; each is an error of the answer. */
const SHOWN = 20

/** Refuses whole operations, before a resolver runs. The rules of fields are asked all the same while it runs. */
export class Enforcement {
  readonly #engine: Engine
  readonly #findRule: FindRule
  readonly #plans = new WeakMap<
    GraphQLSchema,
    WeakMap<DocumentNode, Map<OperationDefinitionNode, OperationPlan>>
  >()

  constructor(engine: Engine, findRule: FindRule) {
    this.#engine = engine
    this.#findRule = findRule
  }

  /** What an operation selects that its caller may not have, as errors at the places of the document; undefined where it may run. */
  async refuse(execution: Execution): Promise<readonly GraphQLError[] | undefined> {
    const auth = operationAuthOf(this.#engine.contextKey, execution.contextValue)
    const plan = this.#planOf(execution)
    if (auth === undefined || plan === undefined || plan.selections.length === 0) return undefined
    const variables = variablesOf(plan, execution)
    // What is wrong with them execution says, before any resolver.
    if (variables === undefined) return undefined
    const question: Question = { auth, plan, variables, context: execution.contextValue, unit: {} }
    const refused: { readonly selected: Selected; readonly refusal: Refusal }[] = []
    for (const selected of selectedBy(plan, variables.values)) {
      const refusal = await refuseSelected(selected, question)
      if (refusal === undefined) continue
      refused.push({ selected, refusal })
      if (this.#engine.settings.cookies?.clearOnRefusal.has(selected.coordinate))
        auth.forgetCookies(refusal, plan.operation.operation)
    }
    if (refused.length === 0) return undefined
    return refused
      .slice(0, SHOWN)
      .map(({ selected, refusal }) => locatedError(new AuthError(refusal), [selected.node], undefined))
  }

  #planOf({ schema, document, operationName }: Execution): OperationPlan | undefined {
    const operation = getOperationAST(document, operationName)
    if (!operation) return undefined
    const ofSchema =
      this.#plans.get(schema) ?? new WeakMap<DocumentNode, Map<OperationDefinitionNode, OperationPlan>>()
    this.#plans.set(schema, ofSchema)
    // By operation, not by the name that a caller gives: of such names there is no end.
    const ofDocument = ofSchema.get(document) ?? new Map<OperationDefinitionNode, OperationPlan>()
    ofSchema.set(document, ofDocument)
    const plan = ofDocument.get(operation) ?? planOf(schema, document, operation, this.#findRule)
    ofDocument.set(operation, plan)
    return plan
  }
}

interface Question {
  readonly auth: OperationAuth
  readonly plan: OperationPlan
  readonly variables: Variables
  readonly context: unknown
  /** One question about revocation for the whole decision. */
  readonly unit: object
}

async function refuseSelected(
  { alternatives, inputs, node }: Selected,
  question: Question,
): Promise<Refusal | undefined> {
  let refusal: Refusal | undefined
  for (const rule of alternatives) {
    const refused = await refuseRule(rule, question)
    refusal = refused && (refusal ?? refused)
    if (refusal === undefined) break
  }
  if (refusal !== undefined || inputs === undefined) return refusal
  const args = argumentsOf(inputs.field, node, question.variables)
  for (const { requirement, argument } of args === undefined ? [] : demandsOf(inputs.rules, args)) {
    const verdict = await judge(requirement, question)
    if (verdict instanceof Refusal) return refusalAt(argument, verdict)
  }
  return undefined
}

/** As a field's guard asks. */
async function refuseRule(
  { requirement, optionalToken }: FieldRule,
  question: Question,
): Promise<Refusal | undefined> {
  const { auth, plan } = question
  const handed = optionalToken && auth.of(optionalToken).locateProven(plan.operation.operation)
  if (handed instanceof Refusal) return handed
  const verdict = requirement && (await judge(requirement, question))
  return verdict instanceof Refusal ? verdict : undefined
}

function judge(
  requirement: Requirement,
  { auth, unit, context, plan }: Question,
): Verdict | Promise<Verdict> {
  return auth.judge(requirement, unit, context, plan.operation.operation)
}

interface Variables {
  readonly values: Readonly<Record<string, unknown>>
  /** As this version of graphql hands them to its own functions. */
  readonly native: never
}

/** graphql 16 answers with `coerced`, 17 with `variableValues`, which holds them. */
function variablesOf(
  { operation }: OperationPlan,
  { schema, variableValues }: Execution,
): Variables | undefined {
  const read = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {}) as {
    readonly coerced?: Record<string, unknown>
    readonly variableValues?: { readonly coerced: Record<string, unknown> }
  }
  if (read.variableValues !== undefined) {
    return { values: read.variableValues.coerced, native: read.variableValues as never }
  }
  return read.coerced === undefined ? undefined : { values: read.coerced, native: read.coerced as never }
}

function argumentsOf(
  field: Parameters<typeof getArgumentValues>[0],
  node: Parameters<typeof getArgumentValues>[1],
  { native }: Variables,
): Record<string, unknown> | undefined {
  try {
    return getArgumentValues(field, node, native)
  } catch {
    // Execution says what is wrong with them, in the field's place.
    return undefined
  }
}
