import { type DocumentNode, getOperationAST, Kind, type SelectionSetNode } from 'graphql'
import { fragmentsOf } from '../fragments.ts'

/**
 * What an operation asks of the schema itself: `none` of it, `only` that, or that `mixed` with fields of the API. `__typename` is either.
 *
 * A selection under `@skip` or `@include` counts as selected.
 */
export type AskedOfSchema = 'none' | 'only' | 'mixed'

/** Reads a valid document. */
export function askedOfSchema(
  document: DocumentNode,
  operationName: string | null | undefined,
): AskedOfSchema {
  const operation = getOperationAST(document, operationName)
  if (operation?.operation !== 'query') return 'none'
  const fragments = fragmentsOf(document)
  const names = new Set<string>()
  const seen = new Set<string>()
  const read = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add(selection.name.value)
      else if (selection.kind === Kind.INLINE_FRAGMENT) read(selection.selectionSet)
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value)
        const fragment = fragments.get(selection.name.value)
        if (fragment !== undefined) read(fragment.selectionSet)
      }
    }
  }
  read(operation.selectionSet)
  names.delete('__typename')
  const ofSchema = ['__schema', '__type'].filter((name) => names.delete(name)).length
  if (ofSchema === 0) return 'none'
  return names.size === 0 ? 'only' : 'mixed'
}
