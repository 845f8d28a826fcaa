import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isObjectType,
  validateSchema,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthX } from '../../src/authx.ts'
import { annotate, REAL_SCHEMAS, resolveAll, seeded } from '../harness/annotated-schemas.ts'
import { type Server, serve } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'

const SCOPES = ['read', 'audit', 'admin', 'shop:orders', 'shop:all', 'staff', 'write', 'price:write']

describe.each(REAL_SCHEMAS)('$name, with rules at random', ({ build }) => {
  let authx: AuthX
  let whole: GraphQLSchema
  let server: Server

  beforeAll(async () => {
    ;({ authx } = openAuthX({ introspection: 'caller' }))
    const schema = annotate(build(), seeded(20_250_101))
    resolveAll(schema, () => null)
    whole = authx.protect(schema)
    server = await serve(authx, whole)
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await authx.close()
  })

  async function introspect(token?: string): Promise<GraphQLSchema> {
    const answer = await (await server.send({ query: getIntrospectionQuery() }, { token })).json()
    return buildClientSchema((answer as { data: IntrospectionQuery }).data)
  }

  test('is another valid schema for nobody, a user and an admin, each a part of the next', async () => {
    const anonymous = await introspect()
    const user = await introspect(await authx.createAccessToken({ sub: 'ada' }))
    const admin = await introspect(await authx.createAccessToken({ sub: 'ada', scopes: SCOPES }))
    for (const schema of [anonymous, user, admin]) expect(validateSchema(schema)).toEqual([])
    const fields = [anonymous, user, admin, whole].map(fieldsOf)
    const sizes = fields.map((one) => one.size)
    console.log(`fields that nobody, a user, an admin sees, of all: ${sizes.join(', ')}`)
    expect(sizes).toEqual(sizes.toSorted((one, other) => one - other))
    expect(new Set(sizes.slice(0, 3)).size).toBe(3)
    for (const [at, one] of fields.slice(0, 3).entries()) {
      expect([...one].filter((field) => !fields[at + 1]?.has(field))).toEqual([])
    }
    expect(fields[2]).toEqual(fields[3])
  })
})

function fieldsOf(schema: GraphQLSchema): Set<string> {
  return new Set(
    Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !type.name.startsWith('__')
        ? Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)
        : [],
    ),
  )
}
