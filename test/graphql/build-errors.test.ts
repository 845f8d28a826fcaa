import { makeExecutableSchema } from '@graphql-tools/schema'
import {
  buildASTSchema,
  DirectiveLocation,
  extendSchema,
  GraphQLDirective,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  lexicographicSortSchema,
  parse,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'
import { ConfigurationError } from '../../src/index.ts'
import { openAuthX } from '../harness/instance.ts'

/** Why `protect` refuses a schema. */
function refusal(schema: GraphQLSchema): string {
  try {
    openAuthX().authx.protect(schema)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return (error as Error).message
  }
  throw new Error('protect() took this schema')
}

/** The same for SDL by makeExecutableSchema, which checks neither the values of directives nor their places. */
function refusalOf(typeDefs: string, definitions: string = directiveTypeDefs): string {
  return refusal(makeExecutableSchema({ typeDefs: [definitions, typeDefs], assumeValidSDL: true }))
}

/** The same for a code-first field. */
function refusalOfDirectives(directives: unknown): string {
  const secret = { type: GraphQLString, extensions: { directives } }
  return refusal(new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { secret } }) }))
}

const field = (directive: string) => `type Query { secret: String ${directive} }`

describe('refuses a value of the wrong kind', () => {
  test('as the type', () => {
    expect(refusalOf(field('@auth(type: access)'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: type: access has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!), where TokenType is ACCESS or REFRESH"`,
    )
    expect(refusalOf(field('@auth(type: "ACCESS")'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: type: "ACCESS" has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!), where TokenType is ACCESS or REFRESH"`,
    )
    expect(refusalOf(field('@auth(type: null)'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: type: null has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!), where TokenType is ACCESS or REFRESH"`,
    )
    expect(refusalOf(field('@optionalToken(type: BEARER)'))).toMatchInlineSnapshot(
      `"Query.secret: @optionalToken cannot be read: type: BEARER has the wrong type; it takes (type: TokenType!), where TokenType is ACCESS or REFRESH"`,
    )
  })

  test('as fresh', () => {
    expect(refusalOf(field('@auth(fresh: "yes")'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: fresh: "yes" has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
    expect(refusalOf(field('@auth(fresh: null)'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: fresh: null has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
  })

  test('as scopes', () => {
    expect(refusalOf(field('@auth(scopes: [[1]])'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: scopes: [[1]] has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
    expect(refusalOf(field('@auth(scopes: [[null]])'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: scopes: [[null]] has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
    expect(refusalOf(field('@auth(scopes: READ)'))).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: scopes: READ has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
  })

  test('in extensions.directives', () => {
    expect(refusalOfDirectives({ auth: { type: 'access' } })).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: type: access has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!), where TokenType is ACCESS or REFRESH"`,
    )
    expect(refusalOfDirectives({ auth: { type: null } })).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: type: null has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!), where TokenType is ACCESS or REFRESH"`,
    )
    expect(refusalOfDirectives({ auth: { fresh: 'yes' } })).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: fresh: "yes" has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
    expect(refusalOfDirectives({ auth: [{}, { scopes: [[7]] }] })).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: scopes: [[7]] has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
    expect(refusalOfDirectives([{ name: 'auth', args: { scopes: [['a', 7]] } }])).toMatchInlineSnapshot(
      `"Query.secret: @auth cannot be read: scopes: [["a", 7]] has the wrong type; it takes (type: TokenType!, fresh: Boolean!, scopes: [[String!]!], optional: Boolean!)"`,
    )
    expect(refusalOfDirectives([{ name: 'optionalToken', args: { type: 'BEARER' } }])).toMatchInlineSnapshot(
      `"Query.secret: @optionalToken cannot be read: type: BEARER has the wrong type; it takes (type: TokenType!), where TokenType is ACCESS or REFRESH"`,
    )
  })

  test('in extensions.directives, where the arguments are no object', () => {
    for (const args of [true, null, undefined, 'ACCESS', [true]]) {
      expect(refusalOfDirectives({ auth: args })).toBe(
        "Query.secret: extensions.directives must be { auth: { … } } or [{ name: 'auth', args: { … } }], all plain objects",
      )
    }
    expect(refusalOfDirectives([{ name: 'auth', args: 'ACCESS' }])).toMatchInlineSnapshot(
      `"Query.secret: extensions.directives must be { auth: { … } } or [{ name: 'auth', args: { … } }], all plain objects"`,
    )
    expect(refusalOfDirectives([{ name: 'auth', args: true }])).toMatchInlineSnapshot(
      `"Query.secret: extensions.directives must be { auth: { … } } or [{ name: 'auth', args: { … } }], all plain objects"`,
    )
  })
})

test('refuses an argument that @auth has not', () => {
  expect(refusalOf(field('@auth(requires: ADMIN)'))).toMatchInlineSnapshot(
    `"Query.secret: @auth has no argument "requires"; it has type, fresh, scopes, optional"`,
  )
  expect(refusalOf(field('@auth(scope: [["read"]])'))).toMatchInlineSnapshot(
    `"Query.secret: @auth has no argument "scope"; it has type, fresh, scopes, optional"`,
  )
  expect(refusalOf(field('@optionalToken(fresh: true)'))).toMatchInlineSnapshot(
    `"Query.secret: @optionalToken has no argument "fresh"; it has type"`,
  )
  expect(refusalOfDirectives({ auth: { role: 'ADMIN' } })).toMatchInlineSnapshot(
    `"Query.secret: @auth has no argument "role"; it has type, fresh, scopes, optional"`,
  )
})

describe('refuses scopes', () => {
  test('that ask for nothing', () => {
    expect(refusalOf(field('@auth(scopes: [])'))).toMatchInlineSnapshot(
      `"Query.secret: @auth(scopes:) has an empty list, which asks for nothing; leave it out"`,
    )
    expect(refusalOf(field('@auth(scopes: [["read"], []])'))).toMatchInlineSnapshot(
      `"Query.secret: @auth(scopes:) has an empty list, which asks for nothing; leave it out"`,
    )
    expect(refusalOfDirectives({ auth: { scopes: [] } })).toMatchInlineSnapshot(
      `"Query.secret: @auth(scopes:) has an empty list, which asks for nothing; leave it out"`,
    )
  })

  test('that could break out of a WWW-Authenticate header', () => {
    const message =
      'Query.secret: @auth(scopes:) names a scope that is empty or has a space, a quote or a backslash; one scope, one text'
    for (const scope of [
      '',
      ' ',
      'a b',
      'a"b',
      'a\\b',
      'a\nb',
      'a\r\nX: y',
      'a\u0000',
      'a\u007f',
      'é',
      '\u2028',
    ]) {
      expect(refusalOf(field(`@auth(scopes: [["fine"], ["also", ${JSON.stringify(scope)}]])`))).toBe(message)
      expect(refusalOfDirectives({ auth: { scopes: [[scope]] } })).toBe(message)
    }
  })
})

describe('refuses a definition that is not ours', () => {
  const ours = directiveTypeDefs
  const changed = (find: string, replacement: string): string => {
    expect(ours.split(find).length).toBe(2)
    return ours.replace(find, replacement)
  }

  test('of @auth', () => {
    expect(refusalOf(field('@auth'), 'directive @auth on FIELD_DEFINITION')).toMatchInlineSnapshot(
      `"@auth: this schema defines it otherwise than graphql-authx does; take the definition from authx.typeDefs"`,
    )
    for (const definitions of [
      changed('fresh: Boolean! = false', 'fresh: Boolean! = true'),
      changed('fresh: Boolean! = false', 'fresh: Boolean = false'),
      changed('scopes: [[String!]!]\n', 'scopes: [[String!]!] = [["read"]]\n'),
      changed('scopes: [[String!]!]\n', 'scopes: [[String!]!] role: String\n'),
      changed('  "Any of these groups; within a group all of them."\n  scopes: [[String!]!]\n', ''),
      changed('FIELD_DEFINITION | OBJECT | INTERFACE', 'FIELD_DEFINITION | OBJECT | INTERFACE | UNION'),
      changed(') repeatable on', ') on'),
    ]) {
      expect(refusalOf(field('@auth'), definitions)).toBe(
        '@auth: this schema defines it otherwise than graphql-authx does; take the definition from authx.typeDefs',
      )
    }
  })

  test('of @optionalToken', () => {
    const definitions = changed(') on FIELD_DEFINITION\n', ') on FIELD_DEFINITION | OBJECT\n')
    expect(refusalOf(field('@auth'), definitions)).toMatchInlineSnapshot(
      `"@optionalToken: this schema defines it otherwise than graphql-authx does; take the definition from authx.typeDefs"`,
    )
  })

  test('of TokenType', () => {
    expect(refusalOf(field('@auth'), changed('  REFRESH\n', '  REFRESH\n  ID\n'))).toMatchInlineSnapshot(
      `"TokenType: this schema defines it otherwise than graphql-authx does; take the definition from authx.typeDefs"`,
    )
  })

  test('that was written in code', () => {
    const auth = new GraphQLDirective({ name: 'auth', locations: [DirectiveLocation.FIELD_DEFINITION] })
    const query = new GraphQLObjectType({ name: 'Query', fields: { q: { type: GraphQLString } } })
    expect(refusal(new GraphQLSchema({ query, directives: [auth] }))).toMatchInlineSnapshot(
      `"@auth: this schema defines it otherwise than graphql-authx does; take the definition from authx.typeDefs"`,
    )
  })

  test('but takes ours with other descriptions or none', () => {
    const silent = ours.replaceAll(/"""[^"]*"""|"[^"]*"/g, '')
    const schema = makeExecutableSchema({ typeDefs: [silent, field('@auth')] })
    expect(() => openAuthX().authx.protect(schema)).not.toThrow()
  })

  test('but takes ours in another order', () => {
    const schema = lexicographicSortSchema(makeExecutableSchema({ typeDefs: [ours, field('@auth')] }))
    expect(schema.getDirective('auth')?.args.map(({ name }) => name)).toEqual([
      'fresh',
      'optional',
      'scopes',
      'type',
    ])
    expect(() => openAuthX().authx.protect(schema)).not.toThrow()
  })
})

describe('refuses a directive where it has no effect', () => {
  test.each(['auth', 'optionalToken', 'public'])('@%s', (name) => {
    const onValues: Record<string, string> = {
      'Query.q(arg:)': `type Query { q(arg: Int @${name}): Int }`,
      'Base.q(arg:)': `type Query implements Base { q(arg: Int): Int } interface Base { q(arg: Int @${name}): Int }`,
      'In.field': `type Query { q(in: In): Int } input In { field: Int @${name} }`,
    }
    const places: Record<string, string> = {
      ...(name === 'auth' ? {} : onValues),
      In: `type Query { q(in: In): Int } input In @${name} { field: Int }`,
      Colour: `type Query { q: Colour } enum Colour @${name} { RED }`,
      'Colour.RED': `type Query { q: Colour } enum Colour { RED @${name} BLUE }`,
      Money: `type Query { q: Money } scalar Money @${name}`,
      Either: `type Query { q: Either } type A { a: Int } union Either @${name} = A`,
      schema: `type Query { q: Int } schema @${name} { query: Query }`,
      '@mine(arg:)': `type Query { q: Int } directive @mine(arg: Int @${name}) on FIELD`,
    }
    for (const [coordinate, typeDefs] of Object.entries(places)) {
      expect(refusalOf(typeDefs)).toBe(
        `${coordinate}: @${name} stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)`,
      )
    }
  })

  test('that an extension adds', () => {
    const plain = buildASTSchema(
      parse(
        `${directiveTypeDefs} type Query { q(in: In): Money } input In { x: Int } scalar Money enum E { A } union U = Query`,
      ),
    )
    const extended = (text: string) => refusal(extendSchema(plain, parse(text), { assumeValidSDL: true }))
    expect(extended('extend schema @auth')).toMatchInlineSnapshot(
      `"schema: @auth stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
    expect(extended('extend scalar Money @auth')).toMatchInlineSnapshot(
      `"Money: @auth stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
    expect(extended('extend input In @auth')).toMatchInlineSnapshot(
      `"In: @auth stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
    expect(extended('extend input In { y: Int @public }')).toMatchInlineSnapshot(
      `"In.y: @public stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
    expect(extended('extend enum E { B @optionalToken }')).toMatchInlineSnapshot(
      `"E.B: @optionalToken stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
    expect(extended('extend union U @auth')).toMatchInlineSnapshot(
      `"U: @auth stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
    expect(extended('extend type Query @optionalToken')).toMatchInlineSnapshot(
      `"Query: @optionalToken stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
  })

  test('@optionalToken on a type', () => {
    expect(refusalOf('type Query @optionalToken { q: Int }')).toMatchInlineSnapshot(
      `"Query: @optionalToken stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
    expect(
      refusalOf('type Query implements I { q: Int } interface I @optionalToken { q: Int }'),
    ).toMatchInlineSnapshot(
      `"I: @optionalToken stands here, but it has no effect here; put it on a field (@auth also on an object type, an interface, an argument or an input field, @public on an object type)"`,
    )
  })

  test('@auth on an interface that no type implements, or on its field', () => {
    expect(refusalOf('type Query { q: Int i: I } interface I @auth { q: Int }')).toMatchInlineSnapshot(
      `"I: @auth stands here, but no object type implements I, so nothing is guarded; put the directive on the types that are"`,
    )
    expect(refusalOf('type Query { q: Int i: I } interface I { q: Int @auth }')).toMatchInlineSnapshot(
      `"I.q: @auth stands here, but no object type implements I, so nothing is guarded; put the directive on the types that are"`,
    )
    expect(
      refusalOf('type Query { i: I } interface I { q: Int } interface J implements I @auth { q: Int }'),
    ).toMatchInlineSnapshot(
      `"J: @auth stands here, but no object type implements J, so nothing is guarded; put the directive on the types that are"`,
    )
  })
})

describe('refuses ACCESS and REFRESH on one field', () => {
  test('through its type', () => {
    expect(refusalOf('type Query @auth { secret: String @auth(type: REFRESH) }')).toMatchInlineSnapshot(
      `"Query.secret: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
  })

  test('through an interface, or two', () => {
    expect(
      refusalOf('type Query implements I { q: Int @auth } interface I @auth(type: REFRESH) { q: Int }'),
    ).toMatchInlineSnapshot(
      `"Query.q: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
    expect(
      refusalOf('type Query implements I { q: Int @auth } interface I { q: Int @auth(type: REFRESH) }'),
    ).toMatchInlineSnapshot(
      `"Query.q: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
    expect(
      refusalOf(
        'type Query implements I & J { q: Int } interface I @auth { q: Int } interface J { q: Int @auth(type: REFRESH) }',
      ),
    ).toMatchInlineSnapshot(
      `"Query.q: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
  })

  test('through an extension', () => {
    expect(
      refusalOf('type Query @auth { q: Int } extend type Query @auth(type: REFRESH)'),
    ).toMatchInlineSnapshot(
      `"Query: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
    const plain = buildASTSchema(parse(`${directiveTypeDefs} type Query @auth { q: Int }`))
    expect(
      refusal(extendSchema(plain, parse('extend type Query { refresh: Int @auth(type: REFRESH) }'))),
    ).toMatchInlineSnapshot(
      `"Query.refresh: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
  })

  test('through one field alone', () => {
    expect(refusalOf(field('@auth @auth(type: REFRESH)'))).toMatchInlineSnapshot(
      `"Query.secret: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
    expect(
      refusalOfDirectives([{ name: 'auth' }, { name: 'auth', args: { type: 'REFRESH' } }]),
    ).toMatchInlineSnapshot(
      `"Query.secret: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; look at the field, its type and its interfaces, and keep one"`,
    )
  })
})

test('refuses REFRESH with scopes or fresh, also where they meet only on a field', () => {
  expect(refusalOf(field('@auth(type: REFRESH, fresh: true)'))).toMatchInlineSnapshot(
    `"Query.secret: @auth(type: REFRESH) cannot go with fresh; a refresh token only buys the next pair"`,
  )
  expect(refusalOf(field('@auth(type: REFRESH, scopes: [["read"]])'))).toMatchInlineSnapshot(
    `"Query.secret: @auth(type: REFRESH) cannot go with scopes; a refresh token only buys the next pair"`,
  )
  expect(refusalOf(field('@auth(type: REFRESH) @auth(type: REFRESH, fresh: true)'))).toMatchInlineSnapshot(
    `"Query.secret: @auth(type: REFRESH) cannot go with fresh; a refresh token only buys the next pair"`,
  )
})

describe('refuses two @optionalToken that differ', () => {
  test('on one field', () => {
    expect(
      refusalOfDirectives([{ name: 'optionalToken' }, { name: 'optionalToken', args: { type: 'REFRESH' } }]),
    ).toMatchInlineSnapshot(`"Query.secret: two @optionalToken ask for different types of token; keep one"`)
  })

  test('on a field and its interface', () => {
    expect(
      refusalOf(
        'type Query implements I { q: Int @optionalToken } interface I { q: Int @optionalToken(type: REFRESH) }',
      ),
    ).toMatchInlineSnapshot(
      `"Query.q: the field and its interface ask for different types in @optionalToken; make them the same"`,
    )
  })
})

test('takes what means something, in every spelling that GraphQL allows', () => {
  for (const directive of [
    '@auth',
    '@auth(type: REFRESH)',
    '@auth(type: REFRESH, fresh: false)',
    '@auth(scopes: "read")',
    '@auth(scopes: ["read", "write"])',
    '@auth(scopes: [["read:*", "a.b-c/d=e"], ["!#[]~"]])',

    '@auth @auth(fresh: true)',
    '@optionalToken(type: REFRESH)',
    '@auth @optionalToken',
  ]) {
    const schema = makeExecutableSchema({ typeDefs: [directiveTypeDefs, field(directive)] })
    expect(() => openAuthX().authx.protect(schema), directive).not.toThrow()
  }
})

test('says what it takes instead of SDL or of nothing', () => {
  for (const other of [undefined, 'type Query { a: Int }', {}]) {
    expect(() => openAuthX().authx.protect(other as never)).toThrow(
      /^protect: takes a GraphQLSchema; make one/,
    )
  }
})
