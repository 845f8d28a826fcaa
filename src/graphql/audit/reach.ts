import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
} from 'graphql'

/** A field, as far as a caller's way through a schema depends on it. */
export interface Step {
  readonly coordinate: string
  readonly owner: GraphQLObjectType
  readonly type: GraphQLOutputType
}

/**
 * The ways of a caller without a token: for every object type that can be reached through the given fields, the fewest of them that lead there from a
 * root. A root is reached through none. Where several ways are as short, queries come before mutations, then the alphabet decides.
 *
 * A field that returns an interface or a union leads to all that it can be: a fragment asks for any of them.
 */
export function waysTo(schema: GraphQLSchema, open: readonly Step[]): ReadonlyMap<string, readonly string[]> {
  const byOwner = Map.groupBy(open, ({ owner }) => owner.name)
  const ways = new Map<string, readonly string[]>()
  const waiting: string[] = []
  const reach = (type: GraphQLObjectType, way: readonly string[]): void => {
    if (ways.has(type.name)) return
    ways.set(type.name, way)
    waiting.push(type.name)
  }
  for (const root of rootsOf(schema)) reach(root, [])
  // An array's iteration meets what is pushed on the way, so this goes level by level.
  for (const name of waiting) {
    const way = ways.get(name) ?? []
    for (const { coordinate, type } of byOwner.get(name)?.toSorted(byCoordinate) ?? []) {
      for (const possible of objectsIn(type, schema)) reach(possible, [...way, coordinate])
    }
  }
  return ways
}

/** The object types that a value of a type can be. */
export function objectsIn(type: GraphQLOutputType, schema: GraphQLSchema): readonly GraphQLObjectType[] {
  const named = getNamedType(type)
  if (isObjectType(named)) return [named]
  return isAbstractType(named) ? schema.getPossibleTypes(named) : []
}

/** Query, Mutation and Subscription, by whatever names, as far as a schema has them. */
export function rootsOf(schema: GraphQLSchema): GraphQLObjectType[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]
  return roots.filter((root) => root !== null && root !== undefined)
}

/** The order of a report: by code unit, so that it is the same on every machine. */
export function byCoordinate(
  { coordinate: one }: { readonly coordinate: string },
  { coordinate: other }: { readonly coordinate: string },
): number {
  return one < other ? -1 : one > other ? 1 : 0
}
