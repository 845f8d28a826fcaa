import {
  type DefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
} from 'graphql'

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
  const entities = new Set(objects.filter(hasKey).map(({ name }) => name.value))
  const isThere = definitions.some((one) => 'name' in one && one.name?.value === '_Entity')
  if (entities.size === 0 || isThere) return { definitions }
  const query = nameOfQuery(definitions)
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

/** Also by the name that it has where `@link` imports nothing. */
function hasKey({ directives = [] }: ObjectNode): boolean {
  return directives.some(({ name }) => name.value === 'key' || name.value === 'federation__key')
}

function nameOfQuery(definitions: readonly DefinitionNode[]): string {
  const operations = definitions.flatMap((one) =>
    one.kind === Kind.SCHEMA_DEFINITION || one.kind === Kind.SCHEMA_EXTENSION
      ? (one.operationTypes ?? [])
      : [],
  )
  return operations.find(({ operation }) => operation === 'query')?.type.name.value ?? 'Query'
}
