import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Requirement } from '../core/requirement.ts'
import type { InputRules } from './input-rules.ts'
import type { FindRule } from './policy.ts'

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
  readonly conditions: readonly Condition[]
  /** What it asks for, by the types that the parent can be; one of them has to pass. Empty where one of the types asks for nothing. */
  readonly alternatives: readonly Requirement[]
  /** What values ask for that are supplied to it, where its parent can be of one type only. */
  readonly inputs?: { readonly rules: InputRules; readonly field: GraphQLField<unknown, unknown> }
}

/** What an operation selects that asks for something. Made once for a document. */
export interface OperationPlan {
  readonly operation: OperationDefinitionNode
  readonly selected: readonly Selected[]
}

type Types = ReadonlySet<GraphQLObjectType>

/**
 * Reads a valid document. Where a parent can be of several types, only the data tells which of their rules will be asked, so no more than what all of them ask
 * can be said before.
 */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  findRule: FindRule,
): OperationPlan | undefined {
  const operation = getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!operation || !root) return undefined
  const walk = new Walk(schema, document, findRule)
  walk.into(operation.selectionSet, new Set([root]), [])
  return { operation, selected: walk.selected }
}

class Walk {
  readonly selected: Selected[] = []
  readonly #schema: GraphQLSchema
  readonly #findRule: FindRule
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  /** Fragments that were read for these types under these conditions; each says the same the second time. */
  readonly #read = new Set<string>()

  constructor(schema: GraphQLSchema, document: DocumentNode, findRule: FindRule) {
    this.#schema = schema
    this.#findRule = findRule
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition)
    }
  }

  into({ selections }: SelectionSetNode, parents: Types, above: readonly Condition[]): void {
    for (const selection of selections) {
      const conditions = conditionsOf(selection.directives ?? [], above)
      if (conditions === undefined || parents.size === 0) continue
      if (selection.kind === Kind.FIELD) this.#field(selection, parents, conditions)
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const name = selection.typeCondition?.name.value
        this.into(selection.selectionSet, this.#narrow(parents, name), conditions)
      } else this.#spread(selection.name.value, parents, conditions)
    }
  }

  #spread(name: string, parents: Types, conditions: readonly Condition[]): void {
    const fragment = this.#fragments.get(name)
    if (fragment === undefined) return
    const narrowed = this.#narrow(parents, fragment.typeCondition.name.value)
    const key = JSON.stringify([name, [...narrowed].map((type) => type.name), conditions])
    if (this.#read.has(key)) return
    this.#read.add(key)
    this.into(fragment.selectionSet, narrowed, conditions)
  }

  #field(node: FieldNode, parents: Types, conditions: readonly Condition[]): void {
    const name = node.name.value
    const fields = [...parents].flatMap((type) => {
      const field = type.getFields()[name]
      return field === undefined ? [] : [{ type, field, rule: this.#findRule(field) }]
    })
    const alternatives = fields.flatMap(({ rule }) => rule?.requirement ?? [])
    const asks = fields.find(({ rule }) => rule !== undefined)
    const [only, ...others] = fields
    const rules = others.length === 0 ? only?.rule?.inputs : undefined
    if (asks !== undefined && (alternatives.length === fields.length || rules !== undefined)) {
      this.selected.push({
        coordinate: `${asks.type.name}.${name}`,
        node,
        conditions,
        alternatives: alternatives.length === fields.length ? alternatives : [],
        ...(rules !== undefined && only !== undefined ? { inputs: { rules, field: only.field } } : {}),
      })
    }
    if (node.selectionSet === undefined) return
    const children = new Set(
      fields.flatMap(({ field }) => [...this.#possible(getNamedType(field.type).name)]),
    )
    this.into(node.selectionSet, children, conditions)
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

/** The conditions of `@skip` and `@include` beside those from above; undefined where the selection can never count. */
function conditionsOf(
  directives: readonly DirectiveNode[],
  above: readonly Condition[],
): readonly Condition[] | undefined {
  const own: Condition[] = []
  for (const { name, arguments: args } of directives) {
    if (name.value !== 'skip' && name.value !== 'include') continue
    const wanted = name.value === 'include'
    const value = args?.[0]?.value
    if (value?.kind === Kind.VARIABLE) own.push({ variable: value.name.value, value: wanted })
    else if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return undefined
  }
  return own.length === 0 ? above : [...above, ...own]
}
