import { MapperKind, mapSchema } from '@graphql-tools/utils'
import { type GraphQLFieldConfig, type GraphQLSchema, isObjectType } from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { Logger } from '../core/logger.ts'
import type { DefaultPolicy } from '../core/settings.ts'
import { checkDefinitions } from './directives.ts'
import { type Guard, isGuarded } from './guard.ts'
import { compilePolicy, type Policy } from './policy.ts'

/** What of the settings protecting goes by. */
export interface ProtectSettings {
  readonly logger: Logger
  readonly defaultPolicy: DefaultPolicy
}

/**
 * Makes a schema in which every rule is asked before its field resolves or subscribes. The schema that is handed in stays as it was.
 *
 * @throws ConfigurationError naming the coordinate and the mend, where the schema cannot mean what it says
 * @throws TypeError where it is no schema
 */
export function protectSchema(
  schema: GraphQLSchema,
  guard: Guard,
  { logger, defaultPolicy }: ProtectSettings,
): GraphQLSchema {
  // For whoever has no types; isSchema throws where there are two graphqls.
  if (typeof schema?.getDirective !== 'function') {
    throw new TypeError(
      'protect: takes a GraphQLSchema; make one of your type definitions and resolvers first, as makeExecutableSchema does',
    )
  }
  checkDefinitions(schema)
  const policy = compilePolicy(schema, defaultPolicy)
  if (policy.size === 0) {
    logger.warn(
      {},
      'protect() was given a schema without a single @auth or @optionalToken: nothing in it is guarded',
    )
  }
  const subscription = schema.getSubscriptionType()?.name
  const guarded = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (field, fieldName, typeName) =>
      guardField(field, { policy, guard, fieldName, typeName, streams: typeName === subscription }),
  })
  keepWhatMapSchemaDrops(schema, guarded)
  return guarded
}

/**
 * Says when a schema reaches a server with a rule that nothing asks: it was not protected, or something came after. Its directives would be words. So
 * it does where only another instance asks: that one would find nothing in the context, and refuse everybody.
 *
 * @throws ConfigurationError
 */
export function assertProtected(schema: GraphQLSchema, guard: Guard, defaultPolicy: DefaultPolicy): void {
  for (const [typeName, fields] of compilePolicy(schema, defaultPolicy)) {
    const type = schema.getType(typeName)
    for (const name of fields.keys()) {
      const field = isObjectType(type) ? type.getFields()[name] : undefined
      const streams = type === schema.getSubscriptionType() || field?.subscribe !== undefined
      const asking = [field?.resolve, ...(streams ? [field?.subscribe] : [])]
      if (asking.every((resolver) => guard.stands(resolver))) continue
      throw new ConfigurationError(
        asking.every(isGuarded)
          ? `${typeName}.${name}: was protected by another AuthX instance; serve it with the one whose protect() made it`
          : `${typeName}.${name}: this schema has a rule here that nothing asks; serve authx.protect(schema), and protect last where other tools add fields or wrap resolvers`,
      )
    }
  }
}

interface Place {
  readonly policy: Policy
  readonly guard: Guard
  readonly typeName: string
  readonly fieldName: string
  readonly streams: boolean
}

type Field = GraphQLFieldConfig<unknown, unknown>

function guardField(field: Field, place: Place): Field | undefined {
  const rule = place.policy.get(place.typeName)?.get(place.fieldName)
  if (rule === undefined) return undefined
  const coordinate = `${place.typeName}.${place.fieldName}`
  const resolve = place.guard.wrap(field.resolve, rule, coordinate)
  // A type may become the root of subscriptions later, so what can start a stream is guarded wherever it stands.
  if (!place.streams && field.subscribe === undefined) return { ...field, resolve }
  return { ...field, resolve, subscribe: place.guard.wrap(field.subscribe, rule, coordinate, 'stream') }
}

/** Members that others put on a type itself, such as a federation subgraph's `resolveReference`, are not part of a type's config. */
function keepWhatMapSchemaDrops(from: GraphQLSchema, to: GraphQLSchema): void {
  for (const [name, type] of Object.entries(from.getTypeMap())) {
    const made = to.getType(name)
    if (made === undefined || made === type) continue
    for (const [member, value] of Object.entries(type)) {
      if (!Object.hasOwn(made, member)) Object.assign(made, { [member]: value })
    }
  }
}
