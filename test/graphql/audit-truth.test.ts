import { makeExecutableSchema } from '@graphql-tools/schema'
import {
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  graphql,
  isIntrospectionType,
  isLeafType,
  isObjectType,
  Kind,
  parse,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import type { DefaultPolicy } from '../../src/core/settings.ts'
import type { AuditEntry } from '../../src/graphql/audit/entry.ts'
import { waysTo } from '../../src/graphql/audit/reach.ts'
import { audit } from '../../src/graphql/audit/report.ts'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'
import { annotate } from '../harness/annotations.ts'
import { contextFor } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const TYPES = `
  interface Node { id: ID }
  interface Content implements Node { id: ID body: String author: User }
  union Found = User | Post | Draft | Team
  type Query { node: Node me: User found: [Found!] posts: [Post] shelf: Shelf hello: String }
  type Mutation { write: Draft join: Payload ping: Int }
  type Payload { ok: Boolean user: User team: Team }
  type User implements Node { id: ID email: String posts: [Post!]! team: Team drafts: [Draft] }
  type Post implements Content & Node { id: ID body: String author: User replies: [Content] }
  type Draft implements Content & Node { id: ID body: String author: User secret: String }
  type Team implements Node { id: ID members: [User] shelf: Shelf }
  type Shelf { books: [Book] owner: Node }
  type Book { title: String writer: User }
`

/** Often enough that a small schema has some of everything. */
const CHANCES = { types: 0.15, fields: 0.15, values: 0 }

/** Gives what is asked for: of an interface or a union the type whose fragment asks. */
const resolve = (_: unknown, __: unknown, ___: unknown, info: GraphQLResolveInfo): unknown => {
  const [asked] = info.fieldNodes[0]?.selectionSet?.selections ?? []
  if (asked?.kind !== Kind.INLINE_FRAGMENT) return 1
  const value = { __typename: asked.typeCondition?.name.value }
  return String(info.returnType).includes('[') ? [value] : value
}

/** A document that takes a way and then a field, each behind a fragment on its owner. */
function documentOf(schema: GraphQLSchema, coordinates: readonly string[]): string {
  const selection = coordinates.reduceRight((inner, coordinate) => {
    const [owner, name] = coordinate.split('.')
    return `{ ... on ${owner} { ${name} ${inner} } }`
  }, '')
  const isMutation = coordinates[0]?.split('.')[0] === schema.getMutationType()?.name
  return `${isMutation ? 'mutation' : 'query'} ${selection}`
}

/** Any way at all, rules or not. */
function everyWay(schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
  return waysTo(
    schema,
    fieldsOf(schema).map(({ owner, name, type }) => ({ coordinate: `${owner.name}.${name}`, owner, type })),
  )
}

function fieldsOf(schema: GraphQLSchema) {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((owner) => !isIntrospectionType(owner))
    .flatMap((owner) => Object.values(owner.getFields()).map(({ name, type }) => ({ owner, name, type })))
}

const isLeaf = (schema: GraphQLSchema, { coordinate }: AuditEntry): boolean => {
  const [owner = '', name = ''] = coordinate.split('.')
  const type = schema.getType(owner)
  const field = isObjectType(type) ? type.getFields()[name] : undefined
  return field !== undefined && isLeafType(getNamedType(field.type))
}

describe.each(['public', 'protected'] as const)(
  "under defaultPolicy '%s'",
  (defaultPolicy: DefaultPolicy) => {
    test.each(Array.from({ length: 12 }, (_, seed) => seed))(
      'a caller without a token gets exactly what the audit calls within reach, by the ways that it names: seed %i',
      async (seed) => {
        const { authx } = openAuthX({ defaultPolicy })
        const typeDefs = [parse(directiveTypeDefs), annotate(parse(TYPES), seed, CHANCES)]
        const schema = makeExecutableSchema({ typeDefs })
        for (const { owner, name } of fieldsOf(schema))
          Object.assign(owner.getFields()[name] ?? {}, { resolve })
        const guarded = authx.protect(schema)
        const every = everyWay(schema)
        const leaves = audit(schema, { defaultPolicy }).entries.filter((entry) => isLeaf(schema, entry))
        expect(leaves.length).toBe(12)
        for (const { coordinate, path } of leaves) {
          const way = path ?? every.get(coordinate.split('.')[0] ?? '') ?? []
          const source = documentOf(schema, [...way, coordinate])
          const contextValue = contextFor(authx, undefined)
          const answer = await graphql({ schema: guarded, source, contextValue })
          const said = answer.errors?.map(({ extensions, message }) => extensions.reason ?? message) ?? []
          expect([source, said]).toEqual([source, path === null ? ['TOKEN_MISSING'] : []])
        }
      },
    )
  },
)
