import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from 'graphql'

type Fielded = GraphQLObjectType | GraphQLInterfaceType

/** What of a schema one set of permissions leaves, such that the rest is a schema again. */
export interface Visibility {
  /** Coordinates of fields, arguments and input fields that are not there. */
  readonly hidden: ReadonlySet<string>
  /** Names of types that are not there. */
  readonly gone: ReadonlySet<string>
  /** Whether a type of the rest still keeps the promises of an interface. */
  implements(type: Fielded, face: GraphQLInterfaceType): boolean
}

/**
 * Decides what is left once the forbidden is taken out. A field goes with an argument that it cannot do without, an input type with a field that it cannot do
 * without, a type with its last field or member, and then whatever only led there. A type whose field is forbidden no longer implements the interfaces that
 * promise it.
 *
 * @param isForbidden whether what stands at a coordinate is not for the caller
 */
export function visibilityOf(
  schema: GraphQLSchema,
  isForbidden: (coordinate: string) => boolean,
): Visibility {
  const decision = new Decision(schema, isForbidden)
  decision.settle()
  return decision
}

class Decision implements Visibility {
  readonly hidden = new Set<string>()
  readonly gone = new Set<string>()
  /** Such as `User implements Node`, where it no longer does. */
  readonly #broken = new Set<string>()
  readonly #schema: GraphQLSchema
  readonly #types: readonly GraphQLNamedType[]
  readonly #isForbidden: (coordinate: string) => boolean

  constructor(schema: GraphQLSchema, isForbidden: (coordinate: string) => boolean) {
    this.#schema = schema
    this.#types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
    this.#isForbidden = isForbidden
  }

  settle(): void {
    const before = reachableFrom(this.#schema, this)
    // Each round only ever takes away, so this ends.
    for (let last = -1; last < this.#size; ) {
      last = this.#size
      for (const type of this.#types) this.#decide(type)
    }
    const after = reachableFrom(this.#schema, this)
    // What nothing led to before stands in the schema on purpose.
    for (const { name } of this.#types) if (before.has(name) && !after.has(name)) this.gone.add(name)
  }

  implements(type: Fielded, face: GraphQLInterfaceType): boolean {
    return !this.gone.has(face.name) && !this.#broken.has(`${type.name} implements ${face.name}`)
  }

  get #size(): number {
    return this.hidden.size + this.gone.size + this.#broken.size
  }

  #decide(type: GraphQLNamedType): void {
    if (isInputObjectType(type)) this.#decideInput(type.name, Object.values(type.getFields()))
    else if (isUnionType(type)) {
      if (type.getTypes().every(({ name }) => this.gone.has(name))) this.gone.add(type.name)
    } else if (isObjectType(type) || isInterfaceType(type)) this.#decideFields(type)
  }

  #decideInput(
    name: string,
    fields: readonly (Parameters<typeof isRequiredInputField>[0] & { readonly name: string })[],
  ): void {
    for (const field of fields) {
      const coordinate = `${name}.${field.name}`
      if (this.#isForbidden(coordinate) || this.gone.has(getNamedType(field.type).name)) {
        this.hidden.add(coordinate)
        if (isRequiredInputField(field)) this.gone.add(name)
      }
    }
    if (fields.every((field) => this.hidden.has(`${name}.${field.name}`))) this.gone.add(name)
  }

  #decideFields(type: Fielded): void {
    const fields = Object.values(type.getFields())
    const implementers = isInterfaceType(type) ? this.#implementersOf(type) : []
    for (const field of fields) {
      const coordinate = `${type.name}.${field.name}`
      for (const argument of field.args) this.#decideArgument(coordinate, field.name, argument, implementers)
      if (this.#isHidden(coordinate, field, implementers)) this.hidden.add(coordinate)
    }
    for (const face of type.getInterfaces()) {
      if (!this.#keeps(type, face)) this.#broken.add(`${type.name} implements ${face.name}`)
    }
    const isEmpty = fields.every(({ name }) => this.hidden.has(`${type.name}.${name}`))
    const isNobodys =
      isInterfaceType(type) &&
      implementers.length > 0 &&
      !implementers.some((one) => this.#isImplementer(one, type))
    // There is no schema without a type for queries, however little it has.
    if ((isEmpty || isNobodys) && type !== this.#schema.getQueryType()) this.gone.add(type.name)
  }

  #decideArgument(
    coordinate: string,
    field: string,
    { name, type }: GraphQLArgument,
    implementers: readonly GraphQLObjectType[],
  ): void {
    const argument = `${coordinate}(${name}:)`
    if (
      this.#isForbidden(argument) ||
      this.gone.has(getNamedType(type).name) ||
      implementers.some((one) => this.hidden.has(`${one.name}.${field}(${name}:)`))
    ) {
      this.hidden.add(argument)
    }
  }

  #isHidden(
    coordinate: string,
    field: GraphQLField<unknown, unknown>,
    implementers: readonly GraphQLObjectType[],
  ): boolean {
    return (
      this.#isForbidden(coordinate) ||
      this.gone.has(getNamedType(field.type).name) ||
      field.args.some(
        (argument) => isRequiredArgument(argument) && this.hidden.has(`${coordinate}(${argument.name}:)`),
      ) ||
      // What an interface promises is there for somebody as long as one type keeps it for them.
      (implementers.length > 0 && implementers.every((one) => this.hidden.has(`${one.name}.${field.name}`)))
    )
  }

  #implementersOf(face: GraphQLInterfaceType): readonly GraphQLObjectType[] {
    return this.#schema.getPossibleTypes(face)
  }

  #isImplementer(type: GraphQLObjectType, face: GraphQLInterfaceType): boolean {
    return !this.gone.has(type.name) && this.implements(type, face)
  }

