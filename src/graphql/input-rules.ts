import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'
import { type Refusal, refuse } from '../core/refusal.ts'
import type { Requirement } from '../core/requirement.ts'
import { combine, readAnnotation } from './annotations.ts'

/** What a value asks for that is supplied in one place: its own rule, and those inside of its type. */
export interface InputValueRule {
  readonly requirement?: Requirement
  /** The input object type, where something in it has a rule. */
  readonly type?: string
}

type Members = Readonly<Record<string, InputValueRule>>

/** The rules of a field's arguments, and of the input types below them. */
export interface InputRules {
  readonly args: Members
  readonly types: Readonly<Record<string, Members>>
}

/** A rule that has to pass because a value was supplied, and where. */
export interface Demand {
  readonly requirement: Requirement
  /** Such as `input.items[2].price`: names and positions, never a value. */
  readonly argument: string
  /** The input field that asks, such as `Item.price`; undefined where an argument does. */
  readonly inputField?: string
}

/** A field, and where it stands. */
export interface FieldAbove {
  readonly field: GraphQLField<unknown, unknown>
  readonly coordinate: string
}

/** The rules on values of a schema's input types. */
export class InputPolicy {
  /** Only types with a rule somewhere in them. */
  readonly #types: Map<string, Members>

  /** @throws ConfigurationError where a default value would be taken for the caller's */
  constructor(schema: GraphQLSchema) {
    this.#types = readInputTypes(schema)
    this.#checkDefaults(schema)
  }

  /**
   * The rules of a field's arguments: its own, and those of the interfaces' fields that it implements.
   *
   * @param above the field, then the same field of each interface
   * @param requirement what the field itself asks for
   */
  rulesOf(above: readonly FieldAbove[], requirement: Requirement | undefined): InputRules | undefined {
    const args = record<InputValueRule>()
    for (const { field, coordinate } of above) {
      for (const argument of field.args) {
        const place = `${coordinate}(${argument.name}:)`
        const rule = this.#ruleOf(argument, place)
        if (rule === undefined) continue
        if (rule.requirement !== undefined && requirement !== undefined) {
          // Only to say so where no token could ever be of both types.
          combine(requirement, rule.requirement, place)
        }
        args[argument.name] = addUp(args[argument.name], rule, place)
      }
    }
    this.#checkOwnDefaults(above[0], args)
    const names = Object.values(args).flatMap(({ type }) => type ?? [])
    return Object.keys(args).length === 0 ? undefined : { args, types: this.#below(names) }
  }

  #ruleOf(element: GraphQLArgument | GraphQLInputField, coordinate: string): InputValueRule | undefined {
    const rule = ruleOf(element, coordinate, this.#types)
    return rule.requirement === undefined && rule.type === undefined ? undefined : rule
  }

  #below(names: readonly string[]): Record<string, Members> {
    const found = record<Members>()
    const waiting = [...names]
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const members = this.#types.get(name)
      if (members === undefined || found[name] !== undefined) continue
      found[name] = members
      waiting.push(...Object.values(members).flatMap(({ type }) => type ?? []))
    }
    return found
  }

  /** An argument that has no rule of its own may have one from an interface. */
  #checkOwnDefaults(own: FieldAbove | undefined, args: Members): void {
    for (const argument of own?.field.args ?? []) {
      this.#checkDefault(argument, args[argument.name], `${own?.coordinate}(${argument.name}:)`)
    }
  }

  #checkDefaults(schema: GraphQLSchema): void {
    const check = (element: GraphQLArgument | GraphQLInputField, coordinate: string): void =>
      this.#checkDefault(element, this.#ruleOf(element, coordinate), coordinate)
    for (const type of Object.values(schema.getTypeMap())) {
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) check(field, `${type.name}.${field.name}`)
      } else if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          for (const argument of field.args) check(argument, `${type.name}.${field.name}(${argument.name}:)`)
        }
      }
    }
  }

  /** graphql hands a schema's default value over as if the caller had supplied it. */
  #checkDefault(
    element: GraphQLArgument | GraphQLInputField,
    rule: InputValueRule | undefined,
    coordinate: string,
  ): void {
    const value = defaultOf(element)
    if (rule === undefined || value === undefined) return
    const types = this.#below(rule.type === undefined ? [] : [rule.type])
    const [demand] = demandsOf({ args: { value: rule }, types }, { value })
    if (demand === undefined) return
    throw new ConfigurationError(
      `${coordinate}: the default value supplies what @auth guards, and graphql cannot tell it from the caller's; take the default away, and apply it in the resolver`,
    )
  }
}

