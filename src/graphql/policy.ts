import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'
import type { TokenType } from '../core/claims.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import { anyToken, type Requirement } from '../core/requirement.ts'
import type { DefaultPolicy } from '../core/settings.ts'
import { type Annotation, combine, readAnnotation } from './annotations.ts'
import { checkPlaces } from './directive-places.ts'
import { type FieldAbove, InputPolicy, type InputRules } from './input-rules.ts'

/** What a field asks for: all that stands above it, added up. */
export interface FieldRule {
  readonly requirement: Requirement | undefined
  readonly optionalToken: TokenType | undefined
  /** What values ask for that are supplied to the field. */
  readonly inputs?: InputRules
}

/** Finds the rule that a field of the served schema really asks. */
export type FindRule = (field: GraphQLField<unknown, unknown>) => FieldRule | undefined

/** The rules of a schema by type and field. Only fields that have one are in it. */
export type Policy = ReadonlyMap<string, ReadonlyMap<string, FieldRule>>

/**
 * Compiles what the directives of a schema say into one rule for each field of each object type.
 *
 * @throws ConfigurationError naming the coordinate, where the schema cannot mean what it says
 */
export function compilePolicy(schema: GraphQLSchema, defaultPolicy: DefaultPolicy): Policy {
  const policy = new Map<string, Map<string, FieldRule>>()
  for (const { type, name, rule } of compiledFields(schema, defaultPolicy)) {
    if (rule === undefined) continue
    const rules = policy.get(type.name)
    if (rules === undefined) policy.set(type.name, new Map([[name, rule]]))
    else rules.set(name, rule)
  }
  return policy
}

/** A field of an object type with its rule, if it has one, and what the audit asks about it. */
export interface CompiledField extends OneField {
  readonly type: GraphQLObjectType
}

/** Every field of every object type, one type after the other. Throws as {@link compilePolicy} does. */
export function* compiledFields(
  schema: GraphQLSchema,
  defaultPolicy: DefaultPolicy,
): Generator<CompiledField, void> {
  checkPlaces(schema)
  const inputs = new InputPolicy(schema)
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
  const silent: string[] = []
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || isIntrospectionType(type)) continue
    for (const field of rulesOf(type, inputs)) {
      const { name, rule, isDeclared } = field
      const guarded = isDeclared || defaultPolicy !== 'protected' ? rule : byDefault(rule)
      if (!isDeclared && roots.has(type) && !isOfFederation(field)) silent.push(`${type.name}.${name}`)
      yield { ...field, type, rule: guarded }
    }
  }
  if (defaultPolicy === 'declared' && silent.length > 0) refuseSilent(silent)
}

function byDefault(rule: FieldRule | undefined): FieldRule {
  return { optionalToken: undefined, ...rule, requirement: anyToken('access') }
}

/** What a library for federation adds to a subgraph's queries: nobody can say anything there, and what is behind has the rules of its types. */
function isOfFederation({ name, above: [own] }: OneField): boolean {
  const type = getNamedType(own?.field.type)?.name
  return (name === '_service' && type === '_Service') || (name === '_entities' && type === '_Entity')
}

/** As many coordinates as somebody wants to read at once. */
const SHOWN = 10

function refuseSilent(silent: readonly string[]): never {
  const more = silent.length > SHOWN ? ` and ${silent.length - SHOWN} more` : ''
  throw new ConfigurationError(
    `${silent.slice(0, SHOWN).join(', ')}${more}: nothing says who may have ${silent.length === 1 ? 'it' : 'them'}, and defaultPolicy is 'declared'; put @auth, @optionalToken or @public there`,
  )
}

interface OneField {
  readonly name: string
  readonly rule: FieldRule | undefined
  /** Whether something says who may have it. */
  readonly isDeclared: boolean
  /** The field, then the same field of each interface. */
  readonly above: readonly FieldAbove[]
  /** What was added up, each with where it stands: the fields, then the types. Looked up only for who asks. */
  readonly sources: () => readonly Source[]
}

/** What stands in one place, and counts elsewhere too. */
export interface Source {
  readonly coordinate: string
  readonly annotation: Annotation
}

function rulesOf(type: GraphQLObjectType, inputs: InputPolicy): OneField[] {
  const above = [type, ...interfacesOf(type)]
  const ofTypes = above.map((one) => readAnnotation(one, one.name))
  const isPublicType = ofTypes[0]?.isPublic === true
  if (isPublicType && ofTypes.some(({ auth }) => auth !== undefined)) refusePublic(type.name)
  return Object.keys(type.getFields()).map((name) => {
    const coordinate = `${type.name}.${name}`
    const ofFields = above.map((one) => annotationOfField(one, name))
    const rule = addUp([...ofFields, ...ofTypes], coordinate)
    const isPublic = ofFields.some((one) => one.isPublic === true)
    if (isPublic && rule?.requirement !== undefined) refusePublic(coordinate)
    const fields = above.flatMap((one) => {
      const field = one.getFields()[name]
      return field === undefined ? [] : [{ field, coordinate: `${one.name}.${name}` }]
    })
    const ofInputs = inputs.rulesOf(fields, rule?.requirement)
    return {
      name,
      rule: ofInputs === undefined ? rule : { ...(rule ?? NOTHING), inputs: ofInputs },
      isDeclared: rule !== undefined || isPublic || isPublicType,
      above: fields,
      sources: () => [
        ...above.map((one, at) => ({ coordinate: `${one.name}.${name}`, annotation: ofFields[at] ?? {} })),
        ...above.map((one, at) => ({ coordinate: one.name, annotation: ofTypes[at] ?? {} })),
      ],
    }
  })
}

const NOTHING: FieldRule = { requirement: undefined, optionalToken: undefined }

function refusePublic(coordinate: string): never {
  throw new ConfigurationError(
    `${coordinate}: @public stands here, but a rule guards it, from itself, its type or an interface, and @public takes no rule away; keep one of the two`,
  )
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
