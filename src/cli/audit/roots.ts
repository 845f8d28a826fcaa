import {
  type DefinitionNode,
  Kind,
  type OperationTypeDefinitionNode,
  OperationTypeNode,
  type SchemaDefinitionNode,
  type SchemaExtensionNode,
} from 'graphql'
import { ConfigurationError } from '../../core/configuration-error.ts'

/** What a root is called where nothing says otherwise. */
const DEFAULT_NAMES: Readonly<Record<OperationTypeNode, string>> = {
  query: 'Query',
  mutation: 'Mutation',
  subscription: 'Subscription',
}

/**
 * SDL with one `schema { … }`, whose roots are those of `makeExecutableSchema`: what any `schema` or `extend schema` names, the last where several do, and
 * where none does the type of the usual name. graphql itself would forget one of two definitions, and `Mutation` beside `schema { query: Root }`.
 *
 * @throws ConfigurationError where there is no root, since then nobody could say who gets where
 */
export function withRoots(definitions: readonly DefinitionNode[]): readonly DefinitionNode[] {
  const schemas = definitions.filter(isSchema)
  const operationTypes = Object.values(OperationTypeNode).flatMap((operation) => {
    const name = nameOfRoot(definitions, operation)
    return name === undefined ? [] : [rootOf(operation, name)]
  })
  if (operationTypes.length === 0) {
    throw new ConfigurationError(
      'the SDL has no Query, Mutation or Subscription, so nobody can say who gets where; name all files that belong to the schema',
    )
  }
  const [first, ...others] = schemas
  const directives = first?.directives ?? []
  return [
    { kind: Kind.SCHEMA_DEFINITION, directives, operationTypes },
    ...others.map(
      (one): SchemaExtensionNode => ({
        kind: Kind.SCHEMA_EXTENSION,
        directives: one.directives ?? [],
      }),
    ),
    ...definitions.filter((one) => !isSchema(one)),
  ]
}

/** What a root is called; undefined where there is none. */
export function nameOfRoot(
  definitions: readonly DefinitionNode[],
  operation: OperationTypeNode,
): string | undefined {
  const named = definitions
    .filter(isSchema)
    .flatMap(({ operationTypes = [] }) => operationTypes)
    .findLast((one) => one.operation === operation)
  if (named !== undefined) return named.type.name.value
  const usual = DEFAULT_NAMES[operation]
  const isThere = definitions.some(
    (one) => one.kind === Kind.OBJECT_TYPE_DEFINITION && one.name.value === usual,
  )
  return isThere ? usual : undefined
}

/** What can name roots, and carry `@link`. */
export function isSchema(
  definition: DefinitionNode,
): definition is SchemaDefinitionNode | SchemaExtensionNode {
  return definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
}

function rootOf(operation: OperationTypeNode, name: string): OperationTypeDefinitionNode {
  return {
    kind: Kind.OPERATION_TYPE_DEFINITION,
    operation,
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } },
  }
}