/** What the supplied values ask for: each rule once, with the first place that asks it. Null is a value too. */
export function demandsOf(
  { args: rules, types }: InputRules,
  args: Readonly<Record<string, unknown>>,
): readonly Demand[] {
  const found = new Map<Requirement, Demand>()
  const enter = (members: Members, values: object, path: string, owner?: string): void => {
    for (const name in members) {
      if (!Object.hasOwn(values, name)) continue
      const { requirement, type } = members[name] as InputValueRule
      const here = path === '' ? name : `${path}.${name}`
      if (requirement !== undefined && !found.has(requirement)) {
        const inputField = owner === undefined ? {} : { inputField: `${owner}.${name}` }
        found.set(requirement, { requirement, argument: here, ...inputField })
      }
      if (type !== undefined) walk((values as Record<string, unknown>)[name], type, here)
    }
  }
  const walk = (value: unknown, type: string, path: string): void => {
    if (Array.isArray(value)) value.forEach((one, index) => void walk(one, type, `${path}[${index}]`))
    else if (typeof value === 'object' && value !== null) enter(types[type] ?? {}, value, path, type)
  }
  enter(rules, args, '')
  return [...found.values()]
}

/** Of what a schema names: a type may be called `constructor`, and has to be missing until it is put there. */
function record<Value>(): Record<string, Value> {
  return Object.create(null)
}

/** The refusal of a {@link Demand}, which says where the value was supplied. */
export function refusalAt(argument: string, { reason, details }: Refusal): Refusal {
  return refuse(reason, { ...details, argument })
}

function readInputTypes(schema: GraphQLSchema): Map<string, Members> {
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType)
  const guarded = new Set<string>()
  const isGuarded = (field: GraphQLInputField, owner: string): boolean =>
    guarded.has(getNamedType(field.type).name) ||
    readAnnotation(field, `${owner}.${field.name}`).auth !== undefined
  // Until nothing is added: types can contain each other.
  for (let before = -1; before < guarded.size; ) {
    before = guarded.size
    for (const { name, ...type } of inputs.map((one) => ({ name: one.name, fields: one.getFields() }))) {
      if (Object.values(type.fields).some((field) => isGuarded(field, name))) guarded.add(name)
    }
  }
  return new Map(
    inputs
      .filter(({ name }) => guarded.has(name))
      .map((type) => {
        const fields = Object.values(type.getFields()).filter((field) => isGuarded(field, type.name))
        return [
          type.name,
          Object.fromEntries(
            fields.map((field) => [field.name, ruleOf(field, `${type.name}.${field.name}`, guarded)]),
          ),
        ]
      }),
  )
}

/** @param guarded knows the names of the input types with a rule somewhere in them */
function ruleOf(
  element: GraphQLArgument | GraphQLInputField,
  coordinate: string,
  guarded: { has(name: string): boolean },
): InputValueRule {
  const { auth } = readAnnotation(element, coordinate)
  const { name } = getNamedType(element.type)
  return {
    ...(auth !== undefined ? { requirement: auth } : {}),
    ...(guarded.has(name) ? { type: name } : {}),
  }
}

function addUp(one: InputValueRule | undefined, other: InputValueRule, coordinate: string): InputValueRule {
  if (one?.requirement === undefined) return { ...one, ...other }
  if (other.requirement === undefined) return { ...other, ...one }
  return { ...one, ...other, requirement: combine(one.requirement, other.requirement, coordinate) }
}

/** A default as a value; graphql 17 keeps those of SDL as literals. */
function defaultOf(element: {
  readonly defaultValue?: unknown
  readonly default?: { readonly value?: unknown; readonly literal?: ValueNode } | undefined
  readonly type: GraphQLInputType
}): unknown {
  if (element.defaultValue !== undefined) return element.defaultValue
  const { value, literal } = element.default ?? {}
  return literal === undefined ? value : valueFromASTUntyped(literal)
}
