import {
  type DefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  OperationTypeNode,
  parse,
  valueFromASTUntyped,
} from 'graphql'
import { isSchema, nameOfRoot } from './roots.ts'

/** SDL of a subgraph with what building one adds to it. */
export interface WithEntities {
  readonly definitions: readonly DefinitionNode[]
  readonly note?: string
}

/**
 * Adds `Query._entities` to a subgraph's SDL. It is in no file, and yet every type with `@key` is reached through it, past all other fields; without it
 * the report would call fields out of reach that are not.
 */
export function withEntities(definitions: readonly DefinitionNode[]): WithEntities {
  const objects = definitions.filter(isObject)
  const keys = namesOfKey(definitions)
  const isEntity = ({ directives = [] }: ObjectNode) => directives.some(({ name }) => keys.has(name.value))
  const entities = new Set(objects.filter(isEntity).map(({ name }) => name.value))
  const isThere = definitions.some((one) => 'name' in one && one.name?.value === '_Entity')
  if (entities.size === 0 || isThere) return { definitions }
  const query = nameOfRoot(definitions, OperationTypeNode.QUERY) ?? 'Query'
  const isExtension = objects.some(({ name }) => name.value === query)
  const added = parse(`
    scalar _Any
    union _Entity = ${[...entities].join(' | ')}
    ${isExtension ? 'extend ' : ''}type ${query} { _entities(representations: [_Any!]!): [_Entity]! }
  `)
  const known = new Set(definitions.map((one) => ('name' in one ? one.name?.value : undefined)))
  const missing = added.definitions.filter(
    (one) => !('name' in one && one.name?.value === '_Any' && known.has('_Any')),
  )
  return {
    definitions: [...definitions, ...missing],
    note: `Types with @key are taken for a federation subgraph's: ${query}._entities was added, as building the subgraph does.`,
  }
}

type ObjectNode = ObjectTypeDefinitionNode | ObjectTypeExtensionNode

function isObject(definition: DefinitionNode): definition is ObjectNode {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION
}

/** `@key`, by its own name, by the one it has where `@link` imports nothing, and by what `@link` calls it. */
function namesOfKey(definitions: readonly DefinitionNode[]): ReadonlySet<string> {
  const names = new Set(['key', 'federation__key'])
  const directives = definitions.filter(isSchema).flatMap((one) => one.directives ?? [])
  for (const { name, arguments: args = [] } of directives) {
    if (name.value !== 'link') continue
    const given = new Map(args.map((one) => [one.name.value, valueFromASTUntyped(one.value)]))
    if (typeof given.get('as') === 'string') names.add(`${given.get('as')}__key`)
    const imported = [given.get('import')].flat() as (
      | { readonly name?: unknown; readonly as?: unknown }
      | undefined
    )[]
    for (const one of imported) {
      if (one?.name === '@key' && typeof one.as === 'string') names.add(one.as.replace('@', ''))
    }
  }
  return names
}
