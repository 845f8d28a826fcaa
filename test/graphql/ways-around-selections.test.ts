import { describe, expect, test } from 'vitest'
import { EXECUTORS, type Resolvers, reach } from '../harness/graphql.ts'

const PETS = `
  type Query { pet: Pet animal: Animal anything: Anything node(id: ID!): Node pets: [Pet] grid: [[Pet!]!] open: String }
  interface Node { id: ID! }
  interface Animal { sound: String }
  type Pet implements Node & Animal @auth { id: ID! sound: String name: String friend: Pet }
  type Stone implements Node { id: ID! weight: Int }
  union Anything = Pet | Stone
`
const rex = { __typename: 'Pet', id: '1', sound: 'wuff', name: 'Rex', friend: () => rex }
const petResolvers: Resolvers = {
  Query: {
    pet: () => rex,
    animal: () => rex,
    anything: () => rex,
    node: () => rex,
    pets: () => [rex, rex],
    grid: () => [[rex], [rex, rex]],
    open: () => 'open',
  },
}

describe.each(EXECUTORS)('in $executor, a rule holds', ({ open }) => {
  test('for a type that is reached by its name', async () => {
    await using api = await reach(open, PETS, petResolvers)
    expect(await api.query('{ pet { name } open }')).toEqual({
      data: { pet: { name: null }, open: 'open' },
      refused: ['pet.name: TOKEN_MISSING'],
    })
    expect(await api.query('{ pet { name } open }', api)).toEqual({
      data: { pet: { name: 'Rex' }, open: 'open' },
      refused: [],
    })
  })

  test('for a type that is reached through an interface', async () => {
    await using api = await reach(open, PETS, petResolvers)
    expect(await api.query('{ animal { sound } }')).toEqual({
      data: { animal: { sound: null } },
      refused: ['animal.sound: TOKEN_MISSING'],
    })
    expect(await api.query('{ animal { sound } }', api)).toEqual({
      data: { animal: { sound: 'wuff' } },
      refused: [],
    })
  })

  test('for a type that is reached through a union', async () => {
    await using api = await reach(open, PETS, petResolvers)
    const document = '{ anything { __typename ... on Pet { name } ... on Stone { weight } } }'
    expect(await api.query(document)).toEqual({
      data: { anything: { __typename: 'Pet', name: null } },
      refused: ['anything.name: TOKEN_MISSING'],
    })
    expect(await api.query(document, api)).toMatchObject({ data: { anything: { name: 'Rex' } }, refused: [] })
  })

  test('for a type that is reached through node(id)', async () => {
    await using api = await reach(open, PETS, petResolvers)
    const document = '{ node(id: "1") { id ... on Pet { name } } }'
    expect(await api.query(document)).toEqual({
      data: { node: null },
      refused: ['node.id: TOKEN_MISSING'],
    })
    expect(await api.query(document, api)).toEqual({ data: { node: { id: '1', name: 'Rex' } }, refused: [] })
  })

  test('for a field that stands in an inline or a named fragment', async () => {
    await using api = await reach(open, 'type Query { secret: String @auth open: String }', {
      Query: { secret: () => 's', open: () => 'o' },
    })
    const document =
      'query { ... { secret } ... on Query { a: secret } ...F } fragment F on Query { b: secret open }'
    expect(await api.query(document)).toEqual({
      data: { secret: null, a: null, b: null, open: 'o' },
      refused: ['secret: TOKEN_MISSING', 'a: TOKEN_MISSING', 'b: TOKEN_MISSING'],
    })
    expect(await api.query(document, api)).toEqual({
      data: { secret: 's', a: 's', b: 's', open: 'o' },
      refused: [],
    })
  })

  test('for a field under an alias, also one that is called like an open field', async () => {
    await using api = await reach(open, PETS, petResolvers)
    expect(await api.query('{ open: pet { __typename: name } }')).toEqual({
      data: { open: { __typename: null } },
      refused: ['open.__typename: TOKEN_MISSING'],
    })
    expect(await api.query('{ open: pet { id: name } }', api)).toEqual({
      data: { open: { id: 'Rex' } },
      refused: [],
    })
  })

  test('for every element of a list', async () => {
    await using api = await reach(open, PETS, petResolvers)
    expect(await api.query('{ pets { name } }')).toEqual({
      data: { pets: [{ name: null }, { name: null }] },
      refused: ['pets.0.name: TOKEN_MISSING', 'pets.1.name: TOKEN_MISSING'],
    })
    expect(await api.query('{ pets { name } }', api)).toMatchObject({
      data: { pets: [{ name: 'Rex' }, { name: 'Rex' }] },
    })
  })

  test('for every element of a list of lists', async () => {
    await using api = await reach(open, PETS, petResolvers)
    expect(await api.query('{ grid { name } }')).toEqual({
      data: { grid: [[{ name: null }], [{ name: null }, { name: null }]] },
      refused: [
        'grid.0.0.name: TOKEN_MISSING',
        'grid.1.0.name: TOKEN_MISSING',
        'grid.1.1.name: TOKEN_MISSING',
      ],
    })
    expect(await api.query('{ grid { name } }', api)).toMatchObject({ refused: [] })
  })

  test('at any depth of a selection', async () => {
    await using api = await reach(
      open,
      'type Query { chain: Link } type Link { next: Link secret: String @auth }',
      { Query: { chain: () => ({}) }, Link: { next: () => ({}), secret: () => 's' } },
    )
    const deep = (depth: number): string => (depth === 0 ? 'secret' : `next { ${deep(depth - 1)} }`)
    expect((await api.query(`{ chain { ${deep(30)} } }`)).refused).toEqual([
      `chain.${'next.'.repeat(30)}secret: TOKEN_MISSING`,
    ])
    expect((await api.query(`{ chain { ${deep(30)} } }`, api)).refused).toEqual([])
  })

  test('for a field whose selection depends on @include and @skip', async () => {
    await using api = await reach(open, PETS, petResolvers)
    const document =
      'query ($yes: Boolean!, $no: Boolean!) { pet { name @include(if: $yes) id2: sound @skip(if: $no) sound @skip(if: $yes) } }'
    const variables = { yes: true, no: false }
    expect(await api.query(document, { variables })).toEqual({
      data: { pet: { name: null, id2: null } },
      refused: ['pet.name: TOKEN_MISSING', 'pet.id2: TOKEN_MISSING'],
    })
    expect(await api.query(document, { variables, token: api.token })).toEqual({
      data: { pet: { name: 'Rex', id2: 'wuff' } },
      refused: [],
    })
  })
})
