import { readFileSync } from 'node:fs'
import {
  buildClientSchema,
  buildSchema,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql'

/** Where `npm run test:real-schemas` puts them. */
const PACKAGES = new URL('../../compat/real-schemas/node_modules/', import.meta.url)

/** Schemas that others serve, of hundreds of types each. */
export const REAL_SCHEMAS: readonly { readonly name: string; build(): GraphQLSchema }[] = [
  {
    name: 'GitHub',
    build: () => buildSchema(text('@octokit/graphql-schema/schema.graphql'), { assumeValidSDL: true }),
  },
  {
    name: 'Nautical Commerce',
    build: () => buildSchema(text('@nautical-commerce/graphql-schema/nautical/schema.graphql')),
  },
  {
    name: 'Shopify Storefront',
    build: () => buildClientSchema(JSON.parse(text('@shopify/hydrogen-react/storefront.schema.json'))),
  },
]

function text(path: string): string {
  return readFileSync(new URL(path, PACKAGES), 'utf8')
}

/** A number from 0 up to 1. */
export type Random = () => number

/** Numbers that are the same for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export function pick<Value>(list: readonly Value[], random: Random): Value {
  return list[Math.floor(random() * list.length)] as Value
}

/** What `@auth` takes. */
type Rule = Readonly<Record<string, unknown>>

const RULES: readonly Rule[] = [
  {},
  { fresh: true },
  { optional: true },
  { scopes: [['read']] },
  { scopes: [['read', 'audit'], ['admin']] },
  { scopes: [['shop:orders'], ['shop:all', 'staff']], fresh: true },
]

const VALUE_RULES: readonly Rule[] = [
  {},
  { scopes: [['write']] },
  { scopes: [['price:write'], ['admin']], fresh: true },
]

const REFRESH: Rule = { type: 'REFRESH' }

/**
 * Puts rules on a schema at random, as code-first schemas say them: on one field in seven, one type in twenty, one interface in ten, one argument in forty
 * and one input field in thirty. A mutation in thirty asks for a refresh token, and so does nothing else of it.
 */
export function annotate(schema: GraphQLSchema, random: Random): GraphQLSchema {
  const defaulted = typesWithDefaults(schema)
  const put = (element: { extensions: object }, odds: number, rules: readonly Rule[]): void => {
    if (random() < odds) element.extensions = { directives: { auth: pick(rules, random) } }
  }
  for (const type of typesOf(schema)) {
    if (isInputObjectType(type)) {
      if (defaulted.has(type.name)) continue
      for (const field of Object.values(type.getFields())) {
        if (!hasDefault(field)) put(field, 1 / 30, VALUE_RULES)
      }
    } else if (isObjectType(type) || (isInterfaceType(type) && schema.getPossibleTypes(type).length > 0)) {
      const isMutation = type === schema.getMutationType()
      if (!isMutation) put(type, isInterfaceType(type) ? 1 / 10 : 1 / 20, RULES)
      for (const field of Object.values(type.getFields())) {
        if (isMutation && random() < 1 / 30) {
          put(field, 1, [REFRESH])
          continue
        }
        put(field, 1 / 7, RULES)
        for (const argument of field.args) {
          if (!hasDefault(argument)) put(argument, 1 / 40, VALUE_RULES)
        }
      }
    }
  }
  return schema
}

/** Gives every field of every object type the same function, so that a test knows when any has run. */
export function resolveAll(schema: GraphQLSchema, resolver: () => unknown): void {
  for (const type of typesOf(schema)) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) field.resolve = resolver
    if (type !== schema.getSubscriptionType()) continue
    for (const field of Object.values(type.getFields())) field.subscribe = resolver
  }
}

function typesOf(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type))
}

/** A guarded value cannot have a default, nor stand in one. */
function typesWithDefaults(schema: GraphQLSchema): ReadonlySet<string> {
  const elements: (GraphQLArgument | GraphQLInputField)[] = typesOf(schema).flatMap((type) => {
    if (isInputObjectType(type)) return Object.values(type.getFields())
    if (!isObjectType(type) && !isInterfaceType(type)) return []
    return Object.values(type.getFields()).flatMap((field) => field.args)
  })
  return new Set(elements.filter(hasDefault).map(({ type }) => getNamedType(type).name))
}

function hasDefault(element: GraphQLArgument | GraphQLInputField): boolean {
  return element.defaultValue !== undefined || element.astNode?.defaultValue !== undefined
}
