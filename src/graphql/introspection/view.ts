import { MapperKind, mapSchema } from '@graphql-tools/utils'
import {
  type GraphQLArgumentConfig,
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLInputFieldConfig,
  GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import type { Requirement } from '../../core/requirement.ts'
import { requirementInWords, withArticle } from '../requirement-words.ts'
import type { RulesByCoordinate } from './rules.ts'
import { type Visibility, visibilityOf } from './visibility.ts'

/**
 * A schema to be introspected, and for nothing else: each field says in its description what it needs, and what a caller may not have is not there.
 *
 * @param isForbidden default: nothing is
 */
export function viewOf(
  schema: GraphQLSchema,
  rules: RulesByCoordinate,
  isForbidden: (requirement: Requirement) => boolean = () => false,
): GraphQLSchema {
  const visibility = visibilityOf(schema, (coordinate) => {
    const requirement = rules.get(coordinate)
    return requirement !== undefined && isForbidden(requirement)
  })
  return mapSchema(schema, mapperOf(schema, rules, visibility))
}

function mapperOf(
  schema: GraphQLSchema,
  rules: RulesByCoordinate,
  visibility: Visibility,
): Parameters<typeof mapSchema>[1] {
  const { hidden, gone } = visibility
  const described = <Element extends { readonly description?: string | null | undefined }>(
    element: Element,
    coordinate: string,
  ): Element => withNeeds(element, rules.get(coordinate))
  const argumentsOf = (args: Record<string, GraphQLArgumentConfig>, coordinate: string) =>
    Object.fromEntries(
      Object.entries(args).flatMap(([name, argument]) => {
        const place = `${coordinate}(${name}:)`
        return hidden.has(place) ? [] : [[name, described(argument, place)]]
      }),
    )
  const field = (
    config: GraphQLFieldConfig<unknown, unknown>,
    name: string,
    type: string,
  ): GraphQLFieldConfig<unknown, unknown> | null => {
    const coordinate = `${type}.${name}`
    if (hidden.has(coordinate)) return null
    return described({ ...config, args: argumentsOf(config.args ?? {}, coordinate) }, coordinate)
  }
  const query = schema.getQueryType()?.name
  return {
    [MapperKind.TYPE]: ({ name }) => (gone.has(name) ? null : undefined),
    [MapperKind.OBJECT_TYPE](type) {
      if (gone.has(type.name)) return null
      const config = type.toConfig()
      const interfaces = config.interfaces.filter((face) => visibility.implements(type, face))
      const isEmptyQuery =
        type.name === query && Object.keys(config.fields).every((name) => hidden.has(`${type.name}.${name}`))
      const fields = isEmptyQuery ? { ...config.fields, ...NOTHING } : config.fields
      return new GraphQLObjectType({ ...config, interfaces, fields })
    },
    [MapperKind.INTERFACE_TYPE](type) {
      if (gone.has(type.name)) return null
      const config = type.toConfig()
      return new GraphQLInterfaceType({
        ...config,
        interfaces: config.interfaces.filter((face) => visibility.implements(type, face)),
      })
    },
    [MapperKind.OBJECT_FIELD]: field,
    [MapperKind.INTERFACE_FIELD]: field,
    [MapperKind.INPUT_OBJECT_FIELD](config: GraphQLInputFieldConfig, name: string, type: string) {
      const coordinate = `${type}.${name}`
      return hidden.has(coordinate) ? null : described(config, coordinate)
    },
  }
}

/** GraphQL has no type without fields, and no schema without queries. */
const NOTHING: Record<string, GraphQLFieldConfig<unknown, unknown>> = {
  nothing: { type: GraphQLBoolean, description: 'There is nothing here that you may ask for. Log in first.' },
}

function withNeeds<Element extends { readonly description?: string | null | undefined }>(
  element: Element,
  requirement: Requirement | undefined,
): Element {
  if (requirement === undefined) return element
  const words = requirementInWords(requirement)
  const needs = requirement.optional ? `**Takes** ${words}.` : `**Needs** ${withArticle(words)}.`
  return { ...element, description: element.description ? `${element.description}\n\n${needs}` : needs }
}
