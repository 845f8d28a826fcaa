import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  parse,
  parseValue,
  print,
  visit,
} from 'graphql'
import type { NothingLeft, Requirement } from '../core/requirement.ts'
import type { ScopeGroups } from '../core/scopes.ts'
import type { DefaultPolicy } from '../core/settings.ts'
import { DIRECTIVE_NAMES } from './directives.ts'
import { compilePolicy, type FieldRule, type Policy } from './policy.ts'
import { requirementInWords, withArticle } from './requirement-words.ts'
import { importFederation, type RouterNames } from './router-link.ts'

/** The SDL of a subgraph for a router. */
export interface RouterSdl {
  /** With `@authenticated` and `@requiresScopes` in place of our directives. */
  readonly sdl: string
  /** What the router does not ask and the subgraph does, a line for each place. */
  readonly left: readonly string[]
}

/** As many groups of scopes as are multiplied out; a router looks through all of them. */
const MOST_GROUPS = 64

const OURS: ReadonlySet<string> = new Set(DIRECTIVE_NAMES)

/** What every subgraph has, and no router shows. */
const OF_FEDERATION: ReadonlySet<string> = new Set(['_entities', '_service', 'sdl'])

/**
 * Says in a router's directives what it can ask by itself, before it calls the subgraph. That goes on asking for all of it.
 *
 * @throws ConfigurationError where the SDL imports no federation that has these directives
 * @throws TypeError where it is handed anything else
 */
export function printRouterSdl(schema: GraphQLSchema, text: string, defaultPolicy: DefaultPolicy): RouterSdl {
  // For whoever has no types.
  if (typeof schema?.getTypeMap !== 'function' || typeof text !== 'string') {
    throw new TypeError(
      'routerSdl: takes the schema that protect made and its SDL, as in authx.routerSdl(schema, printSubgraphSchema(schema))',
    )
  }
  const policy = compilePolicy(schema, defaultPolicy)
  const { document, names } = importFederation(withoutOurs(parse(text)))
  const left: string[] = []
  const seen = new Set<string>()
  const tell = (typeName: string, field: FieldDefinitionNode): FieldDefinitionNode => {
    const coordinate = `${typeName}.${field.name.value}`
    const rule = policy.get(typeName)?.get(field.name.value)
    if (rule === undefined) return field
    seen.add(coordinate)
    const said = directiveFor(rule, names)
    const has = field.directives?.some(({ name }) => name.value === said.directive?.name.value)
    left.push(...said.left.map((line) => `${coordinate}: ${line}`))
    if (said.directive === undefined || (has && said.directive.name.value === names.authenticated))
      return field
    if (has) {
      left.push(`${coordinate}: has a @${said.directive.name.value} of its own, which stands`)
      return field
    }
    return { ...field, directives: [...(field.directives ?? []), said.directive] }
  }
  const definitions = document.definitions.map((one) => {
    if (one.kind !== Kind.OBJECT_TYPE_DEFINITION && one.kind !== Kind.OBJECT_TYPE_EXTENSION) return one
    return { ...one, fields: (one.fields ?? []).map((field) => tell(one.name.value, field)) }
  })
  left.push(
    ...coordinatesOf(policy)
      .filter((one) => !seen.has(one))
      .map((one) => `${one}: is not in this SDL`),
  )
  return { sdl: `${print({ ...document, definitions })}\n`, left }
}

function coordinatesOf(policy: Policy): string[] {
  return [...policy].flatMap(([type, fields]) =>
    [...fields.keys()].filter((name) => !OF_FEDERATION.has(name)).map((name) => `${type}.${name}`),
  )
}

/** Without our directives, and without their definitions. */
function withoutOurs(document: DocumentNode): DocumentNode {
  const without = visit(document, {
    Directive: ({ name }) => (OURS.has(name.value) ? null : undefined),
    DirectiveDefinition: ({ name }) => (OURS.has(name.value) ? null : undefined),
  })
  let isUsed = false
  visit(without, {
    NamedType: ({ name }: NamedTypeNode) => {
      isUsed ||= name.value === 'TokenType'
    },
  })
  if (isUsed) return without
  return visit(without, { EnumTypeDefinition: ({ name }) => (name.value === 'TokenType' ? null : undefined) })
}

interface Said {
  readonly directive?: ConstDirectiveNode
  readonly left: readonly string[]
}

function directiveFor({ requirement, inputs }: FieldRule, names: RouterNames): Said {
  const left = inputs === undefined ? [] : ['values that are supplied to it have rules of their own']
  if (requirement === undefined) return { left }
  const { type, fresh, scopes, optional, ...more } = requirement
  more satisfies NothingLeft
  const words = requirementInWords(requirement)
  const asked = (): string => `asks for ${optional ? words : withArticle(words)}`
  if (optional || type === 'refresh') return { left: [...left, `${asked()}; the router asks for nothing`] }
  if (fresh) left.push(`${asked()}; the router does not know whether it is fresh`)
  const groups = multiplied(scopes)
  if (groups === undefined)
    left.push(`${asked()}; the router asks for a token alone, the groups are too many`)
  if (groups === undefined || groups.length === 0) return { directive: directive(names.authenticated), left }
  return { directive: directive(names.requiresScopes, groups), left }
}

/** Any of these groups, as one list, instead of one of each level; undefined where that is too many. */
function multiplied(levels: Requirement['scopes']): ScopeGroups | undefined {
  let all: string[][] = []
  for (const groups of levels) {
    const before = all.length === 0 ? [[]] : all
    if (before.length * groups.length > MOST_GROUPS) return undefined
    all = before.flatMap((have) => groups.map((group) => [...new Set([...have, ...group])]))
  }
  return all
}

function directive(name: string, scopes?: ScopeGroups): ConstDirectiveNode {
  const given = scopes && {
    kind: Kind.ARGUMENT,
    name: { kind: Kind.NAME, value: 'scopes' },
    value: parseValue(JSON.stringify(scopes)),
  }
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: given === undefined ? [] : [given],
  } as ConstDirectiveNode
}
