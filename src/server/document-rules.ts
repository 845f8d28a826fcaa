import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'
import { mostInOnePlace } from './answer-places.ts'
import type { RequestLimitSettings } from './settings.ts'

/** What is counted of an operation, each fragment as often as it is spread. */
type Size = Record<'depth' | 'fields' | 'aliases' | 'directives', number>

const NOUNS: Readonly<Record<keyof Size, string>> = {
  depth: 'levels of fields',
  fields: 'fields',
  aliases: 'aliases',
  directives: 'directives',
}

/** Introspection is as deep as its types are wrapped, and graphql-js has a rule of its own for what is too deep there. */
const INTROSPECTION = new Set(['__schema', '__type'])

/** Refuses operations that are too deep, too wide or too many fields when their fragments are written out. */
export function documentSizeRule(limits: RequestLimitSettings): ValidationRule {
  return function DocumentSizeRule(context: ValidationContext): ASTVisitor {
    const measure = measuring((name) => context.getFragment(name))
    return onOperations(context, (operation) => {
      const size = measure(operation.selectionSet)
      size.directives += operation.directives?.length ?? 0
      for (const of of Object.keys(NOUNS) as (keyof Size)[]) {
        if (size[of] > limits[of]) return `The operation has more than ${limits[of]} ${NOUNS[of]}.`
      }
      const top = rootFields(context, operation).size
      return top > limits.rootFields
        ? `The operation has more than ${limits.rootFields} fields at its top.`
        : undefined
    })
  }
}

/** Refuses operations of which too many fields share a place in the answer. For operations that passed the rule of their size. */
export function crowdRule(limit: number): ValidationRule {
  return function CrowdRule(context: ValidationContext): ASTVisitor {
    return onOperations(context, ({ selectionSet }) =>
      mostInOnePlace(selectionSet, (name) => context.getFragment(name)) > limit
        ? `More than ${limit} fields have one place in the answer.`
        : undefined,
    )
  }
}

/**
 * Refuses mutations that would run one of these root fields more than once, under whatever aliases, fragments and conditions.
 *
 * Two that have one name in the answer are one field, and run once.
 */
export function onceRule(names: ReadonlySet<string>): ValidationRule {
  return function OncePerOperationRule(context: ValidationContext): ASTVisitor {
    return onOperations(context, (operation) => {
      if (operation.operation !== 'mutation') return undefined
      const seen = new Set<string>()
      for (const name of rootFields(context, operation).values()) {
        if (names.has(name) && seen.has(name)) return `"${name}" can be asked for only once in an operation.`
        seen.add(name)
      }
      return undefined
    })
  }
}

function onOperations(
  context: ValidationContext,
  complaint: (operation: OperationDefinitionNode) => string | undefined,
): ASTVisitor {
  return {
    OperationDefinition(node) {
      const message = complaint(node)
      if (message !== undefined) context.reportError(new GraphQLError(message, { nodes: node }))
      // Everything below was looked at already.
      return false
    },
    FragmentDefinition: () => false,
  }
}

/** Measures selections; each fragment once, since one that spreads another twice, and so on, would take for ever. */
function measuring(
  fragment: (name: string) => FragmentDefinitionNode | null | undefined,
): (selections: SelectionSetNode) => Size {
  const known = new Map<string, Size>()
  const measure = ({ selections }: SelectionSetNode): Size => {
    const size = nothing()
    for (const selection of selections) {
      size.directives += selection.directives?.length ?? 0
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        add(size, measureFragment(selection.name.value), 0)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        add(size, measure(selection.selectionSet), 0)
      } else {
        const inner = selection.selectionSet === undefined ? nothing() : measure(selection.selectionSet)
        if (INTROSPECTION.has(selection.name.value)) inner.depth = 0
        add(size, inner, 1)
        size.fields += 1
        if (selection.alias !== undefined) size.aliases += 1
      }
    }
    return size
  }
  const measureFragment = (name: string): Size => {
    let size = known.get(name)
    if (size === undefined) {
      // Fragments that spread each other in a circle are refused by a rule of graphql-js; here they only must come to an end.
      known.set(name, nothing())
      const found = fragment(name)
      size = found === null || found === undefined ? nothing() : measure(found.selectionSet)
      size.directives += found?.directives?.length ?? 0
      known.set(name, size)
    }
    return size
  }
  return measure
}

function nothing(): Size {
  return { depth: 0, fields: 0, aliases: 0, directives: 0 }
}

function add(size: Size, inner: Size, level: 0 | 1): void {
  size.depth = Math.max(size.depth, inner.depth + level)
  size.fields += inner.fields
  size.aliases += inner.aliases
  size.directives += inner.directives
}

/** The fields at the top of an operation, through all fragments: each name that the answer will have, and the field's own. */
function rootFields(
  context: ValidationContext,
  operation: OperationDefinitionNode,
): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  const spread = new Set<string>()
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        fields.set((selection.alias ?? selection.name).value, selection.name.value)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet)
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value)
        const found = context.getFragment(selection.name.value)
        if (found !== null && found !== undefined) collect(found.selectionSet)
      }
    }
  }
  collect(operation.selectionSet)
  return fields
}
