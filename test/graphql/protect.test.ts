import { makeExecutableSchema, mergeSchemas } from '@graphql-tools/schema'
import { printSchemaWithDirectives } from '@graphql-tools/utils'
import {
  defaultFieldResolver,
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  graphql,
  isObjectType,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { contextFor, read } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const auth = { directives: { auth: {} } }

/** A code-first schema with everything that a schema can have, and a note in `extensions` wherever one can be. */
function everything(): GraphQLSchema {
  const Money = new GraphQLScalarType({
    name: 'Money',
    description: 'Cents',
    specifiedByURL: 'https://example.org/money',
    serialize: (value) => `${value} ct`,
    parseValue: (value) => Number.parseInt(String(value), 10),
    extensions: { note: 'scalar' },
  })
  const Colour = new GraphQLEnumType({
    name: 'Colour',
    description: 'A colour',
    values: {
      RED: { value: 0xff0000, description: 'red', extensions: { note: 'value' } },
      BLUE: { value: { inner: 'blue' }, deprecationReason: 'too cold' },
    },
    extensions: { note: 'enum' },
  })
  const Paint = new GraphQLInputObjectType({
    name: 'Paint',
    fields: {
      colour: { type: Colour, defaultValue: 0xff0000, description: 'which' },
      layers: { type: new GraphQLNonNull(GraphQLInt), defaultValue: 2, extensions: { note: 'input field' } },
      price: { type: Money, deprecationReason: 'free now' },
    },
    extensions: { note: 'input' },
  })
  const Either = new GraphQLInputObjectType({
    name: 'Either',
    isOneOf: true,
    fields: { a: { type: GraphQLInt }, b: { type: GraphQLInt } },
  })
  const Thing = new GraphQLInterfaceType({
    name: 'Thing',
    description: 'A thing',
    fields: { name: { type: GraphQLString } },
    resolveType: ({ kind }) => kind,
    extensions: { note: 'interface' },
  })
  const Car = new GraphQLObjectType<{ kind: string; name: string }>({
    name: 'Car',
    description: 'A car',
    interfaces: [Thing],
    isTypeOf: ({ kind }) => kind === 'Car',
    fields: {
      name: { type: GraphQLString, description: 'its name', extensions: { ...auth, note: 'guarded' } },
      wheels: {
        type: GraphQLInt,
        deprecationReason: 'always four',
        resolve: () => 4,
        extensions: { note: 'untouched' },
      },
    },
    extensions: { note: 'object' },
  })
  const House = new GraphQLObjectType<{ kind: string }>({
    name: 'House',
    interfaces: [Thing],
    isTypeOf: ({ kind }) => kind === 'House',
    fields: { name: { type: GraphQLString } },
  })
  const Property = new GraphQLUnionType({
    name: 'Property',
    types: [Car, House],
    resolveType: ({ kind }) => kind,
    extensions: { note: 'union' },
  })
  const Query = new GraphQLObjectType({
    name: 'Query',
    fields: {
      thing: { type: Thing, resolve: () => ({ kind: 'Car', name: 'Beetle' }) },
      properties: {
        type: new GraphQLList(Property),
        resolve: () => [
          { kind: 'House', name: 'Hut' },
          { kind: 'Car', name: 'Beetle' },
        ],
      },
      paint: {
        type: GraphQLString,
        description: 'paints',
        args: {
          paint: { type: Paint, defaultValue: { colour: 0xff0000, layers: 1 }, description: 'how' },
          dry: {
            type: GraphQLBoolean,
            defaultValue: false,
            deprecationReason: 'always',
            extensions: { note: 'argument' },
          },
          either: { type: Either },
        },
        resolve: (_, args) => JSON.stringify(args),
        extensions: { ...auth, complexity: 7 },
      },
      colour: { type: Colour, resolve: () => 0xff0000, extensions: auth },
      money: { type: Money, args: { of: { type: Money } }, resolve: (_, { of }) => of, extensions: auth },
    },
  })
  const Subscription = new GraphQLObjectType({
    name: 'Subscription',
    fields: { ticks: { type: GraphQLInt, subscribe: async function* () {}, resolve: Number } },
  })
  return new GraphQLSchema({
    description: 'Everything',
    query: Query,
    subscription: Subscription,
    types: [Car, House],
    extensions: { note: 'schema' },
  })
}

/** Everything that hangs on a schema, by coordinate: functions and values as they are. */
function inventory(schema: GraphQLSchema): Map<string, unknown> {
  const found = new Map<string, unknown>([['schema', schema.extensions]])
  const note = (coordinate: string, element: object) => {
    for (const [name, value] of Object.entries(element)) {
      // What begins with an underscore is graphql's own; 17 keeps values there that it has yet to work out.
      if (name.startsWith('_')) continue
      const isData = typeof value !== 'object' || name === 'extensions' || name === 'astNode'
      if (isData) found.set(`${coordinate} ${name}`, value)
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    note(type.name, type)
    for (const field of Object.values(fieldsOf(type))) {
      note(`${type.name}.${field.name}`, field)
      for (const argument of field.args ?? []) note(`${type.name}.${field.name}(${argument.name}:)`, argument)
    }
  }
  return found
}

interface AnyField {
  readonly name: string
  readonly args?: readonly { readonly name: string }[]
}

function fieldsOf(type: GraphQLNamedType): Record<string, AnyField> {
  return 'getFields' in type ? type.getFields() : {}
}

describe('protect', () => {
  test('changes nothing in the schema that it is given', () => {
    const schema = everything()
    const [before, printed] = [inventory(schema), printSchema(schema)]
    const types = { ...schema.getTypeMap() }
    const guarded = openAuthX().authx.protect(schema)
    expect(guarded).not.toBe(schema)
    expect(schema.getTypeMap()).toEqual(types)
    for (const [name, type] of Object.entries(types)) expect(schema.getType(name)).toBe(type)
    const after = inventory(schema)
    expect([...after.keys()]).toEqual([...before.keys()])
    for (const [coordinate, value] of before) expect(after.get(coordinate), coordinate).toBe(value)
    expect(printSchema(schema)).toBe(printed)
  })

  test('touches only the resolvers of fields with a rule; every other member is the very same', () => {
    const schema = everything()
    const after = inventory(openAuthX().authx.protect(schema))
    const differing = [...inventory(schema)].filter(([coordinate, value]) => after.get(coordinate) !== value)
    expect(
      differing.map(([coordinate]) => coordinate).filter((one) => !/ extensions$| resolve$/.test(one)),
    ).toEqual([])
    expect(differing.map(([coordinate]) => coordinate).filter((one) => / resolve$/.test(one))).toEqual([
      'Car.name resolve',
      'Query.paint resolve',
      'Query.colour resolve',
      'Query.money resolve',
    ])
    for (const [coordinate, value] of differing) {
      if (coordinate.endsWith(' extensions')) expect(after.get(coordinate), coordinate).toEqual(value)
    }
  })

  test('leaves the SDL as it was: descriptions, deprecations, defaults, specifiedBy, oneOf', () => {
    const schema = everything()
    const guarded = openAuthX().authx.protect(schema)
    expect(printSchema(guarded)).toBe(printSchema(schema))
    expect(printSchemaWithDirectives(guarded)).toBe(printSchemaWithDirectives(schema))
    expect(guarded.description).toBe('Everything')
    expect(guarded.extensions).toEqual({ note: 'schema' })
    expect(validateSchema(guarded)).toEqual([])
  })

  test('leaves SDL with custom directives as it was', () => {
    const { authx } = openAuthX()
    const schema = makeExecutableSchema({
      typeDefs: [
        authx.typeDefs,
        `"""the schema""" schema @tag(name: "s") { query: Query }
         directive @tag(name: String = "none") repeatable on SCHEMA | FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION | SCALAR
         directive @cost(of: Int! = 1) on FIELD_DEFINITION
         scalar Date @specifiedBy(url: "https://example.org/date") @tag
         enum Size { BIG @tag(name: "b") SMALL @deprecated(reason: "grew") }
         input Filter { size: Size = BIG @tag since: Date = "2020" many: [Int!] = [1, 2] }
         type Query @tag(name: "a") @tag(name: "b") {
           "described" list(filter: Filter = { size: SMALL } @tag, first: Int = 10): [String!]! @auth(scopes: [["read"]]) @cost(of: 5)
           old: Date @deprecated @optionalToken
         }`,
      ],
    })
    const guarded = authx.protect(schema)
    expect(printSchemaWithDirectives(guarded)).toBe(printSchemaWithDirectives(schema))
    expect(printSchema(guarded)).toBe(printSchema(schema))
    const field = guarded.getQueryType()?.getFields().list
    expect(field?.astNode).toBe(schema.getQueryType()?.getFields().list?.astNode)
  })

  test('answers as before: abstract types, enum values, scalars, defaults of inputs', async () => {
    const { authx } = openAuthX()
    const schema = authx.protect(everything())
    const token = await authx.createAccessToken({ sub: 'ada' })
    const source = `{
      thing { __typename name ... on Car { wheels } }
      properties { __typename ... on House { name } ... on Car { name } }
      paint
      blue: paint(paint: { colour: BLUE, price: 3 })
      one: paint(either: { b: 1 })
      colour
      money(of: 12)
    }`
    const answer = async (schema: GraphQLSchema) =>
      read(await graphql({ schema, source, contextValue: contextFor(authx, token) }))
    expect(await answer(schema)).toEqual(await answer(everything()))
    expect(await answer(schema)).toMatchInlineSnapshot(`
      {
        "data": {
          "blue": "{"paint":{"colour":{"inner":"blue"},"layers":2,"price":3},"dry":false}",
          "colour": "RED",
          "money": "12 ct",
          "one": "{"paint":{"colour":16711680,"layers":1},"dry":false,"either":{"b":1}}",
          "paint": "{"paint":{"colour":16711680,"layers":1},"dry":false}",
          "properties": [
            {
              "__typename": "House",
              "name": "Hut",
            },
            {
              "__typename": "Car",
              "name": "Beetle",
            },
          ],
          "thing": {
            "__typename": "Car",
            "name": "Beetle",
            "wheels": 4,
          },
        },
        "refused": [],
      }
    `)
  })

  test('keeps what libraries put on a type itself', () => {
    const schema = everything()
    const resolveReference = () => ({ kind: 'Car' })
    Object.assign(schema.getType('Car') ?? {}, { resolveReference, _fieldsOrder: ['name'] })
    Object.assign(schema.getType('Money') ?? {}, { codec: resolveReference })
    const guarded = openAuthX().authx.protect(schema)
    expect(guarded.getType('Car')).toMatchObject({ resolveReference, _fieldsOrder: ['name'] })
    expect(guarded.getType('Money')).toMatchObject({ codec: resolveReference })
  })

  test('gives a guarded stream both of its functions, and an open one its own', () => {
    const schema = everything()
    const guarded = openAuthX().authx.protect(schema)
    const ticks = (one: GraphQLSchema) => one.getSubscriptionType()?.getFields().ticks
    expect(ticks(guarded)?.subscribe).toBe(ticks(schema)?.subscribe)
    expect(ticks(guarded)?.resolve).toBe(ticks(schema)?.resolve)
  })

  test('does not give a field without a rule a resolver', () => {
    const schema = openAuthX().authx.protect(everything())
    const house = schema.getType('House')
    expect(isObjectType(house) && house.getFields().name?.resolve).toBeUndefined()
    const car = schema.getType('Car')
    expect(isObjectType(car) && car.getFields().name?.resolve).not.toBe(defaultFieldResolver)
  })

  test('guards types that call each other, in a circle', async () => {
    const { authx } = openAuthX()
    const schema = authx.protect(
      makeExecutableSchema({
        typeDefs: [
          authx.typeDefs,
          'type Query { a: A } type A { b: B self: A } type B @auth { a: A name: String }',
        ],
        resolvers: {
          Query: { a: () => ({}) },
          A: { b: () => ({ name: 'b' }), self: () => ({}) },
          B: { a: () => ({}) },
        },
      }),
    )
    const source = '{ a { self { b { name a { b { name } } } } } }'
    expect(read(await graphql({ schema, source, contextValue: contextFor(authx, undefined) }))).toEqual({
      data: { a: { self: { b: { name: null, a: null } } } },
      refused: ['a.self.b.name: TOKEN_MISSING', 'a.self.b.a: TOKEN_MISSING'],
    })
  })

  test("counts an interface's interface even where a schema that claims to be valid does not name it", async () => {
    const { authx } = openAuthX()
    const fields = { id: { type: GraphQLString } }
    const Base = new GraphQLInterfaceType({ name: 'Base', fields, extensions: auth })
    const Middle = new GraphQLInterfaceType({ name: 'Middle', interfaces: [Base], fields })
    const Leaf = new GraphQLObjectType({ name: 'Leaf', interfaces: [Middle], fields })
    const Other = new GraphQLObjectType({ name: 'Other', interfaces: [Base], fields })
    const query = new GraphQLObjectType({
      name: 'Query',
      fields: { leaf: { type: Leaf, resolve: () => ({ id: '1' }) } },
    })
    const schema = authx.protect(new GraphQLSchema({ query, types: [Leaf, Other], assumeValid: true }))
    expect(
      read(await graphql({ schema, source: '{ leaf { id } }', contextValue: contextFor(authx, undefined) })),
    ).toEqual({ data: { leaf: { id: null } }, refused: ['leaf.id: TOKEN_MISSING'] })
  })

  test('survives what is done to a schema afterwards: sorting and merging', async () => {
    const { authx } = openAuthX()
    const plain = makeExecutableSchema({
      typeDefs: [authx.typeDefs, 'type Query { secret: String @auth }'],
      resolvers: { Query: { secret: () => 's' } },
    })
    const guarded = authx.protect(plain)
    for (const schema of [lexicographicSortSchema(guarded), mergeSchemas({ schemas: [guarded] })]) {
      const answer = await graphql({
        schema,
        source: '{ secret }',
        contextValue: contextFor(authx, undefined),
      })
      expect(read(answer)).toEqual({ data: { secret: null }, refused: ['secret: TOKEN_MISSING'] })
    }
  })

  test('takes a schema of 500 types with 20 fields each, and guards every one that says so', () => {
    const { authx } = openAuthX()
    const names = Array.from({ length: 500 }, (_, index) => `T${index}`)
    const fields = Array.from(
      { length: 20 },
      (_, index) => `f${index}(a: Int = 1): T${index * 7} ${index % 2 ? '@auth' : ''}`,
    )
    const typeDefs = names.map((name) => `type ${name} implements Node { id: ID! ${fields.join(' ')} }`)
    const schema = makeExecutableSchema({
      typeDefs: [authx.typeDefs, 'interface Node { id: ID! } type Query { first: T0 }', ...typeDefs],
    })
    const guarded = authx.protect(schema)
    const resolvers = names.flatMap((name) => {
      const type = guarded.getType(name)
      return isObjectType(type)
        ? Object.values(type.getFields()).filter(({ resolve }) => resolve !== undefined)
        : []
    })
    expect(resolvers).toHaveLength(5000)
    expect(printSchema(guarded)).toBe(printSchema(schema))
  })
})
