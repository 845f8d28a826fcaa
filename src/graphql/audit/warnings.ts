import { type GraphQLObjectType, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import type { AuditEntry, AuditWarning } from './entry.ts'
import { byCoordinate, objectsIn } from './reach.ts'

/** As many names as somebody wants to read at once. */
const SHOWN = 5

/** Finds what is allowed, and seldom meant. */
export function warningsOf(schema: GraphQLSchema, entries: readonly AuditEntry[]): AuditWarning[] {
  const fields = new FieldEntries(schema, entries)
  return [
    ...[schema.getMutationType(), schema.getSubscriptionType()].flatMap((root) =>
      root ? fields.of(root).flatMap((entry) => startsForAnyone(entry, fields)) : [],
    ),
    ...Object.values(schema.getTypeMap())
      .filter(isInterfaceType)
      .flatMap((type) =>
        partlyGuarded(type.name, Object.keys(type.getFields()), schema.getPossibleTypes(type), fields),
      ),
  ].sort(byCoordinate)
}

/** The open fields, of whatever kind, that return a type whose fields are all guarded. That is how one guards types; it has to be known all the same. */
export function guardedTypesReturned(schema: GraphQLSchema, entries: readonly AuditEntry[]): string[] {
  const fields = new FieldEntries(schema, entries)
  const found = entries.filter((entry) => entry.path !== null && fields.guardedIn(entry).length > 0)
  if (found.length === 0) return []
  const names = listed(found.map(({ coordinate }) => coordinate))
  return [
    `Open fields that return types whose fields are all guarded: ${names}. Their resolvers run, and a caller without a token learns whether there is something.`,
  ]
}

class FieldEntries {
  readonly #schema: GraphQLSchema
  readonly #byType: ReadonlyMap<string, readonly AuditEntry[]>

  constructor(schema: GraphQLSchema, entries: readonly AuditEntry[]) {
    this.#schema = schema
    this.#byType = Map.groupBy(
      entries.filter(({ kind }) => kind === 'field'),
      ({ coordinate }) => ownerOf(coordinate),
    )
  }

  of({ name }: { readonly name: string }): readonly AuditEntry[] {
    return this.#byType.get(name) ?? []
  }

  isGuarded(type: GraphQLObjectType): boolean {
    return this.of(type).every(({ effect }) => effect === 'guarded')
  }

  /** What a field can return. */
  returnedBy({ coordinate, kind }: AuditEntry): readonly GraphQLObjectType[] {
    const owner = kind === 'field' ? this.#schema.getType(ownerOf(coordinate)) : undefined
    const field = isObjectType(owner) ? owner.getFields()[coordinate.slice(owner.name.length + 1)] : undefined
    return field === undefined ? [] : objectsIn(field.type, this.#schema)
  }

  guardedIn(entry: AuditEntry): readonly GraphQLObjectType[] {
    return this.returnedBy(entry).filter((type) => this.isGuarded(type))
  }
}

/** What is wrong with a field of Mutation or Subscription, whose resolver does something for whoever gets that far. */
function startsForAnyone(entry: AuditEntry, fields: FieldEntries): AuditWarning[] {
  const { coordinate, effect } = entry
  if (effect === 'guarded') return []
  const found: AuditWarning[] = []
  const returned = inReach(entry, fields)
  if (returned !== undefined) {
    const message = `it is ${effect} and returns ${returned}, whose fields are all guarded: its resolver runs for anyone all the same; put @auth on it too`
    found.push({ code: 'guarded-type-returned', coordinate, message })
  }
  if (effect === 'public') return found
  const why =
    effect === 'optional' ? 'every rule above it is optional' : 'nobody checks the token that it is handed'
  const message = `it runs for whoever brings no token, since ${why}; see that its resolver knows that`
  return [...found, { code: 'mutation-without-token', coordinate, message }]
}

/** The guarded types that a field returns, itself or one level down: the payload of a mutation is seldom what is guarded. */
function inReach(entry: AuditEntry, fields: FieldEntries): string | undefined {
  const direct = fields.guardedIn(entry)
  if (direct.length > 0) return listed(direct.map(({ name }) => name))
  const payload = fields
    .returnedBy(entry)
    .flatMap((type) => fields.of(type))
    .filter(({ effect }) => effect !== 'guarded')
  const below = payload.flatMap((field) =>
    fields.guardedIn(field).map(({ name }) => `${name} (in ${field.coordinate})`),
  )
  return below.length > 0 ? listed(below) : undefined
}

/** Says of an interface that some of its types are guarded, and others give anyone what it promises. */
function partlyGuarded(
  coordinate: string,
  names: readonly string[],
  types: readonly GraphQLObjectType[],
  fields: FieldEntries,
): AuditWarning[] {
  const guarded = types.filter((type) => fields.isGuarded(type))
  const promised = new Set(names)
  const open = types.flatMap((type) =>
    fields
      .of(type)
      .filter((entry) => entry.path !== null && promised.has(entry.coordinate.slice(type.name.length + 1)))
      .slice(0, 1),
  )
  if (guarded.length === 0 || open.length === 0) return []
  const message = `${listed(guarded.map(({ name }) => name))} implements it and is guarded, but anyone can have ${listed(open.map((entry) => entry.coordinate))}; put the rule on the interface if it is meant for all that implement it`
  return [{ code: 'interface-partly-guarded', coordinate, message }]
}

function ownerOf(coordinate: string): string {
  return coordinate.slice(0, coordinate.indexOf('.'))
}

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return `${names.slice(0, SHOWN).join(', ')}${more}`
}
