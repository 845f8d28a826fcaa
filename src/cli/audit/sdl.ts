import { readFileSync } from 'node:fs'
import {
  buildASTSchema,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  type InputValueDefinitionNode,
  isExecutableDefinitionNode,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  parse,
  Source,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  validateSchema,
} from 'graphql'
import { ConfigurationError } from '../../core/configuration-error.ts'
import { directiveTypeDefs } from '../../graphql/directives.ts'
import { withEntities } from './federation.ts'
import { withRoots } from './roots.ts'

/** A schema, and what has to be known of how it was read. */
export interface ReadSchema {
  readonly schema: GraphQLSchema
  readonly notes: readonly string[]
}

/** What graphql takes for nothing: blanks, commas, a byte order mark and comments. */
const NOTHING = /[\s,\uFEFF]+|#.*/g

/** As many complaints of graphql's as somebody wants to read at once. */
const SHOWN = 3

/**
 * Reads a schema from SDL files, as if they were one, and adds our definitions where they are not there.
 *
 * What graphql would refuse is read all the same where it can be, and said: directives of others need not be defined.
 *
 * @throws ConfigurationError naming the file and the line, or saying that there is no root
 */
export function readSdl(paths: readonly string[], progress: (text: string) => void): ReadSchema {
  const documents = paths.map((path) => {
    progress(`reading ${path}`)
    return parseFile(path)
  })
  progress('building the schema')
  const merged = merge(withRulesAdded(withOurs(documents.flatMap(({ definitions }) => definitions))))
  const { definitions, note } = withEntities(merged)
  const { schema, faults } = build({ kind: Kind.DOCUMENT, definitions: withRoots(definitions) })
  return { schema, notes: [...(note === undefined ? [] : [note]), ...faults] }
}

function parseFile(path: string): DocumentNode {
  const text = readFileSync(path, 'utf8')
  // Left out without a word, a file that was emptied by mistake would take its types out of every check.
  if (text.replace(NOTHING, '') === '') {
    throw new ConfigurationError(`${path}: there is nothing in it, or comments alone; leave it out`)
  }
  try {
    const document = parse(new Source(text, path))
    refuseExecutable(document, path)
    return document
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const [place] = error.locations ?? []
    throw new ConfigurationError(`${path}:${place?.line ?? 1}:${place?.column ?? 1}: ${error.message}`)
  }
}

/** What a client asks: a pattern that is too wide finds its documents too. */
function refuseExecutable({ definitions }: DocumentNode, path: string): void {
  const found = definitions.find(isExecutableDefinitionNode)
  if (found === undefined) return
  const what = found.kind === Kind.FRAGMENT_DEFINITION ? 'a fragment' : `a ${found.operation}`
  const line = found.loc?.startToken.line ?? 1
  throw new ConfigurationError(
    `${path}:${line}: ${what} of a client is no part of a schema; name only the schema's files`,
  )
}

/** Only what is missing: a definition that is there is compared with ours by the audit, as `protect` does. */
function withOurs(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  const names = new Set(definitions.map(keyOf))
  const ours = parse(directiveTypeDefs).definitions
  return [...ours.filter((definition) => !names.has(keyOf(definition))), ...definitions]
}

function keyOf(definition: DefinitionNode): string | undefined {
  if (definition.kind === Kind.DIRECTIVE_DEFINITION) return `@${definition.name.value}`
  return isTypeDefinitionNode(definition) || isTypeExtensionNode(definition)
    ? definition.name.value
    : undefined
}

/** A field that several files define has the directives of all of them; graphql itself would go by the last. */
function withRulesAdded(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  const found = new Map<string, DirectiveNode[]>()
  const places = definitions.flatMap((definition) =>
    fieldsOf(definition).map((field) => ({ definition, field })),
  )
  for (const { definition, field } of places) {
    const key = coordinateOf(definition, field)
    found.set(key, [...(found.get(key) ?? []), ...(field.directives ?? [])])
  }
  if (found.size === places.length) return [...definitions]
  return definitions.map((definition) => {
    const fields = fieldsOf(definition).map((field) => ({
      ...field,
      directives: found.get(coordinateOf(definition, field)) ?? [],
    }))
    return fields.length === 0 ? definition : ({ ...definition, fields } as DefinitionNode)
  })
}

type FieldNode = FieldDefinitionNode | InputValueDefinitionNode

function fieldsOf(definition: DefinitionNode): readonly FieldNode[] {
  return 'fields' in definition ? (definition.fields ?? []) : []
}

function coordinateOf(definition: DefinitionNode, { name }: FieldNode): string {
  return `${keyOf(definition)}.${name.value}`
}

/**
 * A type that several files define is one type, and `extend type` of one that nobody defines is its definition: so do the tools that teams merge their
 * SDL with, and graphql itself would leave such an extension out without a word.
 */
function merge(definitions: readonly DefinitionNode[]): DefinitionNode[] {
  const defined = new Set(definitions.filter(isTypeDefinitionNode).map(({ name }) => name.value))
  const met = new Set<string>()
  return definitions.map((definition) => {
    if (!isTypeDefinitionNode(definition) && !isTypeExtensionNode(definition)) return definition
    const name = definition.name.value
    if (isTypeDefinitionNode(definition)) {
      if (met.has(name)) return asExtension(definition)
      met.add(name)
      return definition
    }
    if (defined.has(name) || met.has(name)) return definition
    met.add(name)
    return asDefinition(definition)
  })
}

/** Their nodes have the same members but for the description. */
function asExtension(definition: TypeDefinitionNode): TypeExtensionNode {
  const { description: _, ...rest } = definition
  return { ...rest, kind: definition.kind.replace(/Definition$/, 'Extension') } as TypeExtensionNode
}

function asDefinition(extension: TypeExtensionNode): TypeDefinitionNode {
  return { ...extension, kind: extension.kind.replace(/Extension$/, 'Definition') } as TypeDefinitionNode
}

function build(document: DocumentNode): { schema: GraphQLSchema; faults: string[] } {
  try {
    const schema = buildASTSchema(document)
    return { schema, faults: told(validateSchema(schema).map(({ message }) => message)) }
  } catch (error) {
    const faults = told((error as Error).message.split('\n\n'))
    try {
      return { schema: buildASTSchema(document, { assumeValidSDL: true }), faults }
    } catch (worse) {
      throw new ConfigurationError(
        `the SDL makes no schema: ${(worse as Error).message} Name all files that belong to it`,
      )
    }
  }
}

function told(messages: readonly string[]): string[] {
  const different = [...new Set(messages)]
  if (different.length === 0) return []
  const more = different.length > SHOWN ? ` And ${different.length - SHOWN} more.` : ''
  return [
    `graphql finds fault with this SDL, and it was read all the same; what it says was not checked: ${different.slice(0, SHOWN).join(' ')}${more}`,
  ]
}
