import { type GraphQLSchema, isIntrospectionType, isObjectType } from 'graphql'
import type { Requirement } from '../../core/requirement.ts'
import type { DefaultPolicy } from '../../core/settings.ts'
import type { InputValueRule } from '../input-rules.ts'
import { compilePolicy, type FindRule } from '../policy.ts'

/** The rules that a served schema really asks, by the coordinates of what they guard: `User.email`, `User.email(format:)`, `UserFilter.email`. */
export type RulesByCoordinate = ReadonlyMap<string, Requirement>

/** What the guard asks, and where something else was wrapped around it, what the directives say. */
export function rulesByCoordinate(
  schema: GraphQLSchema,
  defaultPolicy: DefaultPolicy,
  findRule: FindRule,
): RulesByCoordinate {
  const policy = compilePolicy(schema, defaultPolicy)
  const rules = new Map<string, Requirement>()
  const add = (coordinate: string, { requirement }: InputValueRule): void => {
    if (requirement !== undefined) rules.set(coordinate, requirement)
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue
    for (const field of Object.values(type.getFields())) {
      const { requirement, inputs } = findRule(field) ?? policy.get(type.name)?.get(field.name) ?? {}
      const coordinate = `${type.name}.${field.name}`
      if (requirement !== undefined) rules.set(coordinate, requirement)
      for (const [name, rule] of Object.entries(inputs?.args ?? {})) add(`${coordinate}(${name}:)`, rule)
      for (const [input, members] of Object.entries(inputs?.types ?? {})) {
        for (const [name, rule] of Object.entries(members)) add(`${input}.${name}`, rule)
      }
    }
  }
  return rules
}
