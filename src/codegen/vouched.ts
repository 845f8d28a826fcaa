import { type GraphQLSchema, isInterfaceType } from 'graphql'
import type { DefaultPolicy } from '../core/settings.ts'
import { checkDefinitions } from '../graphql/directives.ts'
import { compilePolicy, type FieldRule } from '../graphql/policy.ts'

/** A generic type of `graphql/context.ts` that adds to a context what a rule vouches for. */
export type ContextType =
  | 'Authenticated'
  | 'OptionallyAuthenticated'
  | 'OptionallyRefreshing'
  | 'Refreshing'
  | 'WithOptionalToken'

/** What rules vouch for, by coordinate, from the inside out. Only fields with something to vouch for are in it. */
export type Vouched = ReadonlyMap<string, readonly ContextType[]>

/**
 * Says of every field what its resolver can rely on, from the very rules that `protect` enforces.
 *
 * @throws ConfigurationError naming the coordinate, where `protect` would refuse the schema
 */
export function vouchedBy(schema: GraphQLSchema, defaultPolicy: DefaultPolicy): Vouched {
  checkDefinitions(schema)
  const vouched = new Map<string, readonly ContextType[]>()
  for (const [type, rules] of compilePolicy(schema, defaultPolicy)) {
    for (const [field, rule] of rules) {
      const types = typesOf(rule)
      if (types.length > 0) vouched.set(`${type}.${field}`, types)
    }
  }
  return new Map([...vouched, ...ofInterfaces(schema, vouched)])
}

/** Rules on values are not in it: whether one holds depends on what the caller supplies. */
function typesOf({ requirement, optionalToken }: FieldRule): ContextType[] {
  const types: ContextType[] = []
  if (requirement?.type === 'access') {
    types.push(requirement.optional ? 'OptionallyAuthenticated' : 'Authenticated')
  } else if (requirement?.type === 'refresh') {
    types.push(requirement.optional ? 'OptionallyRefreshing' : 'Refreshing')
  }
  if (optionalToken !== undefined) types.push('WithOptionalToken')
  return types
}

/** A resolver of an interface's field runs for every type that inherits it, so it can rely on what holds in all of them. */
function ofInterfaces(schema: GraphQLSchema, vouched: Vouched): Map<string, readonly ContextType[]> {
  const found = new Map<string, readonly ContextType[]>()
  for (const type of Object.values(schema.getTypeMap()).filter(isInterfaceType)) {
    for (const field of Object.keys(type.getFields())) {
      const [first, ...others] = schema
        .getPossibleTypes(type)
        .map(({ name }) => vouched.get(`${name}.${field}`) ?? [])
      const common = first?.filter((one) => others.every((other) => other.includes(one))) ?? []
      if (common.length > 0) found.set(`${type.name}.${field}`, common)
    }
  }
  return found
}
