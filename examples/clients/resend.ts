// What may be sent once more after a refusal. A query may. A mutation runs its fields one after the other, and those before the one that was refused have
// been executed: sent again, they would order twice.

import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'

/** The part of a GraphQL error that is looked at. */
interface ExpiryErrorLike {
  readonly path?: readonly (string | number)[] | undefined
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

/** Whether an operation that was refused with `TOKEN_EXPIRED` has changed nothing for sure: it is a query, or each field at its top was refused itself. */
export function hasRunNothing(document: DocumentNode, errors: readonly ExpiryErrorLike[]): boolean {
  const expired = errors.filter(({ extensions }) => extensions?.reason === 'TOKEN_EXPIRED')
  // Not the field within: where that was refused, the one at the top has run.
  const refused = new Set(expired.map(({ path }) => (path?.length === 1 ? path[0] : undefined)))
  // Without a path the operation was refused as a whole; by one of several servers behind a gateway, if there are more fields than one.
  const isWhole = expired.length > 0 && expired.every(({ path }) => path === undefined)
  return mutationsOf(document).every(
    (fields) => (fields.size === 1 && isWhole) || [...fields].every((field) => refused.has(field)),
  )
}

/** For each mutation of a document the fields at its top, fragments written out, by their names in the answer. */
function mutationsOf({ definitions }: DocumentNode): readonly ReadonlySet<string>[] {
  return definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION || definition.operation !== 'mutation') return []
    const fields = new Set<string>()
    const spread = new Set<string>()
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const selection of selections) {
        if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet)
        else if (selection.kind === Kind.FIELD) {
          // Clients add it to fragments, and nothing runs for it.
          if (selection.name.value !== '__typename') fields.add((selection.alias ?? selection.name).value)
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value)
          const name = selection.name.value
          for (const fragment of definitions) {
            if (fragment.kind === Kind.FRAGMENT_DEFINITION && fragment.name.value === name)
              collect(fragment.selectionSet)
          }
        }
      }
    }
    collect(definition.selectionSet)
    return [fields]
  })
}
