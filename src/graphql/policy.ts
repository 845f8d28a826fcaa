import {
  type GraphQLArgument,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'
import type { TokenType } from '../core/claims.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Requirement } from '../core/requirement.ts'
import { type Annotated, type Annotation, combine, directivesOn, readAnnotation } from './annotations.ts'
import { DIRECTIVE_NAMES, type DirectiveName } from './directives.ts'

/** What a field asks for: all that stands above it, added up. */
export interface FieldRule {
  readonly requirement: Requirement | undefined
  readonly optionalToken: TokenType | undefined
}

/** The rules of a schema by type and field. Only fields that have one are in it. */
export type Policy = ReadonlyMap<string, ReadonlyMap<string, FieldRule>>

/**
 * Compiles what the directives of a schema say into one rule for each field of each object type.
 *
 * @throws ConfigurationError naming the coordinate, where the schema cannot mean what it says
 */
export function compilePolicy(schema: GraphQLSchema): Policy {
  checkPlaces(schema)
  const policy = new Map<string, ReadonlyMap<string, FieldRule>>()
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue
    const rules = rulesOf(type)
    if (rules.size > 0) policy.set(type.name, rules)
  }
  return policy
}

function rulesOf(type: GraphQLObjectType): Map<string, FieldRule> {
  const above = [type, ...interfacesOf(type)]
  const ofTypes = above.map((one) => readAnnotation(one, one.name))
  const rules = new Map<string, FieldRule>()
  for (const name of Object.keys(type.getFields())) {
    const ofFields = above.map((one) => annotationOfField(one, name))
    const rule = addUp([...ofFields, ...ofTypes], `${type.name}.${name}`)
    if (rule !== undefined) rules.set(name, rule)
  }
  return rules
}

/** Directly or through another interface: a schema that is assumed to be valid need not name them all. */
function interfacesOf(type: GraphQLObjectType): ReadonlySet<GraphQLInterfaceType> {
  const found = new Set(type.getInterfaces())
  // A Set's iteration meets what is added on the way.
  for (const one of found) for (const above of one.getInterfaces()) found.add(above)
  return found
}

function annotationOfField(type: GraphQLObjectType | GraphQLInterfaceType, name: string): Annotation {
  const field = type.getFields()[name]
  return field === undefined ? {} : readAnnotation(field, `${type.name}.${name}`)
}

function addUp(annotations: readonly Annotation[], coordinate: string): FieldRule | undefined {
  let requirement: Requirement | undefined
  let optionalToken: TokenType | undefined
  for (const { auth, optionalToken: type } of annotations) {
    if (auth !== undefined)
      requirement = requirement === undefined ? auth : combine(requirement, auth, coordinate)
    if (type === undefined) continue
    if (optionalToken !== undefined && optionalToken !== type) {
      throw new ConfigurationError(
        `${coordinate}: the field and its interface ask for different types in @optionalToken; make them the same`,
      )
    }
    optionalToken = type
  }
  return requirement === undefined && optionalToken === undefined ? undefined : { requirement, optionalToken }
}

/** Refuses our directives wherever they would have no effect, which is everywhere but on fields, object types and interfaces. */
function checkPlaces(schema: GraphQLSchema): void {
  forbid(schema, 'schema', DIRECTIVE_NAMES)
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue
    if (type.name.startsWith('__')) {
      throw new ConfigurationError(
        `${type.name}: names that begin with two underscores are GraphQL's own; rename the type`,
      )
    }
    if (isObjectType(type) || isInterfaceType(type)) {
      checkFields(type)
      if (isInterfaceType(type)) checkInterface(type, schema)
      continue
    }
    forbid(type, type.name, DIRECTIVE_NAMES)
    if (isEnumType(type)) {
      for (const value of type.getValues()) forbid(value, `${type.name}.${value.name}`, DIRECTIVE_NAMES)
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        forbid(field, `${type.name}.${field.name}`, DIRECTIVE_NAMES)
      }
    }
  }
  for (const directive of schema.getDirectives()) checkArguments(directive.args, `@${directive.name}`)
}

function checkFields(type: GraphQLObjectType | GraphQLInterfaceType): void {
  forbid(type, type.name, ['optionalToken'])
  for (const field of Object.values(type.getFields())) {
    checkArguments(field.args, `${type.name}.${field.name}`)
  }
}

function checkInterface(type: GraphQLInterfaceType, schema: GraphQLSchema): void {
  if (schema.getPossibleTypes(type).length > 0) return
  const mend = `no object type implements ${type.name}, so nothing is guarded; put the directive on the types that are`
  forbid(type, type.name, DIRECTIVE_NAMES, mend)
  for (const field of Object.values(type.getFields())) {
    forbid(field, `${type.name}.${field.name}`, DIRECTIVE_NAMES, mend)
  }
}

function checkArguments(args: readonly GraphQLArgument[], owner: string): void {
  for (const argument of args) forbid(argument, `${owner}(${argument.name}:)`, DIRECTIVE_NAMES)
}

function forbid(
  element: Annotated,
  coordinate: string,
  names: readonly DirectiveName[],
  why = 'it has no effect here; put it on a field (or @auth on an object type or an interface)',
): void {
  const found = directivesOn(element, coordinate).find((name) => names.includes(name))
  if (found !== undefined) throw new ConfigurationError(`${coordinate}: @${found} stands here, but ${why}`)
}
