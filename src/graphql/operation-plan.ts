import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from './fragments.ts'
import type { InputRules } from './input-rules.ts'
import type { FieldRule, FindRule } from './policy.ts'

/** When a selection counts: the variable of a `@skip` or `@include` has this value. */
export interface Condition {
  readonly variable: string
  readonly value: boolean
}

/** One selected field that asks for something, whatever its parent turns out to be. */
export interface Selected {
  /** Such as `User.email`; of an interface's or union's fields the first that asks. */
  readonly coordinate: string
  readonly node: FieldNode
  /** What it asks for, by the types that the parent can be; one of them has to pass. Empty where one of the types asks for nothing. */
  readonly alternatives: readonly FieldRule[]
  /** What values ask for that are supplied to it, where its parent can be of one type only. */
  readonly inputs?: { readonly rules: InputRules; readonly field: GraphQLField<unknown, unknown> }
}

/** A selection set, read for the types that its parent can be. What a fragment selects is read once for them, and stands wherever it is spread. */
type Selections = readonly Selection[]

interface Selection {
  readonly conditions: readonly Condition[]
  readonly selected?: Selected
  readonly below?: Selections
}

/** What an operation selects that asks for something. Made once for a document. */
export interface OperationPlan {
  readonly operation: OperationDefinitionNode
  readonly selections: Selections
}

type Types = ReadonlySet<GraphQLObjectType>

/**
 * Reads an operation of a valid document. Where a parent can be of several types, only the data tells which of their rules will be asked, so no more than what
 * all of them ask can be said before.
 */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  findRule: FindRule,
): OperationPlan {
  const root = schema.getRootType(operation.operation)
  const walk = new Walk(schema, document, findRule)
  return { operation, selections: root ? walk.read(operation.selectionSet, new Set([root])) : [] }
}

/** What of a plan counts with these variables, in the order of the document. Each selection set is met once, as execution meets it: else a few spreads could be millions. */
export function selectedBy(
  { selections }: OperationPlan,
  variables: Readonly<Record<string, unknown>>,
): readonly Selected[] {
  const found: Selected[] = []
  const met = new Set<Selections>()
  const enter = (below: Selections): void => {
    if (met.has(below)) return
    met.add(below)
    for (const one of below) {
      if (!one.conditions.every(({ variable, value }) => variables[variable] === value)) continue
      if (one.selected !== undefined) found.push(one.selected)
      if (one.below !== undefined) enter(one.below)
    }
  }
  enter(selections)
  return found
}

class Walk {
  readonly #schema: GraphQLSchema
  readonly #findRule: FindRule
  readonly #fragments: ReturnType<typeof fragmentsOf>
  /** Fragments that were read, by these types. */
  readonly #known = new Map<string, Selections>()

  constructor(schema: GraphQLSchema, document: DocumentNode, findRule: FindRule) {
    this.#schema = schema
    this.#findRule = findRule
    this.#fragments = fragmentsOf(document)
  }

  read({ selections }: SelectionSetNode, parents: Types): Selections {
    if (parents.size === 0) return []
    return selections.flatMap((selection) => {
      const conditions = conditionsOf(selection.directives ?? [])
      if (conditions === undefined) return []
      const found = this.#selection(selection, parents)
      // Most of what is selected asks for nothing.
      return found.selected !== undefined || found.below?.length ? [{ ...found, conditions }] : []
    })
  }

  #selection(selection: SelectionNode, parents: Types): Omit<Selection, 'conditions'> {
    if (selection.kind === Kind.FIELD) return this.#field(selection, parents)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return { below: this.#spread(selection.name.value, parents) }
    const name = selection.typeCondition?.name.value
    return { below: this.read(selection.selectionSet, this.#narrow(parents, name)) }
  }

  #spread(name: string, parents: Types): Selections {
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return []
    const narrowed = this.#narrow(parents, fragment.typeCondition.name.value)
    const key = [name, ...Array.from(narrowed, (type) => type.name)].join(' ')
    const known = this.#known.get(key)
    if (known !== undefined) return known
    // A valid document's fragments do not contain themselves; of another's the second meeting is empty.
    this.#known.set(key, [])
    const read = this.read(fragment.selectionSet, narrowed)
    this.#known.set(key, read)
    return read
  }

  #field(node: FieldNode, parents: Types): Omit<Selection, 'conditions'> {
    const name = node.name.value
    const fields = [...parents].flatMap((type) => {
      const field = type.getFields()[name]
      return field === undefined ? [] : [{ type, field, rule: this.#findRule(field) }]
    })
    const selected = selectedOf(node, fields)
    if (node.selectionSet === undefined) return selected === undefined ? {} : { selected }
    const children = new Set(
      fields.flatMap(({ field }) => [...this.#possible(getNamedType(field.type).name)]),
    )
    const below = this.read(node.selectionSet, children)
    return selected === undefined ? { below } : { selected, below }
  }

  #narrow(parents: Types, condition: string | undefined): Types {
    if (condition === undefined) return parents
    const possible = this.#possible(condition)
    return new Set([...parents].filter((type) => possible.has(type)))
  }

  #possible(name: string): Types {
    const type = this.#schema.getType(name)
    if (isObjectType(type)) return new Set([type])
    return new Set(isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [])
  }
}

/** A field of one of the types that its parent can be. */
interface PossibleField {
  readonly type: GraphQLObjectType
  readonly field: GraphQLField<unknown, unknown>
  readonly rule: FieldRule | undefined
}

/** What can be said of a field before the data tells its type; undefined where that is nothing. */
function selectedOf(node: FieldNode, fields: readonly PossibleField[]): Selected | undefined {
  const asking = fields.filter(
    ({ rule }) => rule?.requirement !== undefined || rule?.optionalToken !== undefined,
  )
  const alternatives = asking.length === fields.length ? asking.flatMap(({ rule }) => rule ?? []) : []
  const [only, ...others] = fields
  const rules = others.length === 0 ? only?.rule?.inputs : undefined
  if (only === undefined || (alternatives.length === 0 && rules === undefined)) return undefined
  return {
    coordinate: `${(asking[0] ?? only).type.name}.${node.name.value}`,
    node,
    alternatives,
    ...(rules !== undefined ? { inputs: { rules, field: only.field } } : {}),
  }
}

/** The conditions of `@skip` and `@include`; undefined where the selection can never count. */
function conditionsOf(directives: readonly DirectiveNode[]): readonly Condition[] | undefined {
  const own: Condition[] = []
  for (const { name, arguments: args } of directives) {
    if (name.value !== 'skip' && name.value !== 'include') continue
    const wanted = name.value === 'include'
    const value = args?.[0]?.value
    if (value?.kind === Kind.VARIABLE) own.push({ variable: value.name.value, value: wanted })
    else if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return undefined
  }
  return own
}
