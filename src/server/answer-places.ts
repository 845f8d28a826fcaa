import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql'

/** Selections that fill one place in an answer together. */
type Selections = readonly SelectionSetNode[]

/**
 * How many fields of an operation share a place in its answer, where they are the most.
 *
 * `{ me { id } me { id } }` asks twice for `me`, and twice for `me.id`. Whether such fields go together is checked for each two of them, so a few
 * hundred cost as much as a hundred thousand others. The operation must have been measured: its fragments go in no circle.
 */
export function mostInOnePlace(
  selections: SelectionSetNode,
  fragment: (name: string) => FragmentDefinitionNode | null | undefined,
): number {
  let most = 0
  const waiting: Selections[] = [[selections]]
  for (const together of waiting) {
    for (const { fields, inner } of placesOf(together, fragment).values()) {
      most = Math.max(most, fields)
      if (inner.length > 0) waiting.push(inner)
    }
  }
  return most
}

interface Place {
  fields: number
  readonly inner: SelectionSetNode[]
}

function placesOf(
  together: Selections,
  fragment: (name: string) => FragmentDefinitionNode | null | undefined,
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  const spread = new Set<string>()
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet)
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        // A fragment is one and the same however often it is spread here, and is checked against itself once.
        const name = selection.name.value
        const found = spread.has(name) ? undefined : fragment(name)
        spread.add(name)
        if (found !== null && found !== undefined) collect(found.selectionSet)
      } else {
        const name = (selection.alias ?? selection.name).value
        const place = places.get(name) ?? { fields: 0, inner: [] }
        place.fields += 1
        if (selection.selectionSet !== undefined) place.inner.push(selection.selectionSet)
        places.set(name, place)
      }
    }
  }
  for (const one of together) collect(one)
  return places
}
