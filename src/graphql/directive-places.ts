import {
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'
import { type Annotated, directivesOn } from './annotations.ts'
import { DIRECTIVE_NAMES, type DirectiveName } from './directives.ts'

/**
 * Refuses our directives wherever they would have no effect.
 *
 * @throws ConfigurationError naming the coordinate, and where the directive has one
 */
export function checkPlaces(schema: GraphQLSchema): void {
  forbid(schema, 'schema', DIRECTIVE_NAMES)
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue
    if (type.name.startsWith('__')) {
      throw new ConfigurationError(
        `${type.name}: names that begin with two underscores are GraphQL's own; rename the type`,
      )
    }
    if (!isScalarType(type) && isSpecifiedScalarType(type as GraphQLNamedType)) {
      throw new ConfigurationError(
        `${type.name}: this is the name of a scalar of GraphQL's own; rename the type`,
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
        forbid(field, `${type.name}.${field.name}`, ['optionalToken', 'public'])
      }
    }
  }
  for (const directive of schema.getDirectives()) {
    for (const argument of directive.args) {
      forbid(argument, `@${directive.name}(${argument.name}:)`, DIRECTIVE_NAMES)
    }
  }
}

function checkFields(type: GraphQLObjectType | GraphQLInterfaceType): void {
  forbid(type, type.name, isInterfaceType(type) ? ['optionalToken', 'public'] : ['optionalToken'])
  for (const field of Object.values(type.getFields())) {
    for (const argument of field.args) {
      forbid(argument, `${type.name}.${field.name}(${argument.name}:)`, ['optionalToken', 'public'])
    }
  }
}

function checkInterface(type: GraphQLInterfaceType, schema: GraphQLSchema): void {
  if (schema.getPossibleTypes(type).length > 0) return
  const mend = `no object type implements ${type.name}, so nothing is guarded; put the directive on the types that are`
  forbid(type, type.name, DIRECTIVE_NAMES, mend)
  for (const field of Object.values(type.getFields())) {
    forbid(field, `${type.name}.${field.name}`, DIRECTIVE_NAMES, mend)
    for (const argument of field.args) {
      forbid(argument, `${type.name}.${field.name}(${argument.name}:)`, DIRECTIVE_NAMES, mend)
    }
  }
}

function forbid(
  element: Annotated,
  coordinate: string,
  names: readonly DirectiveName[],
  why = 'it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)',
): void {
  const found = directivesOn(element, coordinate).find((name) => names.includes(name))
  if (found !== undefined) throw new ConfigurationError(`${coordinate}: @${found} stands here, but ${why}`)
}
