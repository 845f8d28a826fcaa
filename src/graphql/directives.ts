import { astFromDirective, astFromEnumType } from '@graphql-tools/utils'
import {
  buildASTSchema,
  type GraphQLDirective,
  type GraphQLSchema,
  isEnumType,
  Kind,
  parse,
  print,
} from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'

/** The directives' SDL, word for word that of `schema/directives.graphql`; a test holds the two together. */
export const directiveTypeDefs: string = `"Which kind of token a rule asks for."
enum TokenType {
  "Made by a login or a refresh; lives for minutes and opens fields."
  ACCESS
  "Made beside it; lives for days and only buys the next pair."
  REFRESH
}

"""
Only a caller with a valid, unrevoked token may have this. On an object or interface type it guards every field of it, whichever way the
type is reached. On an argument or an input field it guards a value that is supplied there. Rules add up: what stands on a field, its type, its
interfaces and their fields must all pass.
"""
directive @auth(
  "The kind of token."
  type: TokenType! = ACCESS
  "Only a token from a login with credentials, not one from a refresh."
  fresh: Boolean! = false
  "Any of these groups; within a group all of them."
  scopes: [[String!]!]
  "Whoever brings no token is anonymous; a token that is brought has to be valid all the same."
  optional: Boolean! = false
) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION

"""
Hands the token of the request to the resolver, if there is one, as context.requestToken(): its text, its type and where it was found.
Nothing about it is checked: it may be expired, revoked or garbage.
"""
directive @optionalToken("The kind of token." type: TokenType! = ACCESS) on FIELD_DEFINITION

"Anybody may have this, also where fields without a rule are guarded by default. It takes no rule away."
directive @public on FIELD_DEFINITION | OBJECT
`

/** The names of our directives. */
export const DIRECTIVE_NAMES = ['auth', 'optionalToken', 'public'] as const

export type DirectiveName = (typeof DIRECTIVE_NAMES)[number]

const ours: GraphQLSchema = buildASTSchema(parse(directiveTypeDefs), { assumeValid: true })

/** Our own definition of a directive: what its arguments mean does not depend on what a schema says it means. */
export function directiveNamed(name: DirectiveName): GraphQLDirective {
  const directive = ours.getDirective(name)
  if (directive === null || directive === undefined) throw new Error(`@${name} is not defined`)
  return directive
}

/**
 * Refuses a schema that defines one of our directives, or `TokenType`, and not as we do: a rule that means something else here than there would
 * guard nothing.
 */
export function checkDefinitions(schema: GraphQLSchema): void {
  const expected = definitionsIn(ours)
  for (const [name, text] of definitionsIn(schema)) {
    if (expected.get(name) !== text) {
      throw new ConfigurationError(
        `${name}: this schema defines it otherwise than graphql-authx does; take the definition from authx.typeDefs`,
      )
    }
  }
}

/** The definitions of ours that a schema has, printed without what means nothing: descriptions and order. */
function definitionsIn(schema: GraphQLSchema): Map<string, string> {
  const found = new Map<string, string>()
  for (const name of DIRECTIVE_NAMES) {
    const directive = schema.getDirective(name)
    if (directive) found.set(`@${name}`, print(essence(astFromDirective(directive))))
  }
  const tokenType = schema.getType('TokenType')
  if (isEnumType(tokenType)) {
    found.set('TokenType', print(essence(astFromEnumType(tokenType, schema))))
  }
  return found
}

function essence<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(essence).sort(byName) as Value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => name !== 'description' && name !== 'loc')
  return Object.fromEntries(entries.map(([name, inner]) => [name, essence(inner)])) as Value
}

/** Arguments, places and enum values have names; what else is in a list keeps its order. */
function byName(one: unknown, other: unknown): number {
  return nameOf(one) < nameOf(other) ? -1 : Number(nameOf(one) > nameOf(other))
}

function nameOf(node: unknown): string {
  const { kind, name, value } = node as { kind?: string; name?: { value: string }; value?: string }
  return (kind === Kind.NAME ? value : name?.value) ?? ''
}
