import { readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { buildSchema, printSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'
import { openAuthX } from '../harness/instance.ts'

describe("the directives' SDL", () => {
  test('is that of schema/directives.graphql, word for word', () => {
    expect(directiveTypeDefs).toBe(readFileSync('schema/directives.graphql', 'utf8'))
    expect(openAuthX().authx.typeDefs).toBe(directiveTypeDefs)
  })

  test('describes everything it defines', () => {
    const schema = buildSchema(`${directiveTypeDefs} type Query { q: Int }`)
    const directives = schema
      .getDirectives()
      .filter(({ name }) => ['auth', 'optionalToken', 'public'].includes(name))
    expect(directives).toHaveLength(3)
    for (const described of directives.flatMap((one) => [one, ...one.args])) {
      expect(described.description, described.name).toMatch(/^[A-Z].*\.$/s)
    }
  })

  test('makes graphql refuse what is not enforced: other places and other arguments', () => {
    const build = (typeDefs: string) => () =>
      makeExecutableSchema({ typeDefs: [directiveTypeDefs, typeDefs] })
    expect(build('type Query { q(a: Int @public): Int }')).toThrow('may not be used on ARGUMENT_DEFINITION')
    expect(build('type Query { q(a: In): Int } input In { a: Int @public }')).toThrow(
      'INPUT_FIELD_DEFINITION',
    )
    expect(build('type Query { q: E } enum E @auth { A }')).toThrow('may not be used on ENUM')
    expect(build('type Query @optionalToken { q: Int }')).toThrow('may not be used on OBJECT')
    expect(build('type Query { q: Int @auth(maxAge: 5) }')).toThrow('Unknown argument "maxAge"')
    expect(build('interface I @public { q: Int } type Query implements I { q: Int }')).toThrow('on INTERFACE')
  })

  test('adds nothing else to a schema', () => {
    const typeDefs = 'type Query {\n  q: Int\n}'
    const schema = makeExecutableSchema({ typeDefs: [directiveTypeDefs, typeDefs] })
    expect(printSchema(schema).replaceAll(/\s+/g, ' ')).toBe(
      printSchema(buildSchema(directiveTypeDefs + typeDefs)).replaceAll(/\s+/g, ' '),
    )
    expect(
      Object.keys(schema.getTypeMap())
        .filter((name) => !name.startsWith('__'))
        .sort(),
    ).toEqual(['Boolean', 'Int', 'Query', 'String', 'TokenType'])
  })
})