  /** Whether a type has every field that is left of an interface, with a type that still fits. */
  #keeps(type: Fielded, face: GraphQLInterfaceType): boolean {
    return Object.values(face.getFields()).every((promised) => {
      if (this.hidden.has(`${face.name}.${promised.name}`)) return true
      const field = type.getFields()[promised.name]
      if (field === undefined || this.hidden.has(`${type.name}.${promised.name}`)) return false
      const wanted = getNamedType(promised.type)
      const given = getNamedType(field.type)
      if (wanted === given || !isInterfaceType(wanted)) return true
      return (isObjectType(given) || isInterfaceType(given)) && this.implements(given, wanted)
    })
  }
}

/** The names of the types that the roots and the directives lead to. */
function reachableFrom(schema: GraphQLSchema, visibility: Visibility): ReadonlySet<string> {
  const { hidden, gone } = visibility
  const reached = new Set<string>()
  const waiting: GraphQLNamedType[] = []
  const reach = (type: GraphQLNamedType): void => {
    if (reached.has(type.name) || gone.has(type.name)) return
    reached.add(type.name)
    waiting.push(type)
  }
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    if (root) reach(root)
  }
  for (const directive of schema.getDirectives()) {
    for (const { type } of directive.args) reach(getNamedType(type))
  }
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    const owner = type
    if (isObjectType(owner) || isInterfaceType(owner)) {
      for (const face of owner.getInterfaces()) if (visibility.implements(owner, face)) reach(face)
      for (const field of Object.values(owner.getFields())) {
        const coordinate = `${owner.name}.${field.name}`
        if (hidden.has(coordinate)) continue
        reach(getNamedType(field.type))
        for (const { name, type: ofArgument } of field.args) {
          if (!hidden.has(`${coordinate}(${name}:)`)) reach(getNamedType(ofArgument))
        }
      }
    } else if (isInputObjectType(owner)) {
      for (const field of Object.values(owner.getFields())) {
        if (!hidden.has(`${owner.name}.${field.name}`)) reach(getNamedType(field.type))
      }
    }
    if (isAbstractType(owner)) {
      for (const possible of schema.getPossibleTypes(owner)) {
        if (!isInterfaceType(owner) || visibility.implements(possible, owner)) reach(possible)
      }
    }
  }
  return reached
}
